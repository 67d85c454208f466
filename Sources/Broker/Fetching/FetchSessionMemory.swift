import Synchronization

/// What the fetch sessions of all clients remember, against the limit on it: a session grows with every partition that its client
/// names, whether there is such a partition or not.
///
/// Thread rule: any thread.
final class FetchSessionMemory: Sendable {
    private let bytesMax: Int
    private let usedBytes = Atomic(0)

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// False, and nothing claimed, if that is more than there is.
    func claim(_ bytes: Int) -> Bool {
        if usedBytes.add(bytes, ordering: .relaxed).newValue <= bytesMax { return true }
        release(bytes)
        return false
    }

    func release(_ bytes: Int) { usedBytes.subtract(bytes, ordering: .relaxed) }
}
