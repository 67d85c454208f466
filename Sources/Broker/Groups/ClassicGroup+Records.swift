// A classic group in its record: what is stored at each new generation, and what a restart makes of it.

import KafkaProtocol
import OrderedCollections

extension ClassicGroup {
    /// The record of the group as it is now. The wall time of the change is put in where it is stored.
    var metadataRecord: GroupRecord {
        .groupMetadata(
            GroupMetadataKey(group: id),
            GroupMetadataValue(
                protocolType: protocolType ?? "", generation: generation, protocolName: protocolName, leader: leaderID,
                members: members.values.map { member in
                    .init(
                        memberID: member.id, groupInstanceID: member.instanceID, clientID: member.client.id,
                        clientHost: member.client.host, rebalanceTimeout: Int32(clamping: member.rebalanceTimeout),
                        sessionTimeout: Int32(clamping: member.sessionTimeout),
                        subscription: member.metadata(of: protocolName), assignment: member.assignment)
                }))
    }

    /// The group as a restart finds it: stable or empty. Members have a session timeout to be heard of; what else they would
    /// support than the protocol in force is not stored, and comes with their next JoinGroup.
    init(id: String, limits: GroupLimits, restoring value: GroupMetadataValue, now: Int64) {
        self.init(id: id, limits: limits)
        generation = value.generation
        protocolType = value.protocolType.isEmpty ? nil : value.protocolType
        protocolName = value.protocolName
        leaderID = value.leader
        for stored in value.members {
            members[stored.memberID] = ClassicMember(
                id: stored.memberID, instanceID: stored.groupInstanceID,
                client: GroupClient(id: stored.clientID, host: stored.clientHost),
                sessionTimeout: Int64(stored.sessionTimeout), rebalanceTimeout: Int64(stored.rebalanceTimeout),
                protocols: [.init(name: value.protocolName ?? "", metadata: stored.subscription)],
                assignment: stored.assignment, sessionDeadline: now + Int64(stored.sessionTimeout))
        }
        phase = members.isEmpty ? .empty : .stable
        if members[leaderID ?? ""] == nil { leaderID = members.keys.first }
    }
}
