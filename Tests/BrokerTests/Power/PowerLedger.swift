// What a broker owes its clients: everything that it has acknowledged, and what it was asked for and may have done.
//
// Thread rule: a plain value; a copy taken at the moment of a power cut says what must be there afterwards.

import KafkaProtocol

struct PowerLedger: Sendable {
    struct PartitionKey: Hashable, Sendable {
        let topic: Uuid
        let partition: Int32
    }

    struct TopicState: Equatable, Sendable {
        /// nil while its creation is not answered.
        var id: Uuid?
        var partitions: Int32
        var overrides: [String: String]
    }

    struct PartitionState: Sendable {
        /// Numbers of the records by offset, acknowledged at acks=all or found on the disk.
        var durable: [Int64: Int] = [:]
        /// Acknowledged at acks=1: survives a killed process, not a power cut.
        var written: [Int64: Int] = [:]
        /// Everything that may ever appear.
        var sent: Set<Int> = []
        var start: Int64 = 0
        var askedStart: Int64?
    }

    struct OffsetKey: Hashable, Sendable {
        let group: String
        let topic: Uuid
        let partition: Int32
    }

    struct OffsetState: Sendable {
        var acknowledged: Int64?
        var asked: Int64?
    }

    /// An idempotent producer that writes at acks=all and repeats what was not acknowledged.
    struct Producer: Sendable {
        struct Batch: Sendable {
            let sequence: Int32
            let numbers: [Int]
        }
        let id: Int64
        let key: PartitionKey
        var nextSequence: Int32 = 0
        var unacknowledged: [Batch] = []
    }

    var topics: [String: TopicState] = [:]
    /// The change of a topic that is under way; nil as its new state stands for its deletion.
    var change: (topic: String, new: TopicState?)?
    var partitions: [PartitionKey: PartitionState] = [:]
    var offsets: [OffsetKey: OffsetState] = [:]
    var producerIDs: Set<Int64> = []
    var producers: [Producer] = []
    var nextNumber = 1

    /// What record number `number` holds: the same wherever it is asked for.
    static func value(_ number: Int) -> String {
        "\(number) " + String(repeating: Character(UnicodeScalar(UInt8(97 + number % 26))), count: number * 7919 % 700)
    }

    /// Numbers for new records, noted as sent before anything is sent.
    mutating func takeNumbers(_ count: Int, for key: PartitionKey) -> [Int] {
        let numbers = Array(nextNumber..<nextNumber + count)
        nextNumber += count
        partitions[key, default: PartitionState()].sent.formUnion(numbers)
        return numbers
    }

    mutating func noteAcknowledged(_ numbers: [Int], at baseOffset: Int64, for key: PartitionKey, durable: Bool) {
        for (index, number) in numbers.enumerated() {
            let offset = baseOffset + Int64(index)
            partitions[key]?.written[offset] = number
            if durable { partitions[key]?.durable[offset] = number }
        }
    }

    mutating func forget(_ topic: Uuid) {
        for key in partitions.keys where key.topic == topic { partitions[key] = nil }
        for key in offsets.keys where key.topic == topic { offsets[key] = nil }
        producers.removeAll { $0.key.topic == topic }
    }
}
