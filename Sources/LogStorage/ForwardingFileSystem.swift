// A file system in front of another one, which does the work.
//
// What leaves bytes and names as they are is passed on from here. What changes them is not, although most of it is passed on as
// well: who counts, models or prevents changes has to say something of each, and of one that is added to `FileSystem`.
// Crash and thread rule: those of the file system behind it.

import Glibc

package protocol ForwardingFileSystem: FileSystem {
    /// The one that does the work.
    var base: any FileSystem { get }
}

extension ForwardingFileSystem {
    package func pread(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at position: Int64) -> Int {
        base.pread(descriptor, into: buffer, at: position)
    }

    package func writeOut(_ descriptor: Int32, from position: Int64, count: Int64) -> Int32 {
        base.writeOut(descriptor, from: position, count: count)
    }

    package func lock(_ descriptor: Int32) -> Int32 { base.lock(descriptor) }
    package func size(_ descriptor: Int32) -> Int64 { base.size(descriptor) }

    package func setModified(_ descriptor: Int32, milliseconds: Int64) -> Int32 {
        base.setModified(descriptor, milliseconds: milliseconds)
    }

    package func status(_ path: String) -> (result: Int32, status: FileStatus) { base.status(path) }
    package func space(_ path: String) -> (result: Int32, space: FileSystemSpace) { base.space(path) }
    package func list(_ path: String) -> (result: Int32, names: [String]) { base.list(path) }

    package func map(_ descriptor: Int32, capacity: Int) -> (result: Int32, base: UnsafeRawPointer?) {
        base.map(descriptor, capacity: capacity)
    }

    package func unmap(_ address: UnsafeRawPointer, capacity: Int) { base.unmap(address, capacity: capacity) }
    package func isResident(_ address: UnsafeRawPointer, count: Int) -> Bool { base.isResident(address, count: count) }
    package func populate(_ address: UnsafeRawPointer, count: Int) -> Int32 { base.populate(address, count: count) }
    package func readAhead(_ address: UnsafeRawPointer, count: Int) { base.readAhead(address, count: count) }
}
