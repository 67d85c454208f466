// TopicMetadata: what a client has to know of a topic before it produces to it or fetches from it.

import KafkaProtocol

package struct TopicMetadata: Equatable, Sendable {
    package let name: String
    /// Zero if the broker is older than topic ids (KIP-516).
    package let id: Uuid
    /// Partition numbers, ascending.
    package let partitions: [Int32]
}
