import Dispatch
import Glibc
import LogStorage
import Logging
import Synchronization

/// Rounds of the group commit that go to the commit journal, and the syncs of the segment files behind them.
///
/// A round that is small for the files it dirties is written to the journal once more and costs one sync, of blocks that exist
/// already; its files are synced when a section of the journal is full, thousands of records at a time. The journal is made
/// once there was some use for it, and not at all on a disk that is short of space.
/// Crash rule: a section is given back only after the files of everybody in it were synced. After any failure nothing is given
/// back any more: the journal stays as it is for the next start, and all rounds sync files.
/// Thread rule: any thread; rounds take turns, and files are synced on a queue of its own.
final class JournaledRounds: Sendable {
    private enum Stage {
        /// So many rounds could have used a journal so far.
        case unused(rounds: Int)
        case preparing
        case ready(CommitJournal)
        /// None is wanted, the last run's has to be kept, something has failed, or the broker stops.
        case retired
    }

    private struct State {
        var stage: Stage
        /// Of the last rounds, on average.
        var bytesPerFile = 0
        /// Partitions with batches in each section.
        var sections = [[ObjectIdentifier: Partition]](repeating: [:], count: CommitJournal.sectionCount)
    }

    /// A broker with this many rounds behind it will have more.
    private static let roundsBeforeUse = 32
    /// More bytes a file are cheaper synced where they are than written twice (docs/decisions/010-commit-journal.md).
    private static let bytesPerFileMax = 8 << 10
    /// Over about so many rounds it is averaged: a small round between large ones saves nothing.
    private static let averagedRounds = 16
    private static let recordMaxBytes = 1 << 20
    private static let pieceBytes = 256 << 10
    private static let pauseMicroseconds: UInt32 = 2_000
    /// The journal takes no more than this part of the space that is left.
    private static let shareOfSpace: Int64 = 20

    private let directory: DataDirectory
    private let bytes: Int64
    private let mustKeep: Bool
    private let logger: Logger
    private let state: Mutex<State>
    /// Held while a record is put together.
    private let record = Mutex(JournalRecord())
    private let files: FileFlush
    private let queue = DispatchQueue(label: "martlet.commit-journal")
    private let counter = Atomic(0)

    /// - Parameters:
    ///   - bytes: size of the journal; 0 for none.
    ///   - mustKeep: whether that of the last run has to stay as it is.
    init(_ directory: DataDirectory, bytes: Int, mustKeep: Bool, logger: Logger) throws(StorageError) {
        self.directory = directory
        self.bytes = Int64(bytes)
        self.mustKeep = mustKeep
        self.logger = logger
        files = try FileFlush(directory, .patient, logger: logger)
        let exists = try CommitJournal.exists(in: directory)
        let isWanted = bytes > 0 && !mustKeep
        state = Mutex(
            State(stage: isWanted ? .unused(rounds: exists ? Self.roundsBeforeUse - 1 : 0) : .retired))
        if exists && bytes == 0 && !mustKeep { try CommitJournal.remove(from: directory) }
    }

    /// Rounds that went to the journal.
    var count: Int { counter.load(ordering: .relaxed) }

    var flushFailureCount: Int { files.failureCount }

    /// Whether the next start may find batches in a journal.
    var mayHoldBatches: Bool { mustKeep || bytes > 0 }

    // MARK: Rounds

    /// Makes a round durable through the journal, if that is the cheaper way and can be done now. Each of the flushes has a
    /// range for it.
    ///
    /// - Returns: whether it is durable now; else its files have to be synced.
    func write(_ flushes: [PendingFlush]) -> Bool {
        let ranges = flushes.compactMap(\.target.journalRange)
        let count = JournalRecord.bytes(for: ranges)
        guard isSmall(bytesPerFile: count / ranges.count), count <= Self.recordMaxBytes, let journal else {
            return false
        }
        return record.withLock { record in
            guard compose(flushes, count, &record), let place = take(count, of: journal, for: flushes) else {
                return false
            }
            do throws(StorageError) {
                try journal.append(&record, at: place)
            } catch {
                retire("it could not be written: \(error.message)")
                return false
            }
            for flush in flushes { flush.partition.completeJournal(flush.target) }
            counter.add(1, ordering: .relaxed)
            return true
        }
    }

    /// Whether that is little, and was little lately.
    private func isSmall(bytesPerFile: Int) -> Bool {
        state.withLock { state in
            state.bytesPerFile += (bytesPerFile - state.bytesPerFile) / Self.averagedRounds
            return max(bytesPerFile, state.bytesPerFile) <= Self.bytesPerFileMax
        }
    }

