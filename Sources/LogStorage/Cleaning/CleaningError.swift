// Why a cleaning did not come to its end. The log is whole in every case.

package enum CleaningError: Error, Sendable, CustomStringConvertible {
    /// The broker is stopping.
    case cancelled
    /// The log was deleted, or segments of it, while they were copied.
    case superseded
    /// Cleaning this log again would fail again, or make things worse: a person has to look at it.
    case uncleanable(StorageError)
    /// The disk refused something, as it does when it is full; worth another try later.
    case failed(StorageError)

    package var description: String {
        switch self {
        case .cancelled: "it was cancelled"
        case .superseded: "the log has changed meanwhile"
        case .uncleanable(let error), .failed(let error): error.message
        }
    }
}
