// Searching a log by time: one segment after the other, each found with whatever the owner of the log needs for that, and looked
// through without it.

/// A log that can be searched by time.
package protocol TimeSearch {
    /// Where to look for a time in the segment that holds an offset, or in the first one that is left behind it.
    func timeLocation(
        inSegmentOf offset: Int64, notBefore timestamp: Int64
    ) throws(StorageError) -> TimeLocation
}

extension TimeSearch {
    /// The first record (in offset order) that is not earlier than a time, by the records' own timestamps.
    ///
    /// - Returns: nil when all records are earlier.
    package func offset(forTimestamp timestamp: Int64) throws(StorageError) -> TimestampOffset? {
        var next: Int64? = 0
        while let offset = next {
            let location = try timeLocation(inSegmentOf: offset, notBefore: timestamp)
            if let found = try location.firstRecord(notBefore: timestamp) { return found }
            next = location.nextSegmentOffset
        }
        return nil
    }

    /// The first record with the largest timestamp of the log (KIP-734), nil when the log is empty.
    package func maxTimestampOffset() throws(StorageError) -> TimestampOffset? {
        var largest: Int64 = -1
        var next: Int64? = 0
        while let offset = next {
            let location = try timeLocation(inSegmentOf: offset, notBefore: .max)
            largest = max(largest, location.largestTimestamp)
            next = location.nextSegmentOffset
        }
        if largest < 0 { return nil }
        if let found = try offset(forTimestamp: largest) { return found }
        return try largestOfWhatIsLeft()
    }

    /// The record with the largest time was deleted but its segment is still there: looks at what is left batch by batch.
    private func largestOfWhatIsLeft() throws(StorageError) -> TimestampOffset? {
        var candidates: Set<Int64> = []
        var next: Int64? = 0
        while let offset = next {
            let location = try timeLocation(inSegmentOf: offset, notBefore: 0)
            candidates.formUnion(location.largestTimestampsOfBatches())
            next = location.nextSegmentOffset
        }
        for timestamp in candidates.sorted(by: >) {
            guard var found = try offset(forTimestamp: timestamp) else { continue }
            while let later = try offset(forTimestamp: found.timestamp + 1) { found = later }
            return found
        }
        return nil
    }
}
