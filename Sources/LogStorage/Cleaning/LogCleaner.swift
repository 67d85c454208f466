// Cleans logs: of each key only the last record stays.
//
// As Kafka's cleaner: the keys of the dirty part are mapped to their last offsets, up to what fits into the map; then every
// segment before that point is copied without the records that the map has a later offset for, and the copy takes its
// place. Offsets, log start and the active segment stay as they are.
// Crash rule: see `Log+Cleaning`. Thread rule: one cleaning at a time; may take long, so on a thread of its own. The
// log's lock is held for the plan and the renames only.

import KafkaRecords

/// A log behind whatever guards it.
package protocol CleanableLog {
    /// Runs `body` with the log; throws if it is gone or must not be used any more.
    func withLog<Value: Sendable>(_ body: (Log) throws(StorageError) -> Value) throws(StorageError) -> Value
}

/// What a cleaning has done.
package struct CleaningReport: Equatable, Sendable {
    /// Up to here the log is clean now.
    package var cleanedOffset: Int64 = 0
    package var bytesRead: Int64 = 0
    package var bytesWritten: Int64 = 0
    package var segmentsReplaced = 0
    package var segmentsWritten = 0
    /// The map had no room for all keys: what lies behind `cleanedOffset` takes another cleaning.
    package var mapWasFull = false

    package init() {}
}

