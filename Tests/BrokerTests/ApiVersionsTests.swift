import Broker
import KafkaProtocol
import Testing

@Suite struct ApiVersionsTests {
    /// What issue and design promise; a change of this list is a change of the promise.
    static let promised: [(ApiKey, ClosedRange<Int16>)] = [
        (.produce, 0...13), (.fetch, 4...18), (.listOffsets, 1...11), (.metadata, 0...13), (.apiVersions, 0...4),
        (.createTopics, 2...7), (.deleteTopics, 1...6), (.deleteRecords, 0...2), (.initProducerID, 0...5),
        (.offsetForLeaderEpoch, 2...4), (.describeConfigs, 1...4), (.alterConfigs, 0...2), (.describeLogDirs, 1...4),
        (.createPartitions, 0...3), (.incrementalAlterConfigs, 0...1), (.describeCluster, 0...2),
        (.describeProducers, 0...0), (.describeTopicPartitions, 0...0), (.consumerGroupHeartbeat, 0...1),
        (.consumerGroupDescribe, 0...1),
    ]

    @Test(arguments: ApiVersionsRequest.versions) func everyPromisedVersionIsListed(_ version: Int16) throws {
        try withBroker { test in
            let request = ApiVersionsRequest(clientSoftwareName: "client", clientSoftwareVersion: "1.0")
            let response = try test.send(request, version: version)
            #expect(response.errorCode == .none)
            for (key, versions) in Self.promised {
                let found = try #require(response.apiKeys.first { $0.apiKey == key.rawValue }, "\(key.name)")
                #expect(found.minVersion <= versions.lowerBound && found.maxVersion == versions.upperBound)
            }
            if version >= 3 {
                let least: Int16 = version >= 4 ? 0 : 1
                #expect(response.supportedFeatures == [.init(name: "group.version", minVersion: least, maxVersion: 1)])
                #expect(
                    response.finalizedFeatures == [
                        .init(name: "group.version", maxVersionLevel: 1, minVersionLevel: 1)
                    ])
                #expect(response.finalizedFeaturesEpoch == 0)
            }
        }
    }

    @Test(arguments: [5, 6, 99, Int16.max]) func anUnknownVersionIsAnsweredInTheOldestFormat(_ version: Int16) throws {
        try withBroker { test in
            var writer = WireWriter()
            RequestHeader(apiKey: 18, apiVersion: version, correlationID: 9, clientID: nil)
                .encode(into: &writer, flexible: false)
            writer.writeInt64(-1)
            let pending = PendingReply<ApiVersionsRequest>(
                version: 0, correlationID: 9, connection: test.connection)
            pending.take(test.broker.handle(writer.bytes.span.bytes, from: test.connection) { pending.take($0) })
            let response = try pending.answer().response
            #expect(response.errorCode == .unsupportedVersion)
            #expect(response.apiKeys.contains { $0.apiKey == 18 && $0.maxVersion == 4 })
        }
    }

    @Test(arguments: ["", "-a", "a-", "a b", "ä", "a/b", "."]) func anInvalidSoftwareNameIsRefused(
        _ name: String
    ) throws {
        try withBroker { test in
            for version in Int16(3)...4 {
                let bad = try test.send(
                    ApiVersionsRequest(clientSoftwareName: name, clientSoftwareVersion: "1"), version: version)
                #expect(bad.errorCode == .invalidRequest)
                let worse = try test.send(
                    ApiVersionsRequest(clientSoftwareName: "a", clientSoftwareVersion: name), version: version)
                #expect(worse.errorCode == .invalidRequest)
            }
            #expect(try test.send(ApiVersionsRequest(), version: 2).errorCode == .none)
        }
    }

    @Test func otherUnknownApisAndVersionsCloseTheConnection() throws {
        try withBroker { test in
            for (key, version) in [(999, 0), (-1, 0), (3, 14), (3, -1), (1, 3), (0, 14), (18, 4)] as [(Int16, Int16)] {
                var writer = WireWriter()
                RequestHeader(apiKey: key, apiVersion: version, correlationID: 1, clientID: nil)
                    .encode(into: &writer, flexible: false)
                let outcome = test.broker.handle(writer.bytes.span.bytes, from: test.connection) { _ in }
                guard case .close(let reason) = outcome else {
                    Issue.record("API \(key) version \(version) was taken")
                    continue
                }
                #expect(!reason.isEmpty)
            }
        }
    }
}
