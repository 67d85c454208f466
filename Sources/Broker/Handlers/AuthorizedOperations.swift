/// The bit sets that describe what a client may do (KIP-430). Nothing is forbidden here, so they name every operation that
/// a resource has. Bits are the numbers of Kafka's `AclOperation`.
enum AuthorizedOperations {
    /// What stands in the field when the client did not ask.
    static let notRequested = Int32.min

    static let topic = bits([3, 4, 5, 6, 7, 8, 10, 11])
    static let cluster = bits([5, 7, 8, 9, 10, 11, 12])
    static let group = bits([3, 6, 8])

    private static func bits(_ operations: [Int32]) -> Int32 { operations.reduce(0) { $0 | 1 << $1 } }
}
