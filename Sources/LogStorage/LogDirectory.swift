// The directory of one partition and the names in it.
//
// Layout: `<topic>-<partition>/`, in it for each segment `<base offset, 20 digits>.log`, `.index`, `.timeindex`, producer
// snapshots `<offset>.snapshot`, `leader-epoch-checkpoint` and `partition.metadata`, all as Kafka names them. `FileSuffix`
// names what is on its way in or out.
// Thread rule: Sendable and immutable; shared by the log, its segments and pending flushes.

final class LogDirectory: Sendable {
    let path: String
    let fileSystem: any FileSystem
    /// Bounds what the log keeps open.
    let pool: HandlePool

    init(path: String, fileSystem: any FileSystem, pool: HandlePool = .unlimited) {
        self.path = path
        self.fileSystem = fileSystem
        self.pool = pool
    }

    func path(_ offset: Int64, _ kind: FileKind, _ suffix: FileSuffix = .none) -> String {
        "\(path)/\(FileKind.name(of: offset))\(kind.rawValue)\(suffix.rawValue)"
    }
}

/// What the name of a file says about it.
package enum FileKind: String, CaseIterable, Sendable {
    case log = ".log"
    case offsetIndex = ".index"
    case timeIndex = ".timeindex"
    case producerSnapshot = ".snapshot"

    static let offsetDigits = 20

    /// 20 digits, as in `00000000000000000042`.
    static func name(of offset: Int64) -> String {
        let digits = String(offset)
        return String(repeating: "0", count: offsetDigits - digits.count) + digits
    }

    /// Kind and offset of a file name, nil for names that are not of this form.
    package static func parse(_ name: String) -> (kind: FileKind, offset: Int64)? {
        guard let dot = name.firstIndex(of: "."), let kind = FileKind(rawValue: String(name[dot...])),
            let offset = Int64(name[..<dot]), offset >= 0, name.utf8.count - kind.rawValue.utf8.count == offsetDigits
        else { return nil }
        return (kind, offset)
    }
}

/// What follows the kind of a file that is not (or no longer) part of the log.
enum FileSuffix: String, CaseIterable, Sendable {
    case none = ""
    /// Being written by the cleaner; worth nothing after a crash.
    case cleaned = ".cleaned"
    /// Complete and durable: takes the place of the segments whose offsets it covers, now or at the next start.
    case swap = ".swap"
    /// Was replaced or has expired; removed at leisure.
    case deleted = ".deleted"

    /// Kind, offset and suffix of a file name that has one; nil for all others.
    static func parse(_ name: String) -> (kind: FileKind, offset: Int64, suffix: FileSuffix)? {
        for suffix in allCases where suffix != .none && name.hasSuffix(suffix.rawValue) {
            guard let (kind, offset) = FileKind.parse(String(name.dropLast(suffix.rawValue.count))) else { return nil }
            return (kind, offset, suffix)
        }
        return nil
    }
}
