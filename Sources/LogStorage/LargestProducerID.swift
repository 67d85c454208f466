// From which number on producer ids may be handed out when the file that says so is gone.
//
// Thread rule: plain value.

/// The largest of the producer ids that batches and snapshots carry.
package struct LargestProducerID: Sendable {
    /// Clients can put any number into a batch. Beyond this one no broker has ever handed out any, nor will: they may be
    /// taken for nobody's, and leave room for the next.
    private static let plausibleMax: Int64 = 1 << 62

    /// Ids that were handed out to producers which have not written yet are known to nobody: so many are left out.
    package static let skipped: Int64 = 1_000_000

    /// -1 without one.
    package private(set) var value: Int64 = -1

    package init() {}

    package mutating func note(_ id: Int64) {
        if id <= Self.plausibleMax { value = max(value, id) }
    }

    package mutating func note(_ other: LargestProducerID) { note(other.value) }

    /// Above all that may be in use.
    package var firstUnused: Int64 { value < 0 ? 0 : value + 1 + Self.skipped }
}
