import LogStorage
import Logging
import Synchronization

/// Whether there is room on the disk, and for what.
///
/// What is left below `log.disk.min.free.bytes` is kept for what the broker needs to go on, least needed last: below the limit
/// records and new topics are refused, below a half of it what groups store, below an eighth compaction ends. Checkpoints, the
/// catalogue, deletions, a clean stop and recovery may take the rest.
///
/// The kernel is asked once a second, and in between when so much has been written that a limit may have been passed, or a
/// quarter of it, since others may write as well: who appends reads two counters. So a limit may be missed by a sixteenth, and
/// by what is under way.
/// Thread rule: any thread. The lock is the innermost one; who appends never waits for it.
package final class DiskSpace: Sendable {
    /// What space is wanted for.
    package enum Purpose: Int, CaseIterable, Sendable {
        /// What clients send, and topics that they create.
        case records
        /// Commits and members: small, and consumers cannot do without them.
        case groups
        /// What makes room in the end.
        case upkeep

        /// The share of the limit that has to be free for it.
        fileprivate func share(of limit: Int64) -> Int64 {
            switch self {
            case .records: limit
            case .groups: limit / 2
            case .upkeep: limit / 8
            }
        }
    }

    private struct State {
        var freeBytes = Int64.max
        var limitBytes: Int64 = 0
        /// Refusals by the disk that were seen already.
        var refusals = 0
        /// When the disk refused something although there seemed to be room: a quota, or no inodes.
        var unexplainedNanoseconds: Int64?
        var isShort = false
        var hasSaidGroups = false
        var complaint: String?
    }

    /// Unless the settings say something else: of a small disk a twentieth, of a large one half a gigabyte.
    private static let automaticShare: Int64 = 20
    private static let automaticMaxBytes: Int64 = 512 << 20
    /// The kernel is not asked again before so much was written, as a share of the limit and at least.
    private static let slackShare: Int64 = 16
    private static let slackMinBytes: Int64 = 64 << 10
    /// The kernel is asked again when so much was written, as a share of the limit, however much room there was.
    private static let patienceShare: Int64 = 4
    /// How much more than the limit has to be free for it to be over, so that it is not over and not for a few bytes.
    private static let returnShare: Int64 = 4
    private static let returnMaxBytes: Int64 = 64 << 20
    /// An unexplained refusal counts for so long.
    private static let refusalNanoseconds: Int64 = 10_000_000_000

    private let directory: DataDirectory
    private let meter: SpaceMeter
    private let time: any TimeSource
    private let logger: Logger
    /// nil: found out from the size of the file system.
    private let statedLimit: Int64?
    private let refusal: StorageError
    /// How many purposes are refused, in their order.
    private let refusedPurposes = Atomic(0)
    /// The count of written bytes from which the kernel has to be asked again.
    private let lookAt = Atomic<Int64>(0)
    private let state = Mutex(State())

    init(
        directory: DataDirectory, meter: SpaceMeter, settings: BrokerSettings, time: any TimeSource, logger: Logger
    ) {
        self.directory = directory
        self.meter = meter
        self.time = time
        self.logger = logger
        let stated = Int64(settings.integer("log.disk.min.free.bytes"))
        statedLimit = stated < 0 ? nil : stated
        refusal = StorageError(
            .noSpace,
            "The disk of \(directory.path) is almost full (log.disk.min.free.bytes). Free some space; appends are taken "
                + "again as soon as there is room.")
        look()
    }

    // MARK: Asking

    /// Refuses what there is no room for. The same as what a full disk would say, only earlier.
    package func admit(_ purpose: Purpose) throws(StorageError) {
        if !hasRoom(for: purpose) { throw refusal }
    }

    /// As `admit`, for something that takes more than a batch does.
    func admit(_ purpose: Purpose, bytes: Int64) throws(StorageError) {
        let fits = state.withLock { state in
            look(&state)
            return state.freeBytes - bytes >= purpose.share(of: state.limitBytes)
        }
        if !fits { throw refusal }
        try admit(purpose)
    }

    func hasRoom(for purpose: Purpose) -> Bool {
        if meter.writtenBytes >= lookAt.load(ordering: .relaxed) {
            // Whoever is looking already does it for all.
            _ = state.withLockIfAvailable { look(&$0) }
        }
        return purpose.rawValue >= refusedPurposes.load(ordering: .relaxed)
    }

    /// Something is refused, or was until a moment ago.
    var isShort: Bool { state.withLock { $0.isShort } }

    /// See `SpaceMeter`.
    var writtenBytes: Int64 { meter.writtenBytes }

    // MARK: Looking

    /// Asks the kernel. To be called now and then: it is how service resumes.
    package func look() { state.withLock { look(&$0) } }

    private func look(_ state: inout State) {
        // First: what is written meanwhile then counts twice.
        let written = meter.writtenBytes
        let space: FileSystemSpace
        do throws(StorageError) { space = try directory.space() } catch {
            if state.complaint != error.message {
                logger.warning("how full the disk is cannot be found out: \(error.message)")
            }
            state.complaint = error.message
            lookAt.store(written.addingSaturating(Self.slackMinBytes), ordering: .relaxed)
            return
        }
        state.complaint = nil
        state.freeBytes = space.usableBytes
        state.limitBytes = statedLimit ?? min(space.totalBytes / Self.automaticShare, Self.automaticMaxBytes)
        let previous = refusedPurposes.load(ordering: .relaxed)
        let refused = refusedPurposes(state, previous)
        allow(refused, written, state)
        noteRefusals(&state, isExplained: refused > 0 || previous > 0)
        report(refused, &state)
    }

    private func refusedPurposes(_ state: State, _ previous: Int) -> Int {
        let (free, limit) = (state.freeBytes, state.limitBytes)
        let refused = Purpose.allCases.prefix { free < $0.share(of: limit) }.count
        guard refused == 0, previous > 0 else { return refused }
        let enough = limit.addingSaturating(min(limit / Self.returnShare, Self.returnMaxBytes))
        return free < enough ? 1 : 0
    }

    /// Publishes what is refused, and until when that holds.
    private func allow(_ refused: Int, _ written: Int64, _ state: State) {
        refusedPurposes.store(refused, ordering: .relaxed)
        let (free, limit) = (state.freeBytes, state.limitBytes)
        guard limit > 0 else { return lookAt.store(.max, ordering: .relaxed) }
        let slack = max(limit / Self.slackShare, Self.slackMinBytes)
        let patience = max(limit / Self.patienceShare, slack)
        let left = Purpose(rawValue: refused).map { min(max(free - $0.share(of: limit), slack), patience) } ?? .max
        lookAt.store(written.addingSaturating(left), ordering: .relaxed)
        meter.allowReserving(untilWritten: refused > 0 ? written : written.addingSaturating(max(free - limit, 0)))
    }

    private func noteRefusals(_ state: inout State, isExplained: Bool) {
        let refusals = meter.refusals
        let now = time.monotonicNanoseconds
        if isExplained {
            state.unexplainedNanoseconds = nil
        } else if refusals != state.refusals {
            state.unexplainedNanoseconds = now
        } else if let last = state.unexplainedNanoseconds, now - last >= Self.refusalNanoseconds {
            state.unexplainedNanoseconds = nil
        }
        state.refusals = refusals
    }

    /// One line when it begins, one when it ends, and one in between if groups are concerned.
    private func report(_ refused: Int, _ state: inout State) {
        let isShort = refused > 0 || state.unexplainedNanoseconds != nil
        let disk = "the disk of \(directory.path) has \(state.freeBytes) bytes free"
        if isShort && !state.isShort {
            logger.error(
                refused > 0
                    ? "\(disk), less than the \(state.limitBytes) of log.disk.min.free.bytes: records and new topics are refused until there is room"
                    : "\(disk), but takes no more (its inodes or a quota may be used up): what it refuses is refused until it does"
            )
        }
        if refused > Purpose.groups.rawValue && !state.hasSaidGroups {
            state.hasSaidGroups = true
            logger.error("\(disk): what groups store is refused as well")
        }
        if !isShort && state.isShort {
            state.hasSaidGroups = false
            logger.notice("\(disk): everything is taken again")
        }
        state.isShort = isShort
    }
}

extension Int64 {
    fileprivate func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
