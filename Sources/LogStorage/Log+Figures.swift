// What can be said of a log without loading it: for metrics, which must not make a broker open twenty thousand logs.
//
// Thread rule: as `Log`.

extension Log {
    package struct Figures: Sendable {
        /// nil while the log was not used since a clean start.
        package let endOffset: Int64?
        /// nil if a segment cannot be examined.
        package let sizeInBytes: Int64?
        package let segmentCount: Int
    }

    /// Costs a stat(2) for each segment that was not looked at before.
    package var figures: Figures {
        Figures(endOffset: isLoaded ? nextOffset : nil, sizeInBytes: knownBytes, segmentCount: segments.count)
    }

    private var knownBytes: Int64? {
        var total: Int64 = 0
        for segment in segments {
            do throws(StorageError) { total += Int64(try segment.size) } catch { return nil }
        }
        return total
    }
}
