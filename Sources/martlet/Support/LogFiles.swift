// LogFiles: the files that arguments of `log dump` and `log check` mean.

import LogStorage

struct LogFiles: Equatable {
    let path: String
    let kind: FileKind

    /// Files as they are named; of a directory the files of these kinds, in order of offsets; of a directory of
    /// directories (a data directory) those of each partition.
    static func find(
        _ paths: [String], kinds: Set<FileKind>, fileSystem: any FileSystem = PosixFileSystem()
    ) throws(CommandFailure) -> [LogFiles] {
        var found: [LogFiles] = []
        for path in paths {
            let (result, status) = fileSystem.status(path)
            guard result >= 0 else { throw CommandFailure("cannot read \(path): \(systemErrorText(-result))") }
            if status.isDirectory {
                let inside = try list(path, kinds, fileSystem, depth: 1)
                // A partition that nobody has written to has no segment yet.
                let isPartition = fileSystem.status("\(path)/partition.metadata").result >= 0
                guard !inside.isEmpty || isPartition else { throw CommandFailure("there are no segments in \(path)") }
                found += inside
            } else {
                let name = path.split(separator: "/").last.map(String.init) ?? path
                guard let (kind, _) = FileKind.parse(name) else {
                    throw CommandFailure(
                        "\(path) is not named like a segment or index: 20 digits and .log, .index or .timeindex",
                        status: .usage)
                }
                found.append(LogFiles(path: path, kind: kind))
            }
        }
        return found
    }

    private static func list(
        _ directory: String, _ kinds: Set<FileKind>, _ fileSystem: any FileSystem, depth: Int
    ) throws(CommandFailure) -> [LogFiles] {
        let (result, names) = fileSystem.list(directory)
        guard result >= 0 else { throw CommandFailure("cannot read \(directory): \(systemErrorText(-result))") }
        let base = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        var found: [LogFiles] = []
        for name in names.sorted() {
            let path = "\(base)/\(name)"
            if let (kind, _) = FileKind.parse(name), kinds.contains(kind) {
                found.append(LogFiles(path: path, kind: kind))
            } else if depth > 0, name != ".", name != "..", fileSystem.status(path).status.isDirectory {
                found += try list(path, kinds, fileSystem, depth: depth - 1)
            }
        }
        return found
    }

}
