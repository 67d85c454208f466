import KafkaClient
import KafkaRecords
import TestSupport
import Testing

@Suite struct BatchAccumulatorTests {
    private func append(
        _ value: String, key: String? = nil, partition: Int32? = nil, to accumulator: inout BatchAccumulator
    ) throws {
        let bytes = Array(value.utf8)
        let keyBytes = key.map { Array($0.utf8) }
        if let keyBytes {
            try accumulator.append(
                timestamp: 5, key: keyBytes.span.bytes, value: bytes.span.bytes, partition: partition)
        } else {
            try accumulator.append(timestamp: 5, key: nil, value: bytes.span.bytes, partition: partition)
        }
    }

    @Test func nothingIsReadyBeforeABatchIsFull() throws {
        var accumulator = BatchAccumulator(partitions: [0, 1], compression: .none, batchMaxBytes: 1000)
        try append("a", partition: 1, to: &accumulator)
        #expect(!accumulator.hasReadyBatches)
        #expect(accumulator.openBytes > 0)
        #expect(accumulator.takeRequest(maxBytes: 1000).isEmpty)
        try accumulator.closeAll()
        #expect(accumulator.openBytes == 0)
        let taken = accumulator.takeRequest(maxBytes: 1000)
        #expect(taken.map(\.partition) == [1])
        #expect(try BatchFixtures.records(in: taken[0].bytes).map(\.value) == [Array("a".utf8)])
    }

    @Test func batchesStayWithinTheirLimitAndKeepTheOrder() throws {
        var accumulator = BatchAccumulator(partitions: [0], compression: .none, batchMaxBytes: 2000)
        for index in 0..<100 { try append("\(index) " + String(repeating: "x", count: 90), to: &accumulator) }
        try accumulator.closeAll()
        var values: [String] = []
        while true {
            let request = accumulator.takeRequest(maxBytes: 1 << 20)
            if request.isEmpty { break }
            // One partition: one batch a request, however much room there is.
            #expect(request.count == 1)
            #expect(request[0].bytes.count <= 2000)
            let records = try BatchFixtures.records(in: request[0].bytes)
            #expect(records.count == request[0].recordCount)
            values += records.compactMap { $0.value.map { String(decoding: $0, as: UTF8.self) } }
        }
        #expect(values.map { Int($0.split(separator: " ")[0]) } == (0..<100).map { $0 })
    }

    @Test func aLargeRecordMakesABatchAlone() throws {
        var accumulator = BatchAccumulator(partitions: [0], compression: .none, batchMaxBytes: 1000)
        try append("small", to: &accumulator)
        try append(String(repeating: "x", count: 5000), to: &accumulator)
        try append("small", to: &accumulator)
        try accumulator.closeAll()
        var counts: [Int] = []
        while let batch = accumulator.takeRequest(maxBytes: 10).first { counts.append(batch.recordCount) }
        #expect(counts == [1, 1, 1])
    }

    @Test func aRequestHasOneBatchAPartitionAndItsLimit() throws {
        var accumulator = BatchAccumulator(partitions: [0, 1, 2], compression: .none, batchMaxBytes: 300)
        for _ in 0..<4 {
            for partition: Int32 in 0..<3 {
                try append(String(repeating: "x", count: 200), partition: partition, to: &accumulator)
            }
        }
        try accumulator.closeAll()
        let wide = accumulator.takeRequest(maxBytes: 1 << 20)
        #expect(wide.map(\.partition).sorted() == [0, 1, 2])
        let narrow = accumulator.takeRequest(maxBytes: 600)
        #expect(narrow.count == 2)
        // The batch that did not fit comes next, before later ones of its partition.
        let left = Set([0, 1, 2]).subtracting(narrow.map(\.partition))
        #expect(accumulator.takeRequest(maxBytes: 10).map(\.partition) == Array(left))
    }

    @Test(arguments: Compression.allCases)
    func everyCodecComesBack(codec: Compression) throws {
        var accumulator = BatchAccumulator(partitions: [0], compression: codec, batchMaxBytes: 1 << 20)
        for index in 0..<50 { try append("value \(index)", key: "key \(index)", to: &accumulator) }
        try accumulator.closeAll()
        let batch = try #require(accumulator.takeRequest(maxBytes: 1).first)
        let records = try BatchFixtures.records(in: batch.bytes)
        #expect(records.count == 50)
        #expect(records.last?.key == Array("key 49".utf8))
        #expect(records.allSatisfy { $0.timestamp == 5 })
    }

    @Test func keysGoWhereThePartitionerSays() throws {
        var accumulator = BatchAccumulator(partitions: [0, 1, 2, 3], compression: .none, batchMaxBytes: 1 << 20)
        for index in 0..<40 { try append("v", key: "k\(index)", to: &accumulator) }
        try accumulator.closeAll()
        let partitioner = Partitioner(partitionCount: 4)
        for batch in accumulator.takeRequest(maxBytes: 1 << 20) {
            for record in try BatchFixtures.records(in: batch.bytes) {
                let key = try #require(record.key)
                #expect(partitioner.partition(forKey: key.span.bytes) == Int(batch.partition))
            }
        }
    }
}
