import KafkaProtocol
import LogStorage

extension Uuid {
    /// What stands on the disk, as the protocol has it.
    init(_ identifier: Identifier) {
        self.init(high: identifier.high, low: identifier.low)
    }
}

extension Identifier {
    init(_ id: Uuid) { self.init(high: id.high, low: id.low) }
}
