// PowerCutFileSystem: the real file system, and beside it a `DiskModel` of what would be left if the power went now.
//
// Only what lies below the root is modelled; what the root holds at first counts as durable. A cut is a copy of the model,
// taken between two changes: whoever runs on this file system does not notice it.
// Times of files are not modelled: a wrong one makes a segment look younger, no more.
// Thread rule: Sendable; all calls that change something take turns, so that the model has the order of the disk.

import Glibc
import LogStorage
import Synchronization

package final class PowerCutFileSystem: ForwardingFileSystem {
    private struct State {
        var disk = DiskModel()
        var nodes: [Int32: DiskModel.Node] = [:]
        var operations = 0
        var cutAt = Int.max
        var onCut: (@Sendable (DiskModel) -> Void)?
    }

    private let root: String
    package let base: any FileSystem = PosixFileSystem()
    private let state = Mutex(State())

    package init(root: String) throws(StorageError) {
        self.root = root
        var disk = DiskModel()
        try Self.load(root, [], &disk, base)
        disk.syncAll()
        state.withLock { [disk] in $0.disk = disk }
    }

    private static func load(
        _ root: String, _ components: [Substring], _ disk: inout DiskModel, _ base: any FileSystem
    ) throws(StorageError) {
        guard let node = disk.node(at: components) else { fatalError("\(components) was just made") }
        let path = ([Substring(root)] + components).joined(separator: "/")
        for name in base.list(path).names.sorted() {
            let child = path + "/" + name
            if base.status(child).status.isDirectory {
                disk.makeDirectory(name, in: node)
                try load(root, components + [Substring(name)], &disk, base)
            } else {
                let file = disk.makeFile(name, in: node)
                disk.write(file, at: 0, try AtomicFile.read(path: child, fileSystem: base) ?? [])
            }
        }
    }

    // MARK: Cuts

    /// Calls `onCut` once, before the operation with this number (counted from now) is done.
    package func cut(afterOperations count: Int, _ onCut: @escaping @Sendable (DiskModel) -> Void) {
        state.withLock { state in
            state.cutAt = state.operations + count
            state.onCut = onCut
        }
    }

    /// Cuts now, unless that has happened.
    package func cutNow() {
        state.withLock { state in
            guard let onCut = state.onCut else { return }
            state.onCut = nil
            onCut(state.disk)
        }
    }

    /// What the disk is certain to hold, and may hold, now.
    package var disk: DiskModel { state.withLock { $0.disk } }

    /// As after a failed sync of a file: its unsynced bytes are in the page cache, where they count as written, and not on the disk.
    package func loseWrites(to path: String) {
        state.withLock { state in
            if let node = components(path).flatMap({ state.disk.node(at: $0) }) { state.disk.loseWrites(to: node) }
        }
    }

    /// Operations that could make a difference, so far.
    package var operations: Int { state.withLock { $0.operations } }

    /// Runs an operation and, if the kernel did it, tells the model. The cut falls in front of it.
    private func changing<Result: BinaryInteger & Sendable>(
        _ operation: () -> Result, _ note: (inout DiskModel, [Int32: DiskModel.Node], Result) -> Void
    ) -> Result {
        state.withLock { state in
            cutIfDue(&state)
            let result = operation()
            if result >= 0 { note(&state.disk, state.nodes, result) }
            return result
        }
    }

    private func cutIfDue(_ state: inout State) {
        if state.operations == state.cutAt, let onCut = state.onCut {
            state.onCut = nil
            onCut(state.disk)
        }
        state.operations += 1
    }

    // MARK: Names

    /// The components below the root; nil outside of it.
    private func components(_ path: String) -> [Substring]? {
        guard path == root || path.hasPrefix(root + "/") else { return nil }
        return path.dropFirst(root.count).split(separator: "/")
    }

    private func place(_ path: String, _ disk: DiskModel) -> (directory: DiskModel.Node, name: String)? {
        guard let components = components(path), let name = components.last,
            let directory = disk.node(at: components.dropLast())
        else { return nil }
        return (directory, String(name))
    }

    package func open(_ path: String, flags: Int32, mode: mode_t) -> Int32 {
        state.withLock { state in
            if flags & (O_CREAT | O_TRUNC) != 0 { cutIfDue(&state) }
            let descriptor = base.open(path, flags: flags, mode: mode)
            guard descriptor >= 0, let components = components(path) else { return descriptor }
            var node = state.disk.node(at: components)
            if node == nil, flags & O_CREAT != 0, let (directory, name) = place(path, state.disk) {
                node = state.disk.makeFile(name, in: directory)
            }
            if let node, flags & O_TRUNC != 0 { state.disk.resize(node, to: 0) }
            state.nodes[descriptor] = node
            return descriptor
        }
    }

    package func close(_ descriptor: Int32) {
        state.withLock { state in
            state.nodes[descriptor] = nil
            base.close(descriptor)
        }
    }

    package func rename(_ from: String, to: String) -> Int32 {
        changing {
            base.rename(from, to: to)
        } _: { disk, _, _ in
            guard let (source, old) = place(from, disk), let (target, new) = place(to, disk) else { return }
            precondition(source == target, "renames stay in their directory")
            disk.rename(old, to: new, in: source)
        }
    }

    package func unlink(_ path: String) -> Int32 { removing(path) { base.unlink(path) } }
    package func removeDirectory(_ path: String) -> Int32 { removing(path) { base.removeDirectory(path) } }

    private func removing(_ path: String, _ operation: () -> Int32) -> Int32 {
        changing(operation) { disk, _, _ in
            if let (directory, name) = place(path, disk) { disk.remove(name, from: directory) }
        }
    }

    package func makeDirectory(_ path: String, mode: mode_t) -> Int32 {
        changing {
            base.makeDirectory(path, mode: mode)
        } _: { disk, _, _ in
            if let (directory, name) = place(path, disk) { disk.makeDirectory(name, in: directory) }
        }
    }

    // MARK: Bytes

    package func pwritev(_ descriptor: Int32, _ vectors: UnsafeBufferPointer<iovec>, at position: Int64) -> Int {
        changing {
            base.pwritev(descriptor, vectors, at: position)
        } _: { disk, nodes, count in
            guard let node = nodes[descriptor] else { return }
            let bytes = vectors.flatMap { UnsafeRawBufferPointer(start: $0.iov_base, count: $0.iov_len) }
            disk.write(node, at: Int(position), Array(bytes.prefix(count)))
        }
    }

    package func allocate(_ descriptor: Int32, from position: Int64, count: Int64) -> Int32 {
        changing {
            base.allocate(descriptor, from: position, count: count)
        } _: { disk, nodes, _ in
            if let node = nodes[descriptor] { disk.allocate(node, end: Int(position + count)) }
        }
    }

    package func truncate(_ descriptor: Int32, to size: Int64) -> Int32 {
        changing {
            base.truncate(descriptor, to: size)
        } _: { disk, nodes, _ in
            if let node = nodes[descriptor] { disk.resize(node, to: Int(size)) }
        }
    }

    // MARK: Syncs: the kernel need not do them, nothing here outlives the machine.

    package func writeOut(_ descriptor: Int32, from position: Int64, count: Int64) -> Int32 { 0 }
    package func fdatasync(_ descriptor: Int32) -> Int32 { syncing(descriptor) }
    package func fsync(_ descriptor: Int32) -> Int32 { syncing(descriptor) }

    private func syncing(_ descriptor: Int32) -> Int32 {
        changing {
            Int32(0)
        } _: { disk, nodes, _ in
            if let node = nodes[descriptor] { disk.sync(node) }
        }
    }

    package func syncfs(_ descriptor: Int32) -> Int32 {
        changing {
            Int32(0)
        } _: { disk, _, _ in
            disk.syncAll()
        }
    }
}

extension PowerCutFileSystem {
    /// Makes the tree of an image in an existing directory.
    package static func restore(_ image: [(path: String, bytes: [UInt8]?)], in root: String) {
        let base = PosixFileSystem()
        for (path, bytes) in image {
            guard let bytes else {
                precondition(base.makeDirectory(root + path, mode: 0o755) == 0, "a new directory")
                continue
            }
            let descriptor = base.open(root + path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
            precondition(descriptor >= 0, "a new file")
            defer { base.close(descriptor) }
            let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            precondition(written == bytes.count, "room for the image")
        }
    }
}