    /// The journal if it is ready. Otherwise takes note that it could have been used.
    private var journal: CommitJournal? {
        state.withLock { state in
            switch state.stage {
            case .ready(let journal): return journal
            case .preparing, .retired: return nil
            case .unused(let rounds):
                state.stage = .unused(rounds: rounds + 1)
                if rounds + 1 == Self.roundsBeforeUse {
                    state.stage = .preparing
                    queue.async { self.prepare() }
                }
                return nil
            }
        }
    }

    /// Reads the round's batches from the page cache.
    private func compose(_ flushes: [PendingFlush], _ count: Int, _ record: inout JournalRecord) -> Bool {
        record.clear(capacity: count)
        do throws(StorageError) {
            for flush in flushes {
                guard let range = flush.target.journalRange else { return false }
                try record.add(
                    range, topicID: Identifier(flush.partition.topicID), partition: flush.partition.name.partition)
            }
            return true
        } catch {
            // A deleted topic, or a disk that has lost what it was given: the sync of the file says which.
            logger.debug("a round is not journaled: \(error.message)")
            return false
        }
    }

    private func take(_ count: Int, of journal: CommitJournal, for flushes: [PendingFlush]) -> CommitJournal.Place? {
        guard let place = journal.place(forBytes: count) else { return nil }
        if let closed = place.closedSection { queue.async { self.syncFiles(behind: closed, of: journal) } }
        state.withLock { state in
            for flush in flushes { state.sections[place.section][ObjectIdentifier(flush.partition)] = flush.partition }
        }
        return place
    }

    // MARK: On the queue

    private func prepare() {
        do throws(StorageError) {
            // One that is there takes no more space.
            let exists = try CommitJournal.exists(in: directory)
            let usableBytes = try directory.space().usableBytes
            guard exists || usableBytes / Self.shareOfSpace >= bytes else {
                return leavePreparing(for: .unused(rounds: 0))
            }
            leavePreparing(for: .ready(try CommitJournal.open(in: directory, bytes: bytes)))
        } catch {
            retire("it could not be made: \(error.message)")
        }
    }

    /// Unless the broker stops.
    private func leavePreparing(for stage: Stage) {
        state.withLock { state in
            if case .preparing = state.stage { state.stage = stage }
        }
    }

    /// Syncs the files behind a full section and gives it back.
    private func syncFiles(behind section: Int, of journal: CommitJournal) {
        let partitions = state.withLock { state in
            defer { state.sections[section] = [:] }
            return Array(state.sections[section].values)
        }
        let failures = flush(partitions, gently: true)
        // Who was deleted needs nothing of it any more.
        let lost = partitions.first { failures[ObjectIdentifier($0)] != nil && !$0.isDeleted }
        if let lost { return retire("it may have what the files of \(lost.name) have not") }
        let isInUse = state.withLock { if case .ready = $0.stage { true } else { false } }
        if isInUse { journal.release(section) }
    }

    /// Nothing is given back from here on.
    private func retire(_ reason: String) {
        state.withLock { $0.stage = .retired }
        logger.error("the commit journal is not used any more until the next start: \(reason)")
    }

    private func flush(_ partitions: [Partition], gently: Bool = false) -> [ObjectIdentifier: StorageError] {
        let (flushes, failures) = PendingFlush.begin(partitions, acceptsJournal: false)
        if gently, !files.syncsAll(for: flushes) { writeOut(flushes) }
        return failures.merging(files.run(flushes)) { $1 }
    }

    /// Has the disk write files little by little. Rounds that sync the journal meanwhile would wait for all of it
    /// (docs/decisions/010-commit-journal.md has measurements).
    private func writeOut(_ flushes: [PendingFlush]) {
        var written = 0
        for flush in flushes {
            // The file remembers its error, and its sync throws it.
            try? flush.target.writeOut(pieceBytes: Self.pieceBytes) { count in
                written += count
                guard written >= Self.pieceBytes, mayTakeTime else { return }
                usleep(Self.pauseMicroseconds)
                written = 0
            }
        }
    }

    /// Whether rounds will find a free section for a while.
    private var mayTakeTime: Bool {
        state.withLock { $0.sections.count { !$0.isEmpty } <= CommitJournal.sectionCount / 2 }
    }

    /// Syncs the files of partitions without anybody's round waiting for it. What fails is offline afterwards.
    func flushFiles(of partitions: [Partition], _ completion: @escaping @Sendable () -> Void) {
        queue.async {
            _ = self.flush(partitions)
            completion()
        }
    }

    /// As above, returning when it is done.
    func flushFiles(of partitions: [Partition]) { _ = queue.sync { flush(partitions) } }

    /// No section is used from here on.
    func stop() { state.withLock { $0.stage = .retired } }
}
