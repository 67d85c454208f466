import KafkaProtocol
import TestSupport
import Testing

@testable import Broker

/// Members that come, go, are killed, are slow and lose responses, while topics change and the broker restarts: no partition is
/// ever with two of them, and when they are left in peace everybody has its part.
@Suite struct ConsumerScheduleTests {
    /// A partition by topic id: a topic that is deleted and created again has other ones.
    struct Part: Hashable {
        let topic: Uuid
        let partition: Int32
    }

    /// A consumer as clients are: it keeps to what it is told, in its own time.
    final class Client {
        let id: String
        let instance: String?
        var topics: [String]
        var epoch: Int32 = 0
        var owned: Set<Part> = []
        /// What it was told to have.
        var told: Set<Part> = []
        var isInGroup = false
        /// What it said last may not have been heard: then it says everything.
        var mustTellAll = true
        var silentUntil: Int64 = 0

        init(id: String, instance: String?, topics: [String]) {
            self.id = id
            self.instance = instance
            self.topics = topics
        }

        func forget() {
            epoch = 0
            owned = []
            told = []
            mustTellAll = true
        }
    }

    final class Schedule {
        let script = ConsumerScript(topics: ["t": 5, "u": 3])
        var clients: [Client] = []
        var random: SeededGenerator
        private var nextID = 1
        private var nextTopic = 1

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed, label: "consumer schedule")
            script.limits.consumerSessionTimeout = 10_000
        }

        func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

        // MARK: What clients do

        func beat(_ client: Client, responsesGetLost: Bool) throws {
            let isJoin = client.epoch == 0
            let tellsAll = isJoin || client.mustTellAll || chance(10)
            var request = script.request(
                client.id, epoch: client.epoch, topics: tellsAll ? client.topics : nil, instance: client.instance,
                rebalance: tellsAll ? 6_000 : -1)
            request.topicPartitions = Dictionary(grouping: client.owned, by: \.topic).map { topic, parts in
                .init(topicID: topic, partitions: parts.map(\.partition))
            }
            do {
                let response = try script.send(request)
                if responsesGetLost && chance(10) {
                    client.mustTellAll = true
                    return
                }
                client.isInGroup = true
                client.mustTellAll = false
                client.epoch = response.memberEpoch
                if let assignment = response.assignment {
                    client.told = Set(
                        assignment.topicPartitions.flatMap { part in
                            part.partitions.map { Part(topic: part.topicID, partition: $0) }
                        })
                }
            } catch let error as GroupError {
                switch error.code {
                case .fencedMemberEpoch, .unknownMemberID: client.forget()
                case .unreleasedInstanceID: break
                default: throw error
                }
            }
        }

        /// Revokes first; only when that is done, it takes what is new. While its last request has no answer it takes nothing:
        /// the group may have taken back what the client has not taken yet, and KIP-848 has no way to ask.
        func settle(_ client: Client) {
            if client.owned.isSubset(of: client.told) {
                if !client.mustTellAll { client.owned = client.told }
            } else if chance(60) {
                client.owned.formIntersection(client.told)
            }
        }

        func add() {
            // After a restart of its process a static member has another id.
            let instance = chance(30) ? "i\(Int.random(in: 1...3, using: &random))" : nil
            guard instance == nil || !clients.contains(where: { $0.instance == instance }) else { return }
            let topics = chance(70) ? ["t", "u"] : chance(50) ? ["t"] : ["u", "new-1"]
            clients.append(Client(id: "m\(nextID)", instance: instance, topics: topics))
            nextID += 1
        }

        func leave(_ client: Client) throws {
            clients.removeAll { $0 === client }
            guard client.epoch > 0 else { return }
            let epoch: Int32 = client.instance == nil || chance(50) ? -1 : -2
            do { try script.beat(client.id, epoch: epoch, instance: client.instance) } catch let error as GroupError {
                #expect(error.code == .unknownMemberID || error.code == .fencedInstanceID)
            }
        }

        func changeTopics() {
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                script.topics.create("new-\(nextTopic)", partitions: 2)
                nextTopic += 1
            case 1: script.topics.grow("t", to: (script.topics.byName["t"]?.partitionCount ?? 1) + 1)
            case 2: script.topics.delete("u")
            default: if script.topics.byName["u"] == nil { script.topics.create("u", partitions: 4) }
            }
        }

        // MARK: The run

        func run(steps: Int) throws {
            for _ in 0..<steps {
                switch Int.random(in: 0..<100, using: &random) {
                case 0..<5: if clients.count < 8 { add() }
                case 5..<7: if let client = clients.randomElement(using: &random) { try leave(client) }
                case 7..<9: clients.removeAll { _ in chance(20) }
                case 9..<11:
                    clients.randomElement(using: &random)?.silentUntil =
                        script.now + Int64.random(in: 1_000...20_000, using: &random)
                case 11..<14: changeTopics()
                case 14..<16: try script.restart()
                case 16..<18: clients.randomElement(using: &random)?.topics = chance(50) ? ["t"] : ["t", "u"]
                default: break
                }
                try script.advance(Int64.random(in: 0...400, using: &random))
                for client in clients where client.silentUntil <= script.now && chance(50) {
                    settle(client)
                    try beat(client, responsesGetLost: true)
                    settle(client)
                }
                check()
            }
        }

        /// Nobody owns what another owns, those aside that were dropped and do not know it yet.
        func check() {
            guard case .consumer(let group)? = script.group?.membership else { return }
            var seen: [Part: String] = [:]
            for client in clients where group.members[client.id] != nil {
                for part in client.owned {
                    #expect(seen[part] == nil, "\(part) is with \(client.id) and \(seen[part] ?? "")")
                    seen[part] = client.id
                }
            }
        }

        /// Left in peace, everybody comes to have its target, and everything that is wanted is with somebody.
        func converge() throws {
            if clients.isEmpty { add() }
            for client in clients { client.silentUntil = 0 }
            for _ in 0..<120 {
                try script.advance(500)
                for client in clients {
                    client.mustTellAll = true
                    if client.owned.isSubset(of: client.told) {
                        client.owned = client.told
                    } else {
                        client.owned.formIntersection(client.told)
                    }
                    try beat(client, responsesGetLost: false)
                    client.owned.formIntersection(client.told)
                }
                check()
            }
            let group = try script.consumer
            #expect(group.stateName == "Stable" && Set(group.members.keys) == Set(clients.map(\.id)))
            for client in clients {
                let target = group.targets[client.id]?.byTopic.flatMap { topic, partitions in
                    partitions.map { Part(topic: topic, partition: $0) }
                }
                #expect(Set(target ?? []) == client.told && client.told == client.owned)
            }
            var wanted: Set<Part> = []
            for topic in Set(clients.flatMap(\.topics)).compactMap({ script.topics.byName[$0] }) {
                for partition in 0..<topic.partitionCount { wanted.insert(Part(topic: topic.id, partition: partition)) }
            }
            #expect(wanted == clients.reduce(into: Set()) { $0.formUnion($1.owned) })
        }
    }

    @Test(arguments: UInt64(0)..<12) func noPartitionIsWithTwoAndAllSettles(_ seed: UInt64) throws {
        let schedule = Schedule(seed: seed)
        for _ in 0..<4 {
            try schedule.run(steps: 120)
            try schedule.converge()
        }
    }
}
