// FaultyFileSystem: the real file system with faults injected on demand: errors, short writes, failed flushes.
//
// Thread rule: Sendable; faults may be added and cleared at any time.

import Glibc
import LogStorage
import Synchronization

package final class FaultyFileSystem: ForwardingFileSystem {
    package enum Operation: Sendable, Hashable {
        case open, read, write, flush, flushDirectory, allocate, truncate, rename, unlink, makeDirectory,
            removeDirectory, writeOut, map, residency, populate, readAhead, setModified, space
        /// Opening a file that is made if it is not there; counts as opening as well.
        case create

        /// Whether the disk looks different afterwards, or is safer. (Opening counts only if it creates or empties.)
        var isChange: Bool {
            switch self {
            case .open, .create, .read, .writeOut, .map, .residency, .populate, .readAhead, .space: false
            default: true
            }
        }
    }

    /// A change that was made.
    package struct Change: Sendable, Equatable, CustomStringConvertible {
        package let operation: Operation
        package let path: String

        package var description: String { "\(operation) \(path.split(separator: "/").last ?? "")" }
    }

    package enum Effect: Sendable {
        /// The call does nothing and reports this error number.
        case fail(errno: Int32)
        /// A write takes at most so many bytes and says so.
        case shortWrite(bytes: Int)
        /// A write or reservation takes so many bytes and then reports the error: a piece of it is in the file.
        case tornWrite(bytes: Int, errno: Int32)
        /// Runs this first; the call goes on when it returns.
        case delay(@Sendable () -> Void)
    }

    package struct Fault: Sendable {
        package var operation: Operation
        package var effect: Effect
        /// Only for paths that end so.
        package var pathSuffix: String
        /// Calls that pass before the fault strikes.
        package var skipping: Int
        /// Calls that it strikes.
        package var times: Int

        package init(
            _ operation: Operation, _ effect: Effect, pathSuffix: String = "", skipping: Int = 0, times: Int = Int.max
        ) {
            self.operation = operation
            self.effect = effect
            self.pathSuffix = pathSuffix
            self.skipping = skipping
            self.times = times
        }
    }

    private struct State {
        var faults: [Fault] = []
        var paths: [Int32: String] = [:]
        var calls: [Operation: Int] = [:]
        /// Changes that still happen before the process is dead; nil as long as it lives.
        var changesLeft: Int?
        var changes: [Change] = []
        var pretendedSpace: FileSystemSpace?
    }

    private let state = Mutex(State())
    package let base: any FileSystem = PosixFileSystem()
    private let syncs: Bool

    /// - Parameter syncs: false where nothing but a killed process is tested, which needs no sync and saves its time.
    package init(syncs: Bool = true) { self.syncs = syncs }

    package func inject(_ fault: Fault) { state.withLock { $0.faults.append(fault) } }
    package func clear() {
        state.withLock {
            $0.faults = []
            $0.changesLeft = nil
        }
    }

    /// What the file system says of its space from now on; nil is the truth.
    package func pretend(_ space: FileSystemSpace?) { state.withLock { $0.pretendedSpace = space } }

    /// As if the process were killed after so many more changes: no later one happens, and a write that is the first of
    /// those leaves a piece.
    package func crash(afterChanges count: Int) { state.withLock { $0.changesLeft = count } }

    /// Whether a crash has prevented anything yet.
    package var hasCrashed: Bool { state.withLock { ($0.changesLeft ?? 1) <= 0 } }

    /// Every change so far, in order.
    package var changes: [Change] { state.withLock { $0.changes } }

    /// What is open now.
    package var openPaths: [String] { state.withLock { Array($0.paths.values) } }

    /// Calls so far, struck or not.
    package func calls(_ operation: Operation) -> Int { state.withLock { $0.calls[operation, default: 0] } }

    private func strike(_ operation: Operation, _ path: String, isChange: Bool? = nil) -> Effect? {
        state.withLock { state in
            state.calls[operation, default: 0] += 1
            if isChange ?? operation.isChange {
                if let left = state.changesLeft {
                    state.changesLeft = left - 1
                    if left == 0 && operation == .write { return .tornWrite(bytes: 40, errno: EIO) }
                    if left <= 0 { return .fail(errno: EIO) }
                }
                state.changes.append(Change(operation: operation, path: path))
            }
            for index in state.faults.indices {
                let fault = state.faults[index]
                guard fault.operation == operation, path.hasSuffix(fault.pathSuffix), fault.times > 0 else { continue }
                if fault.skipping > 0 {
                    state.faults[index].skipping -= 1
                    continue
                }
                if fault.times != Int.max { state.faults[index].times -= 1 }
                return fault.effect
            }
            return nil
        }
    }

    private func failure(_ operation: Operation, _ path: String) -> Int32? {
        switch strike(operation, path) {
        case .fail(let errno): return -errno
        case .delay(let body): body()
        default: break
        }
        return nil
    }

    private func path(_ descriptor: Int32) -> String { state.withLock { $0.paths[descriptor] ?? "" } }

    package func open(_ path: String, flags: Int32, mode: mode_t) -> Int32 {
        let isChange = flags & (O_CREAT | O_TRUNC) != 0
        if case .fail(let errno) = strike(.open, path, isChange: isChange) { return -errno }
        if flags & O_CREAT != 0, case .fail(let errno) = strike(.create, path) { return -errno }
        let descriptor = base.open(path, flags: flags, mode: mode)
        if descriptor >= 0 { state.withLock { $0.paths[descriptor] = path } }
        return descriptor
    }

    package func close(_ descriptor: Int32) {
        state.withLock { $0.paths[descriptor] = nil }
        base.close(descriptor)
    }

    package func pread(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at position: Int64) -> Int {
        failure(.read, path(descriptor)).map(Int.init) ?? base.pread(descriptor, into: buffer, at: position)
    }

    package func pwritev(_ descriptor: Int32, _ vectors: UnsafeBufferPointer<iovec>, at position: Int64) -> Int {
        switch strike(.write, path(descriptor)) {
        case nil: return base.pwritev(descriptor, vectors, at: position)
        case .fail(let errno): return -Int(errno)
        case .delay(let body):
            body()
            return base.pwritev(descriptor, vectors, at: position)
        case .shortWrite(let bytes): return write(descriptor, vectors, at: position, limit: bytes)
        case .tornWrite(let bytes, let errno):
            _ = write(descriptor, vectors, at: position, limit: bytes)
            return -Int(errno)
        }
    }

    private func write(_ descriptor: Int32, _ vectors: UnsafeBufferPointer<iovec>, at position: Int64, limit: Int)
        -> Int
    {
        var left = limit
        var cut: [iovec] = []
        for vector in vectors where left > 0 {
            cut.append(iovec(iov_base: vector.iov_base, iov_len: min(left, vector.iov_len)))
            left -= min(left, vector.iov_len)
        }
        return cut.isEmpty ? 0 : cut.withUnsafeBufferPointer { base.pwritev(descriptor, $0, at: position) }
    }

    package func fdatasync(_ descriptor: Int32) -> Int32 {
        failure(.flush, path(descriptor)) ?? (syncs ? base.fdatasync(descriptor) : 0)
    }

    package func writeOut(_ descriptor: Int32, from position: Int64, count: Int64) -> Int32 {
        failure(.writeOut, path(descriptor)) ?? (syncs ? base.writeOut(descriptor, from: position, count: count) : 0)
    }

    package func fsync(_ descriptor: Int32) -> Int32 {
        failure(.flushDirectory, path(descriptor)) ?? (syncs ? base.fsync(descriptor) : 0)
    }

    package func syncfs(_ descriptor: Int32) -> Int32 { failure(.flush, path(descriptor)) ?? base.syncfs(descriptor) }

    package func allocate(_ descriptor: Int32, from position: Int64, count: Int64) -> Int32 {
        switch strike(.allocate, path(descriptor)) {
        case .fail(let errno): return -errno
        case .tornWrite(let bytes, let errno):
            _ = base.allocate(descriptor, from: position, count: min(Int64(bytes), count))
            return -errno
        case .delay(let body): body()
        case .shortWrite, nil: break
        }
        return base.allocate(descriptor, from: position, count: count)
    }

    package func truncate(_ descriptor: Int32, to size: Int64) -> Int32 {
        failure(.truncate, path(descriptor)) ?? base.truncate(descriptor, to: size)
    }

    package func setModified(_ descriptor: Int32, milliseconds: Int64) -> Int32 {
        failure(.setModified, path(descriptor)) ?? base.setModified(descriptor, milliseconds: milliseconds)
    }

    package func space(_ path: String) -> (result: Int32, space: FileSystemSpace) {
        if let failure = failure(.space, path) { return (failure, FileSystemSpace()) }
        return state.withLock { $0.pretendedSpace }.map { (0, $0) } ?? base.space(path)
    }

    package func rename(_ from: String, to: String) -> Int32 { failure(.rename, to) ?? base.rename(from, to: to) }
    package func unlink(_ path: String) -> Int32 { failure(.unlink, path) ?? base.unlink(path) }

    package func makeDirectory(_ path: String, mode: mode_t) -> Int32 {
        failure(.makeDirectory, path) ?? base.makeDirectory(path, mode: mode)
    }

    package func removeDirectory(_ path: String) -> Int32 {
        failure(.removeDirectory, path) ?? base.removeDirectory(path)
    }

    package func map(_ descriptor: Int32, capacity: Int) -> (result: Int32, base: UnsafeRawPointer?) {
        if let failure = failure(.map, path(descriptor)) { return (failure, nil) }
        return base.map(descriptor, capacity: capacity)
    }

    /// A failure says that the range is not in memory.
    package func isResident(_ base: UnsafeRawPointer, count: Int) -> Bool {
        failure(.residency, "") == nil && self.base.isResident(base, count: count)
    }

    package func populate(_ base: UnsafeRawPointer, count: Int) -> Int32 {
        failure(.populate, "") ?? self.base.populate(base, count: count)
    }

    package func readAhead(_ base: UnsafeRawPointer, count: Int) {
        if failure(.readAhead, "") == nil { self.base.readAhead(base, count: count) }
    }
}
