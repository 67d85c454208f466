// A file system that counts what is written through it, so that somebody can tell how full the disk must be by now without
// asking the kernel before every append.
//
// It counts too much rather than too little: reserved space when it is reserved and again when it is written to, and a block for
// each file and directory that is made.
// Crash and thread rule: those of the file system behind it.

import Glibc
import Synchronization

/// What has been written so far, and how much may be reserved.
///
/// Thread rule: Sendable; counters that are independent of each other.
package final class SpaceMeter: Sendable {
    /// What a new file or directory costs about.
    static let blockBytes: Int64 = 4_096

    private let written = Atomic<Int64>(0)
    private let refused = Atomic(0)
    private let reservable = Atomic<Int64>(.max)

    package init() {}

    /// Bytes since the beginning; never less than what they have cost.
    package var writtenBytes: Int64 { written.load(ordering: .relaxed) }

    /// How often something did not fit on the disk, or into a quota.
    package var refusals: Int { refused.load(ordering: .relaxed) }

    /// Reserving space in advance ends where this many bytes have been written: it is a convenience, and must not take what
    /// is kept for other things.
    package func allowReserving(untilWritten limit: Int64) { reservable.store(limit, ordering: .relaxed) }

    fileprivate func mayReserve(_ count: Int64) -> Bool {
        count <= reservable.load(ordering: .relaxed) - writtenBytes
    }

    fileprivate func count(_ bytes: Int64) { written.add(bytes, ordering: .relaxed) }

    /// Takes note of the result of a call that needed `bytes` if it succeeded.
    fileprivate func note<Result: FixedWidthInteger & SignedInteger>(_ result: Result, bytes: Int64) -> Result {
        if result >= 0 {
            count(bytes)
        } else if result == -Result(ENOSPC) || result == -Result(EDQUOT) {
            refused.add(1, ordering: .relaxed)
        }
        return result
    }
}

package struct MeteredFileSystem: ForwardingFileSystem {
    package let base: any FileSystem
    private let meter: SpaceMeter

    package init(_ base: any FileSystem, _ meter: SpaceMeter) {
        self.base = base
        self.meter = meter
    }

    // MARK: What takes space

    package func open(_ path: String, flags: Int32, mode: mode_t) -> Int32 {
        let result = base.open(path, flags: flags, mode: mode)
        return flags & O_CREAT == 0 ? result : meter.note(result, bytes: SpaceMeter.blockBytes)
    }

    package func makeDirectory(_ path: String, mode: mode_t) -> Int32 {
        meter.note(base.makeDirectory(path, mode: mode), bytes: SpaceMeter.blockBytes)
    }

    package func pwritev(_ descriptor: Int32, _ vectors: UnsafeBufferPointer<iovec>, at position: Int64) -> Int {
        let result = base.pwritev(descriptor, vectors, at: position)
        return meter.note(result, bytes: Int64(result))
    }

    package func rename(_ from: String, to: String) -> Int32 { meter.note(base.rename(from, to: to), bytes: 0) }

    /// A failure says nothing about the disk: who reserves too much is content with less.
    package func allocate(_ descriptor: Int32, from position: Int64, count: Int64) -> Int32 {
        guard meter.mayReserve(count) else { return -ENOSPC }
        let result = base.allocate(descriptor, from: position, count: count)
        if result >= 0 { meter.count(count) }
        return result
    }

    // MARK: What takes none

    package func close(_ descriptor: Int32) { base.close(descriptor) }
    package func fdatasync(_ descriptor: Int32) -> Int32 { base.fdatasync(descriptor) }
    package func fsync(_ descriptor: Int32) -> Int32 { base.fsync(descriptor) }
    package func syncfs(_ descriptor: Int32) -> Int32 { base.syncfs(descriptor) }
    package func truncate(_ descriptor: Int32, to size: Int64) -> Int32 { base.truncate(descriptor, to: size) }
    package func unlink(_ path: String) -> Int32 { base.unlink(path) }
    package func removeDirectory(_ path: String) -> Int32 { base.removeDirectory(path) }
}
