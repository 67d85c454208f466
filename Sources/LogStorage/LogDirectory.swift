// The directory of one partition and the names in it.
//
// Layout: `<topic>-<partition>/`, in it for each segment `<base offset, 20 digits>.log`, `.index`, `.timeindex`, producer
// snapshots `<offset>.snapshot`, `leader-epoch-checkpoint` and `partition.metadata`, all as Kafka names them.
// Thread rule: Sendable and immutable; shared by the log, its segments and pending flushes.

final class LogDirectory: Sendable {
    let path: String
    let fileSystem: any FileSystem

    init(path: String, fileSystem: any FileSystem) {
        self.path = path
        self.fileSystem = fileSystem
    }

    func path(_ offset: Int64, _ kind: FileKind) -> String { "\(path)/\(FileKind.name(of: offset))\(kind.rawValue)" }
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
