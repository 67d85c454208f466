// DiskModel: what a disk is certain to hold, and what it may hold, at the moment the power goes.
//
// A file has durable bytes and the changes since its last sync; a directory has durable names and the changes of them since
// its last sync. `image` chooses what of the changes has reached the disk and gives the tree that the next start finds.
// Rules, those of POSIX read to the letter: syncing a file makes its bytes and its size durable and no name; syncing a
// directory makes its names durable and no bytes; syncing the file system makes everything durable; a rename happens or
// does not; nothing else is ordered or atomic.
//
// Thread rule: a plain value; copying it is cheap.

package struct DiskModel: Sendable {
    typealias Node = Int

    /// What has survived of the changes that were not synced.
    package enum Survival: CaseIterable, Sendable {
        /// Nothing.
        case syncedOnly
        /// Everything, as if the process had been killed.
        case everything
        /// The changes up to a moment, in their order, the last write torn.
        case inOrder
        /// Names and sizes up to a moment, in their order, as a journal keeps them; of the bytes any sectors.
        case journaled
        /// Any subset of everything.
        case chaotic
    }

    struct FileChange: Sendable {
        enum Kind: Sendable {
            case write(position: Int, bytes: [UInt8])
            /// Shorter, or longer with zeros.
            case resize(Int)
        }
        let order: Int
        let kind: Kind
    }

    struct NameChange: Sendable {
        enum Kind: Sendable {
            case link(String, Node)
            case unlink(String)
            case rename(String, to: String, Node)
        }
        let order: Int
        let kind: Kind
    }

    private struct File: Sendable {
        var durable: [UInt8] = []
        var pending: [FileChange] = []
        var size = 0
    }

    private struct Directory: Sendable {
        var durable: [String: Node] = [:]
        var pending: [NameChange] = []
        var current: [String: Node] = [:]
    }

    static let root: Node = 0
    private var files: [Node: File] = [:]
    private var directories: [Node: Directory] = [root: Directory()]
    private var nextNode: Node = 1
    private var order = 0

    package init() {}

    // MARK: Names

    /// The node at a path below the root, nil if there is none.
    func node(at components: [Substring]) -> Node? {
        var node = Self.root
        for component in components {
            guard let next = directories[node]?.current[String(component)] else { return nil }
            node = next
        }
        return node
    }

    mutating func makeFile(_ name: String, in directory: Node) -> Node {
        let node = newNode()
        files[node] = File()
        change(directory, .link(name, node))
        return node
    }

    mutating func makeDirectory(_ name: String, in directory: Node) {
        let node = newNode()
        directories[node] = Directory()
        change(directory, .link(name, node))
    }

    mutating func remove(_ name: String, from directory: Node) { change(directory, .unlink(name)) }

    mutating func rename(_ from: String, to: String, in directory: Node) {
        guard let node = directories[directory]?.current[from] else { return }
        change(directory, .rename(from, to: to, node))
    }

    private mutating func newNode() -> Node {
        defer { nextNode += 1 }
        return nextNode
    }

    private mutating func change(_ directory: Node, _ kind: NameChange.Kind) {
        order += 1
        directories[directory]?.pending.append(NameChange(order: order, kind: kind))
        Self.apply(kind, to: &directories[directory, default: Directory()].current)
    }

    private static func apply(_ kind: NameChange.Kind, to names: inout [String: Node]) {
        switch kind {
        case .link(let name, let node): names[name] = node
        case .unlink(let name): names[name] = nil
        case .rename(let from, let to, let node):
            if names[from] == node { names[from] = nil }
            names[to] = node
        }
    }

    // MARK: Bytes

    mutating func write(_ node: Node, at position: Int, _ bytes: [UInt8]) {
        order += 1
        files[node]?.pending.append(FileChange(order: order, kind: .write(position: position, bytes: bytes)))
        let size = files[node]?.size ?? 0
        files[node]?.size = max(size, position + bytes.count)
    }

    mutating func resize(_ node: Node, to size: Int) {
        guard files[node]?.size != size else { return }
        order += 1
        files[node]?.pending.append(FileChange(order: order, kind: .resize(size)))
        files[node]?.size = size
    }

    /// Reserves blocks and grows the file over them; never shrinks it.
    mutating func allocate(_ node: Node, end: Int) { resize(node, to: max(end, files[node]?.size ?? 0)) }

    // MARK: Syncs

    mutating func sync(_ node: Node) {
        if let file = files[node], !file.pending.isEmpty {
            var bytes = file.durable
            for change in file.pending { Self.apply(change.kind, to: &bytes) }
            files[node] = File(durable: bytes, pending: [], size: bytes.count)
        }
        if let directory = directories[node], !directory.pending.isEmpty {
            directories[node]?.durable = directory.current
            directories[node]?.pending = []
        }
    }

    /// The disk could not write what was written to a file, and the kernel has said so: the next sync finds nothing to be done.
    mutating func loseWrites(to node: Node) {
        files[node]?.pending.removeAll { if case .write = $0.kind { true } else { false } }
    }

    mutating func syncAll() {
        for node in Array(files.keys) + Array(directories.keys) { sync(node) }
    }

    private static func apply(_ kind: FileChange.Kind, to bytes: inout [UInt8]) {
        switch kind {
        case .resize(let size):
            if size < bytes.count { bytes.removeSubrange(size...) }
            bytes += [UInt8](repeating: 0, count: size - bytes.count)
        case .write(let position, let written):
            let end = position + written.count
            if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
            bytes.replaceSubrange(position..<end, with: written)
        }
    }

    // MARK: Images

    /// What the next start finds, by path; nil stands for a directory. Parents come before what they hold.
    package func image(
        _ survival: Survival, using generator: inout SeededGenerator
    ) -> [(path: String, bytes: [UInt8]?)] {
        var moment = 0
        if survival == .inOrder || survival == .journaled {
            // Most unsynced changes are young.
            moment =
                order - min(order, Int.random(in: 0...Int.random(in: 0...40, using: &generator), using: &generator))
        }
        var found: [(path: String, bytes: [UInt8]?)] = []
        collect(Self.root, "", survival, moment, &generator, &found)
        return found
    }

    private func collect(
        _ node: Node, _ path: String, _ survival: Survival, _ moment: Int, _ generator: inout SeededGenerator,
        _ found: inout [(path: String, bytes: [UInt8]?)]
    ) {
        guard let directory = directories[node] else {
            found.append((path, bytes(of: files[node] ?? File(), survival, moment, &generator)))
            return
        }
        if !path.isEmpty { found.append((path, nil)) }
        for (name, child) in names(of: directory, survival, moment, &generator).sorted(by: { $0.key < $1.key }) {
            collect(child, path + "/" + name, survival, moment, &generator, &found)
        }
    }

    private func names(
        of directory: Directory, _ survival: Survival, _ moment: Int, _ generator: inout SeededGenerator
    ) -> [String: Node] {
        var names = directory.durable
        for change in directory.pending {
            let survives =
                switch survival {
                case .syncedOnly: false
                case .everything: true
                case .inOrder, .journaled: change.order <= moment
                case .chaotic: Bool.random(using: &generator)
                }
            if survives { Self.apply(change.kind, to: &names) }
        }
        return names
    }

    private func bytes(
        of file: File, _ survival: Survival, _ moment: Int, _ generator: inout SeededGenerator
    ) -> [UInt8] {
        if file.pending.isEmpty { return file.durable }
        switch survival {
        case .syncedOnly: return file.durable
        case .everything, .inOrder: return bytes(of: file, until: survival == .everything ? order : moment, &generator)
        case .journaled: return sectors(of: file, sizeAt: moment, &generator)
        case .chaotic:
            let moments = [0] + file.pending.map(\.order)
            return sectors(of: file, sizeAt: moments.randomElement(using: &generator) ?? 0, &generator)
        }
    }

    private func bytes(of file: File, until moment: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = file.durable
        for change in file.pending where change.order <= moment {
            // The last change of all was under way: a part of it has got through.
            if change.order == moment, moment < order, case .write(let position, let written) = change.kind {
                let part = Int.random(in: 0...written.count, using: &generator)
                Self.apply(.write(position: position, bytes: Array(written[..<part])), to: &bytes)
            } else {
                Self.apply(change.kind, to: &bytes)
            }
        }
        return bytes
    }

    /// Every sector as it was at some moment since the last sync, each at its own; the size as it was at `moment`.
    private func sectors(of file: File, sizeAt moment: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        var versions = [file.durable]
        for change in file.pending {
            var next = versions[versions.count - 1]
            Self.apply(change.kind, to: &next)
            versions.append(next)
        }
        let size = versions[file.pending.count { $0.order <= moment }].count
        let sectorBytes = Bool.random(using: &generator) ? 512 : 4_096
        let shares = [0.0, 0.3, 0.7, 0.95, 1.0]
        let newest = shares[Int.random(in: 0..<shares.count, using: &generator)]
        var result = [UInt8](repeating: 0, count: size)
        for start in stride(from: 0, to: size, by: sectorBytes) {
            let isNewest = Double.random(in: 0..<1, using: &generator) < newest
            let version = isNewest ? versions.count - 1 : Int.random(in: 0..<versions.count, using: &generator)
            let end = min(start + sectorBytes, size, versions[version].count)
            if start < end { result.replaceSubrange(start..<end, with: versions[version][start..<end]) }
        }
        return result
    }
}