package struct LogCleaner: Sendable {
    /// `log.cleaner.dedupe.buffer.size`.
    package var mapBytesMax = 128 << 20
    /// `log.cleaner.io.buffer.load.factor`, as Kafka calls it.
    package var mapLoadFactor = 0.9
    private var pace: CleaningPace
    private var report = CleaningReport()

    package init(pace: CleaningPace = CleaningPace()) { self.pace = pace }

    /// - Parameters:
    ///   - cleanedOffset: where the last cleaning of this log has ended.
    ///   - recoveryPoint: what a start after a kill trusts the files up to; nothing behind it is cleaned. Batches behind it may be
    ///     in the commit journal, which knows nothing of cleaned segments.
    /// - Returns: nil if there was nothing that may be cleaned.
    package mutating func clean(
        _ log: some CleanableLog, cleanedOffset: Int64?, recoveryPoint: Int64 = .max
    ) throws(CleaningError) -> CleaningReport? {
        pace.begin()
        report = CleaningReport()
        guard
            let plan = try access(
                log,
                { log throws(StorageError) in
                    try log.planCleaning(cleanedOffset: cleanedOffset, before: recoveryPoint)
                })
        else { return nil }
        var map = try makeMap(plan)
        report.cleanedOffset = try mapKeys(of: plan, into: &map)
        var sieve = RecordSieve(plan: plan, endOffset: report.cleanedOffset)
        for group in plan.groups(before: report.cleanedOffset) {
            guard let cleaned = try copy(group, &sieve, map) else { continue }
            try swap(cleaned, into: log, plan.directory)
            report.segmentsReplaced += group.count
            report.segmentsWritten += 1
        }
        return report
    }

    /// Why the log could not be used, in the cleaner's terms.
    private func access<Value: Sendable>(
        _ log: some CleanableLog, _ body: (Log) throws(StorageError) -> Value
    ) throws(CleaningError) -> Value {
        do throws(StorageError) { return try log.withLog(body) } catch {
            switch error.code {
            case .notFound: throw .superseded
            case .corrupt: throw .uncleanable(error)
            default: throw .failed(error)
            }
        }
    }

    // MARK: Keys

    private func makeMap(_ plan: CleaningPlan) throws(CleaningError) -> OffsetMap {
        do throws(StorageError) {
            return try OffsetMap(
                keysMax: plan.endOffset - plan.firstDirtyOffset, bytesMax: mapBytesMax, loadFactor: mapLoadFactor)
        } catch {
            throw .failed(error)
        }
    }

    /// Maps the keys of the dirty part. Returns where the part ends that is mapped.
    private mutating func mapKeys(
        of plan: CleaningPlan, into map: inout OffsetMap
    ) throws(CleaningError) -> Int64 {
        var outcomes: TransactionOutcomes?
        for (index, source) in plan.sources.enumerated() where source.endOffset > plan.firstDirtyOffset {
            var reader = SourceReader(source, in: plan.directory)
            while let step = try reader.next() {
                try spend(reading: step)
                let header = step.header
                if header.lastOffset < plan.firstDirtyOffset || header.isControl { continue }
                if header.isTransactional {
                    // The markers lie behind; logs without transactions never look for them.
                    if outcomes == nil { outcomes = try findOutcomes(plan.sources[index...], plan.directory) }
                    if outcomes?.isCommitted(header) == false { continue }
                }
                let bytes = source.mapping.span(step.position..<step.end)
                do throws(RecordError) {
                    if let full = try mapKeys(of: bytes, plan, into: &map) {
                        report.mapWasFull = true
                        return full
                    }
                } catch {
                    throw reader.damage(at: step.position, error)
                }
            }
        }
        return plan.endOffset
    }

    /// Maps the keys of one batch. Returns the offset of the first record whose key has no room, nil if all have.
    private func mapKeys(
        of bytes: RawSpan, _ plan: CleaningPlan, into map: inout OffsetMap
    ) throws(RecordError) -> Int64? {
        let batch = try RecordBatch(bytes)
        if batch.header.recordCount <= 0 && batch.payload.byteCount == 0 { return nil }
        if batch.header.compression == Compression.none {
            return try mapKeys(of: batch.payload, batch.header, plan, into: &map)
        }
        let plain = try batch.decompressedPayload(limitBytes: plan.config.decompressedLimitBytes)
        return try mapKeys(of: plain.span.bytes, batch.header, plan, into: &map)
    }

    private func mapKeys(
        of payload: RawSpan, _ header: BatchHeader, _ plan: CleaningPlan, into map: inout OffsetMap
    ) throws(RecordError) -> Int64? {
        var records = RecordIterator(payload, count: header.recordCount)
        while let record = try records.next() {
            let offset = header.baseOffset &+ Int64(record.offsetDelta)
            guard let key = record.key, offset >= plan.firstDirtyOffset else { continue }
            if !map.put(payload.extracting(key), offset: offset) { return offset }
        }
        return nil
    }

    private mutating func findOutcomes(
        _ sources: ArraySlice<CleaningPlan.Source>, _ directory: LogDirectory
    ) throws(CleaningError) -> TransactionOutcomes {
        var outcomes = TransactionOutcomes()
        for source in sources {
            var reader = SourceReader(source, in: directory)
            while let step = try reader.next() {
                try spend(reading: step)
                guard step.header.isControl else { continue }
                let position = step.position + BatchLayout.headerSize
                do throws(RecordError) {
                    try outcomes.note(step.header, payload: source.mapping.span(position..<step.end))
                } catch {
                    throw reader.damage(at: step.position, error)
                }
            }
        }
        return outcomes
    }

    // MARK: Copy

    /// Copies what stays of some segments into one. Returns nil, and leaves nothing, if nothing would change.
    private mutating func copy(
        _ group: [CleaningPlan.Source], _ sieve: inout RecordSieve, _ map: borrowing OffsetMap
    ) throws(CleaningError) -> CleanedSegment? {
        let plan = sieve.plan
        var writer: CleanedSegmentWriter
        do throws(StorageError) {
            writer = try CleanedSegmentWriter(
                plan.directory, baseOffset: group[0].baseOffset, now: plan.now, config: plan.config)
        } catch {
            throw error.code == .notFound ? .superseded : .failed(error)
        }
        do throws(CleaningError) {
            var isChanged = group.count > 1
            for source in group {
                if try copy(source, &sieve, map, into: &writer) { isChanged = true }
            }
            if isChanged { return try finish(&writer, group) }
        } catch {
            writer.discard()
            throw error
        }
        writer.discard()
        return nil
    }

    private func finish(
        _ writer: inout CleanedSegmentWriter, _ group: [CleaningPlan.Source]
    ) throws(CleaningError) -> CleanedSegment {
        do throws(StorageError) { return try writer.finish(sources: group) } catch { throw .failed(error) }
    }

    /// Returns whether anything is different from the source.
    private mutating func copy(
        _ source: CleaningPlan.Source, _ sieve: inout RecordSieve, _ map: borrowing OffsetMap,
        into writer: inout CleanedSegmentWriter
    ) throws(CleaningError) -> Bool {
        var isChanged = false
        var reader = SourceReader(source, in: sieve.plan.directory)
        while let step = try reader.next() {
            try spend(reading: step)
            let bytes = source.mapping.span(step.position..<step.end)
            let verdict: RecordSieve.Verdict
            do throws(RecordError) {
                let isLast = step.end == source.size && source.endOffset == sieve.plan.endOffset
                verdict = try sieve.judge(bytes, map: map, isLastOfPlan: isLast)
            } catch {
                throw reader.damage(at: step.position, error)
            }
            switch verdict {
            case .keep: try write(bytes, step.header, to: &writer)
            case .drop: isChanged = true
            case .replace(let batch):
                isChanged = true
                try write(replacement: batch, to: &writer)
            }
        }
        return isChanged
    }

    private mutating func write(
        replacement batch: [UInt8], to writer: inout CleanedSegmentWriter
    ) throws(CleaningError) {
        let header: BatchHeader
        do throws(RecordError) { header = try BatchHeader(parsing: batch.span.bytes) } catch {
            preconditionFailure("a batch that was just built cannot be read: \(error)")
        }
        try write(batch.span.bytes, header, to: &writer)
    }

    private mutating func write(
        _ bytes: RawSpan, _ header: BatchHeader, to writer: inout CleanedSegmentWriter
    ) throws(CleaningError) {
        do throws(StorageError) { try writer.append(bytes, header: header) } catch {
            throw error.code == .invalid ? .uncleanable(error) : .failed(error)
        }
        report.bytesWritten += Int64(bytes.byteCount)
        try pace.spend(bytes.byteCount)
    }

    private mutating func spend(reading step: BatchWalk.Step) throws(CleaningError) {
        report.bytesRead += Int64(step.header.sizeInBytes)
        try pace.spend(step.header.sizeInBytes)
    }

    // MARK: Swap

    /// The steps of `Log+Cleaning`.
    private func swap(
        _ cleaned: CleanedSegment, into log: some CleanableLog, _ directory: LogDirectory
    ) throws(CleaningError) {
        try check(try access(log) { log throws(StorageError) in try log.beginSwap(cleaned) })
        do throws(StorageError) { try directory.fileSystem.syncDirectory(directory.path) } catch {
            if case .unfinished(let stuck) = try access(log, { $0.abandonSwap(cleaned) }) { throw .uncleanable(stuck) }
            throw error.code == .notFound ? .superseded : .failed(error)
        }
        try check(try access(log) { log throws(StorageError) in try log.replaceSources(with: cleaned) })
        // From here on the log is served from the cleaned segment, and what fails is finished by the next start.
        do throws(StorageError) {
            try directory.fileSystem.syncDirectory(directory.path)
            try log.withLog { log throws(StorageError) in try log.completeSwap(cleaned) }
            try directory.fileSystem.syncDirectory(directory.path)
            for source in cleaned.sources {
                try directory.fileSystem.removeFile(directory.path(source.baseOffset, .log, .deleted))
            }
        } catch {
            throw error.code == .notFound ? .superseded : .uncleanable(error)
        }
    }

    private func check(_ step: Log.SwapStep) throws(CleaningError) {
        switch step {
        case .done: break
        case .superseded: throw .superseded
        case .unfinished(let error): throw .uncleanable(error)
        }
    }
}
