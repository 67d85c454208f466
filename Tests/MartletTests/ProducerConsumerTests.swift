import KafkaClient
import KafkaProtocol
import KafkaRecords
import Testing

@Suite struct ProducerConsumerTests {
    private struct Read: Equatable {
        let partition: Int32
        let offset: Int64
        let value: String
    }

    private func produce(
        _ values: [String], to broker: FakeBroker, partition: Int32? = nil,
        _ settings: ProducerSettings = ProducerSettings()
    ) async throws -> Int {
        let cluster = try await KafkaCluster.connect(to: broker.address)
        let (topic, connection) = try await cluster.leader(of: FakeBroker.topicName)
        #expect(connection === cluster.bootstrap)
        let producer = KafkaProducer(topic: topic, connection: connection, settings: settings, seed: 1)
        for value in values {
            let bytes = Array(value.utf8)
            try producer.append(
                timestamp: 1, key: partition == nil ? bytes.span.bytes : nil, value: bytes.span.bytes,
                partition: partition)
            if producer.needsSending { try await producer.sendReady() }
        }
        try await producer.flush()
        // Without answers, an answer to another request proves that the records have arrived.
        _ = try await connection.send(MetadataRequest(topics: []))
        await cluster.close()
        return producer.acknowledgedRecords
    }

    private func consume(
        _ broker: FakeBroker, partitions: [Int32]? = nil, start: StartPosition = .beginning
    ) async throws -> [Read] {
        let cluster = try await KafkaCluster.connect(to: broker.address)
        let (topic, connection) = try await cluster.leader(of: FakeBroker.topicName)
        let consumer = try await KafkaConsumer.open(
            topic: topic, connection: connection, partitions: partitions, start: start)
        var reads: [Read] = []
        while let fetched = try await consumer.fetch() {
            try fetched.visitRecords { record in
                var value = ""
                if let bytes = record.value { value = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
                reads.append(Read(partition: record.partition, offset: record.offset, value: value))
                return true
            }
        }
        await cluster.close()
        return reads
    }

    private func small(_ codec: Compression = .none, acks: Int16 = -1) -> ProducerSettings {
        var settings = ProducerSettings()
        settings.batchMaxBytes = 1500
        settings.requestMaxBytes = 2000
        settings.compression = codec
        settings.acks = acks
        settings.retryBackoffMilliseconds = 1
        return settings
    }

    @Test(arguments: Compression.allCases, [Int16(-1), 1, 0])
    func everythingComesBackInOrder(codec: Compression, acks: Int16) async throws {
        let broker = try await FakeBroker.start()
        let values = (0..<500).map { "value \($0)" }
        #expect(try await produce(values, to: broker, small(codec, acks: acks)) == 500)
        let reads = try await consume(broker)
        #expect(Set(reads.map(\.value)) == Set(values))
        for partition: Int32 in 0..<2 {
            let own = reads.filter { $0.partition == partition }
            #expect(own.map(\.offset) == Array(0..<Int64(own.count)))
            let numbers = own.compactMap { Int($0.value.split(separator: " ")[1]) }
            #expect(numbers == numbers.sorted())
            #expect(!own.isEmpty)
        }
        await broker.stop()
    }

    @Test func startsWithinABatch() async throws {
        let broker = try await FakeBroker.start()
        _ = try await produce((0..<100).map { "v\($0)" }, to: broker, partition: 1, small())
        let reads = try await consume(broker, partitions: [1], start: .offset(57))
        #expect(reads.map(\.offset) == Array(57..<100))
        #expect(try await consume(broker, partitions: [0]).isEmpty)
        #expect(try await consume(broker, partitions: [1], start: .end).isEmpty)
        await broker.stop()
    }

    @Test func retriableErrorsAreTriedAgain() async throws {
        let broker = try await FakeBroker.start {
            $0.produceErrors = [.notLeaderOrFollower, .none, .notEnoughReplicas]
        }
        let values = (0..<300).map { "value \($0)" }
        #expect(try await produce(values, to: broker, partition: 0, small()) == 300)
        #expect(try await consume(broker).map(\.value).sorted() == values.sorted())
        await broker.stop()
    }

    @Test func otherErrorsAreReported() async throws {
        let broker = try await FakeBroker.start { $0.produceErrors = [.messageTooLarge] }
        let error = await #expect(throws: ClientError.self) { _ = try await self.produce(["a"], to: broker) }
        #expect(error?.code == .refused(.messageTooLarge))
        #expect(error?.message.contains("MESSAGE_TOO_LARGE: no luck") == true)
        await broker.stop()
    }

    @Test func retriesEnd() async throws {
        let broker = try await FakeBroker.start { $0.produceErrors = Array(repeating: .notEnoughReplicas, count: 100) }
        let error = await #expect(throws: ClientError.self) {
            _ = try await self.produce(["a"], to: broker, self.small())
        }
        #expect(error?.code == .refused(.notEnoughReplicas))
        #expect(broker.state.withLock { $0.produceErrors.count } == 100 - 11)
        await broker.stop()
    }

    @Test func anOffsetBehindTheEndIsExplained() async throws {
        let broker = try await FakeBroker.start()
        _ = try await produce(["a", "b"], to: broker, partition: 0)
        let error = await #expect(throws: ClientError.self) {
            _ = try await self.consume(broker, partitions: [0], start: .offset(3))
        }
        #expect(error?.code == .refused(.offsetOutOfRange))
        #expect(error?.message.contains("no offset 3") == true)
        #expect(try await consume(broker, partitions: [0], start: .offset(2)).isEmpty)
        await broker.stop()
    }

    @Test func anOffsetBeforeTheStartIsExplained() async throws {
        let broker = try await FakeBroker.start { $0.startOffset = 1 }
        _ = try await produce(["a", "b"], to: broker, partition: 0)
        let error = await #expect(throws: ClientError.self) {
            _ = try await self.consume(broker, partitions: [0], start: .offset(0))
        }
        #expect(error?.code == .refused(.offsetOutOfRange))
        #expect(error?.message.contains("starts at 1 and ends before 2") == true)
        await broker.stop()
    }

    @Test func aPartitionThatIsNotThereIsRefused() async throws {
        let broker = try await FakeBroker.start()
        let error = await #expect(throws: ClientError.self) { _ = try await self.consume(broker, partitions: [9]) }
        #expect(error?.message.contains("no partition 9") == true)
        await broker.stop()
    }
}
