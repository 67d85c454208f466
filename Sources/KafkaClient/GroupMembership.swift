// GroupMembership: what a member of a classic group is in the middle of, and what follows from each answer.
//
// No network and no clock: `next` says what to ask the coordinator, `received...` takes the answer and says how to go on.
//
//   joining --JoinGroup, leader--> assigning --counts known--> syncing --SyncGroup--> stable
//      ^    --JoinGroup, follower----------------------------> syncing                  |
//      |                                                          |                     |
//      +---- REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID --------------+
//
// Threads: a plain value. Source: the Kafka protocol guide, JoinGroup, SyncGroup, Heartbeat; KIP-394 (MEMBER_ID_REQUIRED).

import KafkaProtocol

package struct GroupMembership: Sendable {
    package enum Phase: Equatable, Sendable {
        case joining
        /// This member leads: it has to know how many partitions the topics have.
        case assigning([RangeAssignor.Member])
        /// The leader hands out assignments by member id; a follower has none.
        case syncing([String: [TopicPartition]])
        case stable([TopicPartition])
    }

    /// How to go on after an answer.
    package enum Verdict: Equatable, Sendable {
        case goOn
        /// The same again, after a pause.
        case pause
        /// Another broker coordinates the group now; after a pause.
        case findCoordinator
    }

    package let group: String
    package let topics: [String]
    package let sessionTimeoutMilliseconds: Int
    package let rebalanceTimeoutMilliseconds: Int
    package private(set) var phase = Phase.joining
    /// Empty before the coordinator gave one.
    package private(set) var memberID = ""
    /// -1 outside of a generation.
    package private(set) var generation: Int32 = -1
    package private(set) var isLeader = false

    package init(
        group: String, topics: [String], sessionTimeoutMilliseconds: Int = 15_000,
        rebalanceTimeoutMilliseconds: Int = 60_000
    ) {
        self.group = group
        self.topics = topics
        self.sessionTimeoutMilliseconds = sessionTimeoutMilliseconds
        self.rebalanceTimeoutMilliseconds = rebalanceTimeoutMilliseconds
    }

    package var isStable: Bool {
        if case .stable = phase { return true }
        return false
    }

    // MARK: Requests

    package var joinRequest: JoinGroupRequest {
        JoinGroupRequest(
            groupID: group, sessionTimeoutMs: Int32(clamping: sessionTimeoutMilliseconds),
            rebalanceTimeoutMs: Int32(clamping: rebalanceTimeoutMilliseconds), memberID: memberID,
            protocolType: ConsumerProtocol.type,
            protocols: [
                JoinGroupRequest.JoinGroupRequestProtocol(
                    name: RangeAssignor.name, metadata: ConsumerProtocol.encodeSubscription(topics))
            ])
    }

    package func syncRequest(_ assignments: [String: [TopicPartition]]) -> SyncGroupRequest {
        SyncGroupRequest(
            groupID: group, generationID: generation, memberID: memberID, protocolType: ConsumerProtocol.type,
            protocolName: RangeAssignor.name,
            assignments: assignments.sorted { $0.key < $1.key }.map { member, partitions in
                SyncGroupRequest.SyncGroupRequestAssignment(
                    memberID: member, assignment: ConsumerProtocol.encodeAssignment(partitions))
            })
    }

    package var heartbeatRequest: HeartbeatRequest {
        HeartbeatRequest(groupID: group, generationID: generation, memberID: memberID)
    }

    /// nil before the coordinator knows this member. Version 3 and later name members in a list, earlier ones a single one.
    package var leaveRequest: LeaveGroupRequest? {
        guard !memberID.isEmpty else { return nil }
        return LeaveGroupRequest(
            groupID: group, memberID: memberID,
            members: [LeaveGroupRequest.MemberIdentity(memberID: memberID, reason: "the command ends")])
    }

    // MARK: Answers

    package mutating func received(_ response: JoinGroupResponse) throws(ClientError) -> Verdict {
        guard response.errorCode == .none else {
            // The coordinator has made up an id and wants to hear it before it counts us in.
            if response.errorCode == .memberIDRequired {
                memberID = response.memberID
                return .goOn
            }
            return try verdict(on: response.errorCode, "join")
        }
        memberID = response.memberID
        generation = response.generationID
        isLeader = response.leader == response.memberID
        if isLeader && !response.skipAssignment {
            phase = .assigning(
                response.members.map {
                    RangeAssignor.Member(
                        id: $0.memberID, instanceID: $0.groupInstanceID,
                        topics: ConsumerProtocol.decodeSubscription($0.metadata) ?? [])
                })
        } else {
            phase = .syncing([:])
        }
        return .goOn
    }

    /// Computes what everybody gets.
    package mutating func assign(partitionCounts: [String: Int32]) {
        guard case .assigning(let members) = phase else { preconditionFailure("only a leader assigns") }
        phase = .syncing(RangeAssignor.assign(members, partitionCounts: partitionCounts))
    }

    package mutating func received(_ response: SyncGroupResponse) throws(ClientError) -> Verdict {
        guard response.errorCode == .none else { return try verdict(on: response.errorCode, "join") }
        guard let partitions = ConsumerProtocol.decodeAssignment(response.assignment) else {
            throw ClientError(
                .malformedAnswer, "the assignment from the leader of group \"\(group)\" cannot be read")
        }
        phase = .stable(partitions.filter { topics.contains($0.topic) })
        return .goOn
    }

    /// - Parameter asked: the generation that the heartbeat spoke of; an answer about an earlier one says nothing any more.
    package mutating func receivedHeartbeat(
        _ code: ErrorCode, generation asked: Int32
    ) throws(ClientError) -> Verdict {
        guard code != .none, asked == generation, isStable else { return .goOn }
        return try verdict(on: code, "stay in")
    }

    package mutating func receivedCommit(_ code: ErrorCode) throws(ClientError) -> Verdict {
        code == .none ? .goOn : try verdict(on: code, "commit offsets of")
    }

    /// Makes this member join again: the partitions of a topic have changed.
    package mutating func rejoin() { phase = .joining }

    private mutating func verdict(on code: ErrorCode, _ what: String) throws(ClientError) -> Verdict {
        switch code {
        case .rebalanceInProgress:
            phase = .joining
            return .goOn
        case .illegalGeneration:
            phase = .joining
            generation = -1
            return .goOn
        case .unknownMemberID:
            phase = .joining
            generation = -1
            memberID = ""
            // A pause: a coordinator that forgets us each time must not be asked in a tight loop.
            return .pause
        case .coordinatorLoadInProgress: return .pause
        case .notCoordinator, .coordinatorNotAvailable: return .findCoordinator
        case .inconsistentGroupProtocol:
            throw .refused(
                "cannot \(what) group \"\(group)\"", code,
                "its members do not all know the \"\(RangeAssignor.name)\" assignor, or it is no group of consumers")
        default: throw .refused("cannot \(what) group \"\(group)\"", code)
        }
    }
}
