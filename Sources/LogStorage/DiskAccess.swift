// Whether a read may wait for the disk. A thread that carries connections must not: it asks for what is in memory, and where
// that is refused (`StorageError.wouldWait`), another thread reads it in first.
//
// What was found in memory can be evicted before it is used. That is accepted: it is rare, and costs one wait.

package enum DiskAccess: Sendable {
    /// Only what is in memory. Refused with `.wouldWait` otherwise.
    case resident
    /// Everything; waits for the disk where need be.
    case waiting
}

extension StorageError {
    static let wouldWait = StorageError(.wouldWait, "The records have to be read from the disk first.")
}
