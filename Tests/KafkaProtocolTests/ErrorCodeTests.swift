import KafkaProtocol
import Testing

@Suite struct ErrorCodeTests {
    @Test(
        arguments: [
            (ErrorCode.unknownServerError, -1, "UNKNOWN_SERVER_ERROR"), (.none, 0, "NONE"),
            (.offsetOutOfRange, 1, "OFFSET_OUT_OF_RANGE"), (.unknownTopicOrPartition, 3, "UNKNOWN_TOPIC_OR_PARTITION"),
            (.notLeaderOrFollower, 6, "NOT_LEADER_OR_FOLLOWER"), (.messageTooLarge, 10, "MESSAGE_TOO_LARGE"),
            (.unsupportedVersion, 35, "UNSUPPORTED_VERSION"), (.topicAlreadyExists, 36, "TOPIC_ALREADY_EXISTS"),
            (.invalidReplicationFactor, 38, "INVALID_REPLICATION_FACTOR"),
            (.kafkaStorageError, 56, "KAFKA_STORAGE_ERROR"),
            (.memberIDRequired, 79, "MEMBER_ID_REQUIRED"), (.invalidRecord, 87, "INVALID_RECORD"),
            (.unknownTopicID, 100, "UNKNOWN_TOPIC_ID"), (.rebootstrapRequired, 129, "REBOOTSTRAP_REQUIRED"),
        ] as [(ErrorCode, Int16, String)])
    func names(code: ErrorCode, number: Int16, name: String) {
        #expect(code.rawValue == number)
        #expect(code.description == name)
    }

    @Test func everyNumberUpToTheLastHasItsOwnName() {
        let names = (Int16(-1)...133).map { ErrorCode(rawValue: $0).description }
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.allSatisfy { $0.isUppercase || $0.isNumber || $0 == "_" } })
    }

    @Test func unknownNumbersTravel() {
        #expect(ErrorCode(rawValue: 30_000).description == "error 30000")
        #expect(!ErrorCode(rawValue: 30_000).isRetriable)
    }

    @Test func whatClientsMayTryAgain() {
        for code: ErrorCode in [
            .leaderNotAvailable, .notLeaderOrFollower, .requestTimedOut, .unknownTopicOrPartition, .notEnoughReplicas,
            .kafkaStorageError, .coordinatorLoadInProgress, .unknownTopicID, .concurrentTransactions,
        ] { #expect(code.isRetriable, "\(code)") }
        for code: ErrorCode in [
            .none, .offsetOutOfRange, .messageTooLarge, .invalidRecord, .outOfOrderSequenceNumber, .topicAlreadyExists,
            .unsupportedVersion, .rebalanceInProgress, .unknownMemberID, .brokerNotAvailable,
        ] { #expect(!code.isRetriable, "\(code)") }
    }
}
