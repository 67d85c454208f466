// Path operations on a `FileSystem` with typed errors: everything the module does to directories and names.
//
// Crash rule: `syncDirectory` makes names (created, renamed, removed) survive a power cut; the rest promises nothing.
// Thread rule: no state.

import Glibc

extension FileSystem {
    /// Size and kind of a file, nil when there is none.
    func statusIfPresent(_ path: String) throws(StorageError) -> FileStatus? {
        let (result, found) = status(path)
        if result == -ENOENT { return nil }
        if result < 0 { throw .system(-result, "examine", path) }
        return found
    }

    func names(in path: String) throws(StorageError) -> [String] {
        let (result, names) = list(path)
        if result < 0 { throw .system(-result, "list the directory", path) }
        return names
    }

    /// Creates a directory; `existsAlready` is fine unless `exclusively`.
    func createDirectory(_ path: String, exclusively: Bool = false) throws(StorageError) {
        let result = makeDirectory(path, mode: 0o755)
        if result == -EEXIST && !exclusively { return }
        if result < 0 { throw .system(-result, "create the directory", path) }
    }

    /// Creates a directory with everything above it, durably: a synced file in a directory whose own name is lost in a
    /// power cut is lost with it.
    func createDirectories(_ path: String) throws(StorageError) {
        if try statusIfPresent(path)?.isDirectory == true { return }
        let parent = parentDirectory(of: path)
        if parent != path { try createDirectories(parent) }
        try createDirectory(path)
        try syncDirectory(parent)
    }

    func renameFile(_ from: String, to: String) throws(StorageError) {
        let result = rename(from, to: to)
        if result < 0 { throw .system(-result, "rename \(from) to", to) }
    }

    /// True when there was such a file.
    @discardableResult
    func renameIfPresent(_ from: String, to: String) throws(StorageError) -> Bool {
        let result = rename(from, to: to)
        if result == -ENOENT { return false }
        if result < 0 { throw .system(-result, "rename \(from) to", to) }
        return true
    }

    /// Removes a name; one that is already gone is fine.
    func removeFile(_ path: String) throws(StorageError) {
        let result = unlink(path)
        if result < 0 && result != -ENOENT { throw .system(-result, "remove", path) }
    }

    /// Removes a directory with all it holds; one that is already gone is fine.
    func removeTree(_ path: String) throws(StorageError) {
        guard let found = try statusIfPresent(path) else { return }
        guard found.isDirectory else { return try removeFile(path) }
        for name in try names(in: path) { try removeTree(path + "/" + name) }
        let result = removeDirectory(path)
        if result < 0 && result != -ENOENT { throw .system(-result, "remove the directory", path) }
    }

    /// Makes the names inside a directory durable.
    func syncDirectory(_ path: String) throws(StorageError) {
        let descriptor = open(path, flags: O_RDONLY | O_DIRECTORY, mode: 0)
        if descriptor < 0 { throw .system(-descriptor, "open the directory", path) }
        defer { close(descriptor) }
        let result = fsync(descriptor)
        if result < 0 { throw .system(-result, "flush the directory", path) }
    }
}

/// The directory that a path lies in; `.` for a bare name, `/` for the root.
func parentDirectory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}
