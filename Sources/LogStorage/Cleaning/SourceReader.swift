// The batches of one sealed segment in order, each whole and with a good checksum.
//
// Pages are read in ahead of the walk, so that a disk that cannot read is an error and not a SIGBUS.
// Thread rule: owned by one cleaning; reads published bytes outside the lock.

import KafkaRecords

struct SourceReader {
    private static let windowBytes = 1 << 20

    let source: CleaningPlan.Source
    private let path: String
    private var walk: BatchWalk
    private var readInEnd = 0

    init(_ source: CleaningPlan.Source, in directory: LogDirectory) {
        self.source = source
        path = directory.path(source.baseOffset, .log)
        walk = BatchWalk(source.mapping, from: 0, to: source.size, minimumOffset: source.baseOffset)
    }

    /// The next batch, nil behind the last one.
    mutating func next() throws(CleaningError) -> BatchWalk.Step? {
        let position = walk.position
        try readIn(upTo: position + BatchLayout.headerSize)
        let step: BatchWalk.Step
        do throws(RecordError) {
            guard let found = try walk.next() else { return nil }
            step = found
        } catch {
            throw damage(at: position, error)
        }
        try readIn(upTo: step.end)
        do throws(RecordError) {
            guard step.header.nextOffset <= source.endOffset else {
                throw .invalidBatch("offset \(step.header.lastOffset) belongs to the next segment")
            }
            try RecordBatch(source.mapping.span(step.position..<step.end)).verifyChecksum()
        } catch {
            throw damage(at: position, error)
        }
        return step
    }

    private mutating func readIn(upTo end: Int) throws(CleaningError) {
        let end = min(end, source.size)
        guard end > readInEnd else { return }
        let count = min(max(end - readInEnd, Self.windowBytes), source.size - readInEnd)
        do throws(StorageError) {
            try source.mapping.readIn(position: readInEnd, count: count, path: path)
        } catch {
            throw .failed(error)
        }
        readInEnd += count
    }

    func damage(at position: Int, _ error: RecordError) -> CleaningError {
        .uncleanable(StorageError(.corrupt, "\(path) is damaged at byte \(position): \(error)."))
    }
}
