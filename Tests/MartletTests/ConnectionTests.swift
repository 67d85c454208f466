import KafkaClient
import KafkaProtocol
import Testing

@Suite struct ConnectionTests {
    private let quick = ConnectionSettings(connectTimeoutMilliseconds: 2_000, requestTimeoutMilliseconds: 2_000)

    private func failure(_ manner: FakeBroker.Manner, _ settings: ConnectionSettings? = nil) async throws -> ClientError
    {
        let broker = try await FakeBroker.start(manner)
        let error = await #expect(throws: ClientError.self) {
            try await KafkaConnection.connect(to: broker.address, settings: settings ?? quick)
        }
        await broker.stop()
        return try #require(error)
    }

    @Test func handshakeWithTheNewestVersion() async throws {
        let broker = try await FakeBroker.start()
        let connection = try await KafkaConnection.connect(to: broker.address, settings: quick)
        #expect(connection.versions[.produce] == 3...13)
        #expect(connection.versions[.createTopics] == nil)
        #expect(broker.state.withLock { $0.requestCount } == 1)
        await connection.close()
        await broker.stop()
    }

    @Test(arguments: [true, false], [Int16(0), 2, 3])
    func handshakeFallsBack(hasHint: Bool, newest: Int16) async throws {
        let broker = try await FakeBroker.start {
            $0.apiVersionsMax = newest
            $0.refusalHasHint = hasHint
        }
        let connection = try await KafkaConnection.connect(to: broker.address, settings: quick)
        #expect(broker.state.withLock { $0.seenVersions[.apiVersions] } == (hasHint ? newest : 0))
        #expect(connection.versions[.fetch] == 4...17)
        await connection.close()
        await broker.stop()
    }

    @Test func nobodyListens() async throws {
        let broker = try await FakeBroker.start()
        let address = broker.address
        await broker.stop()
        let error = await #expect(throws: ClientError.self) { try await KafkaConnection.connect(to: address) }
        #expect(error?.code == .cannotConnect)
        #expect(error?.message.contains("martlet serve") == true)
        #expect(error?.message.contains(address.description) == true)
    }

    @Test func aNameWithoutAnAddress() async throws {
        let address = BrokerAddress(host: "no-such-host.invalid", port: 9092)
        let error = await #expect(throws: ClientError.self) { try await KafkaConnection.connect(to: address) }
        #expect(error?.code == .nameNotResolved)
        #expect(error?.message.contains("no-such-host.invalid") == true)
    }

    @Test func strangersAreRecognised() async throws {
        let tls = try await failure(.raw([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46]))
        #expect(tls.code == .notKafka && tls.message.contains("TLS"))
        let http = try await failure(.raw(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)))
        #expect(http.code == .notKafka && http.message.contains("HTTP"))
        let ssh = try await failure(.raw(Array("SSH-2.0-x\r\n".utf8)))
        #expect(ssh.code == .notKafka)
        let closing = try await failure(.closing)
        #expect(closing.code == .notKafka && closing.message.contains("closed the connection"))
    }

    @Test func silenceTimesOut() async throws {
        let error = try await failure(.silent, ConnectionSettings(connectTimeoutMilliseconds: 50))
        #expect(error.code == .timedOut)
        #expect(error.message.contains("50 ms"))
    }

    @Test func anApiThatTheBrokerDoesNotServe() async throws {
        let broker = try await FakeBroker.start()
        let connection = try await KafkaConnection.connect(to: broker.address, settings: quick)
        let error = await #expect(throws: ClientError.self) { try await connection.send(CreateTopicsRequest()) }
        #expect(error?.code == .unsupportedVersion)
        await connection.close()
        await broker.stop()
    }

    @Test func manyRequestsInFlightAreAnsweredInOrder() async throws {
        let broker = try await FakeBroker.start { $0.partitionCount = 3 }
        let connection = try await KafkaConnection.connect(to: broker.address, settings: quick)
        var pending: [(Int, PendingAnswer<MetadataResponse>)] = []
        for index in 0..<200 {
            let topics = (0..<index % 5).map { MetadataRequest.MetadataRequestTopic(name: "t\($0)") }
            pending.append((index % 5, try connection.begin(MetadataRequest(topics: topics))))
        }
        for (count, answer) in pending {
            #expect(try await answer.get().response.topics.count == count)
        }
        await connection.close()
        await broker.stop()
    }

    @Test func anUnreachableAdvertisedAddressIsExplained() async throws {
        let gone = try await FakeBroker.start()
        let nowhere = gone.address
        await gone.stop()
        let broker = try await FakeBroker.start { $0.advertised = nowhere }
        let cluster = try await KafkaCluster.connect(to: broker.address, settings: quick)
        let error = await #expect(throws: ClientError.self) { try await cluster.leader(of: FakeBroker.topicName) }
        #expect(error?.code == .cannotConnect)
        #expect(error?.message.contains("advertised.listeners") == true)
        await cluster.close()
        await broker.stop()
    }

    @Test func aMissingTopicIsExplained() async throws {
        let broker = try await FakeBroker.start()
        let cluster = try await KafkaCluster.connect(to: broker.address, settings: quick)
        let error = await #expect(throws: ClientError.self) { try await cluster.leader(of: "nothere") }
        #expect(error?.code == .refused(.unknownTopicOrPartition))
        #expect(error?.message.contains("martlet topic create nothere") == true)
        await cluster.close()
        await broker.stop()
    }
}
