// martlet log check: verifies checksums, offsets and indexes of segments; exit code 1 if anything is wrong. With --repair it
// puts a stopped broker's data directory in order (`DirectoryRepair`).

import ArgumentParser
import Broker
import LogStorage

struct LogCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Verify segments and their indexes.",
        discussion: """
            Give .log files, directories of partitions, or a data directory. Exit code 1 if anything is wrong. A running \
            broker may be writing the last batch while it is read: check again before believing in damage at the very end.

            --repair takes the data directory, or one partition's directory, of a stopped broker. Damaged batches are moved to the \
            sub-directory `damaged`, all others stay readable at their offsets; indexes, snapshots, checkpoints and the \
            catalogue are made again. Each step says what could not be saved. --dry-run shows the steps and does none.
            """)

    @Argument(help: "Files, directories of partitions, or a data directory.")
    var paths: [String]

    @Flag(help: "Repair what is wrong. The broker must be stopped.")
    var repair = false

    @Flag(help: "With --repair: show what would be done.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if dryRun && !repair { throw ValidationError("--dry-run goes with --repair.") }
    }

    func run() throws {
        if repair { return try runRepair() }
        let files = try LogFiles.find(paths, kinds: [.log])
        var findings: [String] = []
        for file in files {
            guard file.kind == .log else {
                throw CommandFailure(
                    "\(file.path): give the .log file, its indexes are checked with it", status: .usage)
            }
            findings += try check(file.path)
        }
        report(findings, segmentCount: files.count)
        if !findings.isEmpty {
            throw CommandFailure(
                "\(findings.count) finding\(findings.count == 1 ? "" : "s") in \(files.count) segments")
        }
    }

    private func check(_ path: String) throws -> [String] {
        do { return try LogDump.check(path: path) } catch {
            // A running broker may have deleted or compacted it since it was listed.
            if error.code == .notFound && !paths.contains(path) { return [] }
            throw error
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

    // MARK: Repair

    private func runRepair() throws {
        var sessions: [RepairSession] = []
        for path in paths { sessions.append(try DirectoryRepair.run(path: path, isDryRun: dryRun)) }
        let steps = sessions.flatMap(\.steps)
        if output.json { printJSON(sessions, steps) } else { printText(sessions, steps) }
        let unrepairable = steps.filter { $0.action == .unrepairable }.count
        if unrepairable > 0 { throw CommandFailure("\(unrepairable) of \(steps.count) findings could not be repaired") }
        if dryRun && !steps.isEmpty { throw CommandFailure("\(steps.count) steps would be taken; nothing was changed") }
    }

    private func printText(_ sessions: [RepairSession], _ steps: [RepairStep]) {
        for step in steps {
            StandardOutput.print("\(dryRun ? "would be " : "")\(step.action.text): \(step.message)")
            if let kept = step.keptAs { StandardOutput.print("  damaged bytes: \(kept)") }
        }
        let segments = sessions.reduce(0) { $0 + $1.segmentCount }
        let partitions = sessions.reduce(0) { $0 + $1.partitionCount }
        let done =
            steps.isEmpty ? "nothing to repair" : dryRun ? "\(steps.count) steps to take" : "\(steps.count) steps taken"
        StandardOutput.print("\(partitions) partitions, \(segments) segments: \(done)")
    }

    private func printJSON(_ sessions: [RepairSession], _ steps: [RepairStep]) {
        output.print { json in
            json.object { json in
                json.field("dry_run", dryRun)
                json.field("partitions", sessions.reduce(0) { $0 + $1.partitionCount })
                json.field("segments", sessions.reduce(0) { $0 + $1.segmentCount })
                json.field("bytes", sessions.reduce(0) { $0 + $1.scannedBytes })
                json.name("steps")
                json.array(steps) { step, json in
                    json.object { json in
                        json.field("action", step.action.rawValue)
                        json.field("file", step.path)
                        json.field("message", step.message)
                        json.field("kept_as", step.keptAs)
                    }
                }
            }
        }
    }
}

extension RepairStep.Action {
    fileprivate var text: String { rawValue.replacing("_", with: " ") }
}
