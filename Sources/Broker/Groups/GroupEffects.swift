import KafkaProtocol

/// Stands for a request that waits for its group: the state machines remember it, the coordinator knows whom to answer.
typealias ReplyToken = UInt64

/// What a step of a group's state machine asks for besides its own answer: records to store, waiting requests to answer.
///
/// The coordinator stores the records first; only then are the changed group and the answers let out.
struct GroupEffects {
    enum Answer {
        case join(JoinGroupResponse)
        case sync(SyncGroupResponse)
    }

    var records: [GroupRecord] = []
    /// The records only delete, so that it does no harm if but the first of them are stored: those that do not fit into one
    /// batch go into several.
    var isDivisible = false
    var answers: [(token: ReplyToken, answer: Answer)] = []
    /// The consumer group as it was before the first record, for steps that work in place.
    var undo: ConsumerGroup?
    /// The group may have to be looked at earlier than was known.
    var movesDeadlines = false

    mutating func answer(_ token: ReplyToken, _ response: JoinGroupResponse) {
        answers.append((token, .join(response)))
    }

    mutating func answer(_ token: ReplyToken, _ response: SyncGroupResponse) {
        answers.append((token, .sync(response)))
    }
}

/// Who sent a request, as groups show it to people.
struct GroupClient: Equatable, Sendable {
    let id: String
    /// As Kafka writes it: `/127.0.0.1`.
    let host: String
}

/// Why a group refuses a request.
struct GroupError: Error, Equatable {
    let code: ErrorCode
    let message: String?

    init(_ code: ErrorCode, _ message: String? = nil) {
        self.code = code
        self.message = message
    }
}

extension GroupClient {
    init(_ context: RequestContext) {
        self.init(id: context.header.clientID ?? "", host: "/" + context.connection.remoteAddress.host)
    }
}
