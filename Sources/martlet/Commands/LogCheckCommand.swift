// martlet log check: verifies checksums, offsets and indexes of segments; exit code 1 if anything is wrong.

import ArgumentParser
import LogStorage

struct LogCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Verify segments and their indexes.",
        discussion: """
            Give .log files, directories of partitions, or a data directory. Exit code 1 if anything is wrong. A running \
            broker may be writing the last batch while it is read: check again before believing in damage at the very end.
            """)

    @Argument(help: "Files, directories of partitions, or a data directory.")
    var paths: [String]

    @OptionGroup var output: OutputOptions

    func run() throws {
        let files = try LogFiles.find(paths, kinds: [.log])
        var findings: [String] = []
        for file in files {
            guard file.kind == .log else {
                throw CommandFailure(
                    "\(file.path): give the .log file, its indexes are checked with it", status: .usage)
            }
            findings += try LogDump.check(path: file.path)
        }
        report(findings, segmentCount: files.count)
        if !findings.isEmpty {
            throw CommandFailure(
                "\(findings.count) finding\(findings.count == 1 ? "" : "s") in \(files.count) segments")
        }
    }

    private func report(_ findings: [String], segmentCount: Int) {
        guard !output.json else {
            return output.print { json in
                json.object { json in
                    json.field("segments", segmentCount)
                    json.name("findings")
                    json.array(findings) { finding, json in json.string(finding) }
                }
            }
        }
        for finding in findings { StandardOutput.print(finding) }
        if findings.isEmpty { StandardOutput.print("\(segmentCount) segment\(segmentCount == 1 ? "" : "s"), all good") }
    }
}
