// TopicSelection: a topic, or some of its partitions, as people write them: "orders", "orders:0", "orders:0,2-5".

import KafkaClient

struct TopicSelection: Equatable {
    let topic: String
    /// Ascending; nil is all of them.
    let partitions: [Int32]?

    /// nil if it is not of this form.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let topic = parts.first, !topic.isEmpty else { return nil }
        self.topic = String(topic)
        guard parts.count == 2 else {
            partitions = nil
            return
        }
        var numbers: Set<Int32> = []
        for piece in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            let ends = piece.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Int32($0) }
            guard let first = ends[0], let last = ends.count == 2 ? ends[1] : first, first >= 0, last >= first,
                last - first < Self.rangeMax
            else { return nil }
            numbers.formUnion(first...last)
        }
        partitions = numbers.sorted()
    }

    private static let rangeMax: Int32 = 100_000

    /// The partitions that are meant.
    /// - Parameter all: of the topic.
    func chosen(from all: [TopicPartition]) -> [TopicPartition] {
        partitions.map { $0.map { TopicPartition(topic, $0) } } ?? all
    }

    /// "orders:0-2,5 clicks:1".
    static func text(_ partitions: [TopicPartition]) -> String {
        partitions.grouped().map { "\($0.topic):\(runs($0.partitions))" }.joined(separator: " ")
    }

    private static func runs(_ numbers: [Int32]) -> String {
        var runs: [ClosedRange<Int32>] = []
        for number in numbers {
            if let last = runs.last, last.upperBound + 1 == number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
