// Compaction under random histories and under crashes, against the plain list of everything that was appended.

import Glibc
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct CompactionHistoryTests {
    @Test(arguments: [21, 22, 23, 24, 25, 26] as [UInt64]) func randomHistories(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try CompactionFixture(fileSystem: FaultyFileSystem(syncs: false)) {
            $0.segmentBytes = Int.random(in: 500...3_000, using: &generator)
            $0.deleteRetentionMilliseconds = 500
        }
        var start: Int64 = 0
        var recoveryPoint: Int64 = 0
        for _ in 0..<400 {
            fixture.base.clock.advance(milliseconds: Int64.random(in: 0...20, using: &generator))
            let end = Int64(fixture.appended.count)
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<75:
                try append(&generator, to: fixture)
            case 75..<78:
                try fixture.base.flush()
                recoveryPoint = end
            case 78..<80:
                try fixture.log.close()
                recoveryPoint = end
                try fixture.base.reopen(.clean(logStartOffset: start))
            case 80..<83:
                try fixture.base.reopen(.unclean(recoveryPoint: recoveryPoint, logStartOffset: start))
                #expect(fixture.base.report.isEmpty)
            case 83..<84:
                start = Int64.random(in: start...min(end, start + 30), using: &generator)
                #expect(try fixture.log.deleteRecords(before: start) == start)
            case 84..<86:
                try fixture.roll()
            default:
                fixture.cleaner.mapBytesMax = 24 * Int.random(in: 5...60, using: &generator)
                try fixture.clean()
                try fixture.check()
            }
            #expect(fixture.log.logStartOffset == start)
            let sequences = Dictionary(
                uniqueKeysWithValues: try fixture.log.producers.map { ($0.producerID, $0.lastSequence) })
            // Records that were deleted take their producers with them when the log is opened again.
            for (id, sequence) in sequences { #expect(fixture.lastSequences[id] == sequence) }
            if start == 0 { #expect(sequences == fixture.lastSequences) }
        }
        try fixture.roll()
        fixture.cleaner.mapBytesMax = 1 << 20
        try fixture.clean()
        try fixture.check()
        try fixture.log.close()
        try fixture.checkFiles()
        try fixture.base.reopen(.unclean(recoveryPoint: nil, logStartOffset: start))
        #expect(fixture.base.report.isEmpty)
        try fixture.check()
    }

    private func append(_ generator: inout SeededGenerator, to fixture: CompactionFixture) throws {
        let items = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
            let kind = Int.random(in: 0..<20, using: &generator)
            return CompactionFixture.Item(
                key: kind == 0 ? nil : "key \(Int.random(in: 0..<40, using: &generator))",
                value: kind < 4 ? nil : "value \(Int.random(in: 0..<1_000_000, using: &generator))")
        }
        try fixture.append(
            items, compression: Compression.allCases.randomElement(using: &generator)!,
            producerID: [-1, -1, 3, 4].randomElement(using: &generator)!)
    }

    // MARK: Crashes

    /// The same small history every time: two cleanings, the second of segments that the first has made.
    private func makeHistory(_ faults: FaultyFileSystem) throws -> CompactionFixture {
        let fixture = try CompactionFixture(fileSystem: faults) { $0.deleteRetentionMilliseconds = 100 }
        for index in 0..<18 {
            try fixture.append("\(index % 5)", index % 7 == 3 ? nil : "\(index)")
            if index % 3 == 0 { try fixture.append([.init(key: "p", value: "\(index)")], producerID: 5) }
        }
        try fixture.roll()
        try fixture.clean()
        fixture.base.clock.advance(milliseconds: 200)
        for index in 18..<32 { try fixture.append("\(index % 5)", "\(index)") }
        try fixture.roll()
        try fixture.append("active", "x")
        try fixture.base.flush()
        return fixture
    }

    @Test(arguments: [true, false]) func aCrashAtAnyStepIsHarmless(_ startsClean: Bool) throws {
        let undisturbed = try makeHistory(FaultyFileSystem(syncs: false))
        try undisturbed.clean()
        let expected = try undisturbed.values
        var crashes = 0
        var replacedBeforeCrash = 0
        for step in 0... {
            let faults = FaultyFileSystem(syncs: false)
            let fixture = try makeHistory(faults)
            let before = try fixture.values
            let cleanedBefore = fixture.cleanedOffset
            faults.crash(afterChanges: step)
            let failed = (try? fixture.clean()) == nil
            if !faults.hasCrashed {
                #expect(!failed)
                break
            }
            crashes += 1
            // What is served in the process that is about to die is right as well.
            fixture.isStrict = false
            fixture.cleanedOffset = cleanedBefore
            try fixture.check()
            faults.clear()
            try fixture.base.reopen(
                startsClean
                    ? .clean(logStartOffset: nil)
                    : .unclean(recoveryPoint: Int64(fixture.appended.count), logStartOffset: nil))
            #expect(fixture.base.report.isEmpty, "step \(step): \(fixture.base.report)")
            try fixture.check()
            try fixture.checkFiles()
            let after = try fixture.values
            if after != before { replacedBeforeCrash += 1 }
            #expect(Set(before).isSuperset(of: after) && Set(after).isSuperset(of: expected), "step \(step)")
            #expect(try fixture.log.producers.map(\.lastSequence) == undisturbed.log.producers.map(\.lastSequence))
            fixture.isStrict = true
            try fixture.clean()
            #expect(try fixture.values == expected, "step \(step)")
            try fixture.check()
            try fixture.checkFiles()
        }
        #expect(crashes > 20 && replacedBeforeCrash > 5)
    }

    /// Recovery itself is cut short at each of its steps.
    @Test func aCrashDuringRecoveryIsHarmless() throws {
        var crashes = 0
        for first in 10..<200 {
            let probe = FaultyFileSystem(syncs: false)
            let fixture = try makeHistory(probe)
            let before = Set(try fixture.values)
            probe.crash(afterChanges: first)
            _ = try? fixture.clean()
            guard probe.hasCrashed else { break }
            fixture.isStrict = false
            guard fixture.base.names.contains(where: { $0.hasSuffix(".swap") || $0.hasSuffix(".deleted") }) else {
                continue
            }
            for second in 0... {
                probe.clear()
                probe.crash(afterChanges: second)
                let opened: Void? = try? fixture.base.reopen(.clean(logStartOffset: nil))
                let hasCrashed = probe.hasCrashed
                probe.clear()
                if opened != nil && !hasCrashed { break }
                crashes += 1
            }
            fixture.cleanedOffset = nil
            try fixture.base.reopen(.clean(logStartOffset: nil))
            try fixture.check()
            try fixture.checkFiles()
            #expect(before.isSuperset(of: try fixture.values))
        }
        #expect(crashes > 10)
    }

    /// Each step relies on the one before it being durable.
    @Test func everyStepIsSyncedBeforeTheNext() throws {
        let faults = FaultyFileSystem()
        let fixture = try CompactionFixture(fileSystem: faults)
        for index in 0..<30 { try fixture.append("\(index % 4)", "\(index)") }
        try fixture.roll()
        let begin = faults.changes.count
        try fixture.clean()
        let steps = faults.changes[begin...]
        let position = { (operation: FaultyFileSystem.Operation, suffix: String) -> Int in
            steps.firstIndex { $0.operation == operation && $0.path.hasSuffix(suffix) } ?? -1
        }
        let synced = position(.flushDirectory, ".log.cleaned")
        let decided = position(.rename, ".log.swap")
        let directory = fixture.base.path
        let syncs = steps.indices.filter { steps[$0].operation == .flushDirectory && steps[$0].path == directory }
        let firstSource = position(.rename, ".log.deleted")
        let named = steps.firstIndex { $0.operation == .rename && $0.path.hasSuffix(segmentName(0)) } ?? -1
        let removed = position(.unlink, ".log.deleted")
        #expect(synced >= 0 && synced < decided, "\(Array(steps))")
        #expect(syncs.count >= 3)
        #expect(decided < syncs[0] && syncs[0] < firstSource)
        #expect(firstSource < syncs[1] && syncs[1] < named)
        #expect(named < syncs[2] && syncs[2] < removed)
    }

    // MARK: A disk that refuses

    static let operations: [FaultyFileSystem.Operation] = [
        .open, .write, .flush, .flushDirectory, .rename, .unlink, .setModified,
    ]

    /// One call of each kind fails, each in turn, and the disk is well again: the log goes on, in the same process and in the
    /// next.
    @Test(arguments: operations) func oneFailureIsHarmless(_ operation: FaultyFileSystem.Operation) throws {
        for skipped in 0... {
            let faults = FaultyFileSystem(syncs: false)
            let fixture = try makeHistory(faults)
            let calls = faults.calls(operation)
            faults.inject(.init(operation, .fail(errno: ENOSPC), skipping: skipped, times: 1))
            var isUncleanable = false
            fixture.isStrict = false
            do {
                try fixture.clean()
            } catch let error as CleaningError {
                if case .uncleanable = error { isUncleanable = true }
            } catch is StorageError {
                // The fixture itself was struck when it looked at the log.
            }
            let struck = faults.calls(operation) - calls > skipped
            faults.clear()
            try fixture.check()
            try fixture.append("later", "y")
            if !isUncleanable { try fixture.clean() }
            try fixture.check()
            try fixture.base.closeAndReopen()
            try fixture.check()
            fixture.isStrict = true
            try fixture.makeDirty("again")
            try fixture.clean()
            try fixture.check()
            try fixture.checkFiles()
            if !struck { break }
        }
    }
}
