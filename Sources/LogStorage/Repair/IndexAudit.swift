// Compares the indexes of a segment with its batches, in one pass over both.
//
// An index need not have an entry for every batch; each entry that it has must be true.
// Thread rule: plain value of one scan.

import KafkaRecords

struct IndexAudit {
    private let offsets: OffsetIndex.Entries
    private let times: TimeIndex.Entries
    private var nextOffsetEntry = 0
    private var nextTimeEntry = 0
    /// What is wrong, nil as long as nothing is.
    private(set) var problem: String?
    private let isMissing: Bool

    /// A sealed segment of so many bytes has entries, whatever the interval was when it was written.
    private static let unindexedBytesMax = 8 * 4_096

    init(_ directory: LogDirectory, baseOffset: Int64) throws(StorageError) {
        var offsets = OffsetIndex(directory: directory, baseOffset: baseOffset)
        var times = TimeIndex(directory: directory, baseOffset: baseOffset)
        let found = [
            try directory.fileSystem.statusIfPresent(offsets.file.path),
            try directory.fileSystem.statusIfPresent(times.file.path),
        ]
        isMissing = found.contains { $0 == nil }
        if found[0] != nil, try !offsets.file.load() { problem = "its size is no whole number of entries" }
        if found[1] != nil, try !times.file.load() { problem = "its size is no whole number of entries" }
        self.offsets = try offsets.entries()
        self.times = try times.entries()
    }

    mutating func visit(_ header: BatchHeader, at position: Int) {
        if problem != nil { return }
        if nextOffsetEntry < offsets.count {
            let found = (offsets.offset(nextOffsetEntry), offsets.position(nextOffsetEntry))
            if found.1 == position, found.0 == header.lastOffset {
                nextOffsetEntry += 1
            } else if found.1 <= position {
                problem = "no batch that ends with offset \(found.0) starts at byte \(found.1)"
            }
        }
        if nextTimeEntry < times.count {
            let found = (times.timestamp(nextTimeEntry), times.offset(nextTimeEntry))
            if found.1 == header.lastOffset, found.0 == header.maxTimestamp {
                nextTimeEntry += 1
            } else if found.1 <= header.lastOffset {
                problem = "no batch that ends with offset \(found.1) has time \(found.0)"
            }
        }
    }

    /// - Parameter mustExist: the segment was sealed, so its indexes were written.
    func verdict(segmentSize: Int, mustExist: Bool) -> String? {
        if let problem { return problem }
        if nextOffsetEntry < offsets.count || nextTimeEntry < times.count {
            return "it has entries behind the last batch"
        }
        return isMissing && mustExist && segmentSize > Self.unindexedBytesMax ? "it is missing" : nil
    }
}
