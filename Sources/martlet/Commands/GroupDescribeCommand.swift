// martlet group describe: state, members, committed offsets and lag of groups; once, or again and again.

import ArgumentParser
import KafkaClient
import KafkaProtocol
import LogStorage
import UnixSignals

struct GroupDescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Show groups: state, members, offsets, lag in records and in time.",
        discussion: """
            LAG counts the offsets that are not consumed yet. LAG TIME is how old the oldest record is that is not consumed \
            yet: the time now, minus the timestamp of the record at the committed offset. With two samples (--rate, --watch) \
            it also shows how fast the group commits, how fast its topics grow, and in what time it will have caught up: \
            lag / (committed - produced), or "never". --watch compares with up to half a minute ago, and waits for a broker \
            that is away.
            """)

    @Argument(help: "The groups' names.")
    var groups: [String] = []

    @Flag(help: "Show all groups.")
    var all = false

    @Option(
        name: .shortAndLong, defaultAsFlag: 2,
        help: ArgumentHelp(
            "Show it again and again, after so many seconds each, until Ctrl-C; on a terminal in place.",
            valueName: "seconds"))
    var watch: Double?

    @Option(help: ArgumentHelp("Take a second sample after so long, to show rates.", valueName: "seconds"))
    var rate: Double?

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if all == !groups.isEmpty { throw ValidationError("Name groups, or give --all.") }
        if watch != nil, rate != nil { throw ValidationError("--watch shows rates anyway: give it without --rate.") }
        if let seconds = watch ?? rate, !(0.1...3600).contains(seconds) {
            throw ValidationError("--watch and --rate take a number of seconds from 0.1 to 3600.")
        }
    }

    func run() async throws {
        if let watch { return try await show(every: watch) }
        let cluster = try await client.connect()
        var history = GroupHistory()
        var (snapshots, rates) = try await sample(cluster, &history)
        if let rate {
            try await Task.sleep(for: .seconds(rate))
            (snapshots, rates) = try await sample(cluster, &history)
        }
        await cluster.close()
        StandardOutput.write(Array(text(snapshots, rates).utf8))
    }

    private func show(every seconds: Double) async throws {
        let cluster = LastingCluster(client)
        let stop = StopSignal()
        await stop.watch { await cluster.close() }
        var history = GroupHistory()
        var screen = Screen(isTerminal: StandardOutput.isTerminal && !output.json)
        defer { screen.leave() }
        // nil until something was shown: a broker that is not there from the start is an error.
        var last: String?
        var isAway = false
        while !stop.isSet {
            do {
                let (snapshots, rates) = try await sample(try await cluster.connected(), &history)
                let text = text(snapshots, rates)
                if output.json { StandardOutput.write(Array(text.utf8)) } else { screen.show(text) }
                (last, isAway) = (text, false)
            } catch {
                if stop.isSet { break }
                guard let last, let failure = error as? ClientError, failure.mayPass else { throw error }
                await cluster.drop()
                screen.warn("waiting for the broker: \(failure.message)", below: last, isNew: !isAway)
                isAway = true
            }
            await stop.pause(.seconds(seconds))
        }
        await cluster.close()
    }

    private func sample(
        _ cluster: KafkaCluster, _ history: inout GroupHistory
    ) async throws -> ([GroupSnapshot], [String: GroupRates]) {
        let names = all ? try await GroupListCommand.list(ListGroupsRequest(), from: cluster).map(\.groupID) : groups
        let snapshots = try await GroupSnapshot.read(names, from: cluster) {
            let time = SystemTime()
            return (time.wallMilliseconds, time.monotonicNanoseconds / 1_000_000)
        }
        // With --all, a group may have gone since it was listed.
        let found = Set(snapshots.map(\.description.group))
        if !all, let missing = names.first(where: { !found.contains($0) }) { throw Self.missing(missing) }
        return (snapshots, history.rates(snapshots))
    }

    static func missing(_ group: String) -> CommandFailure {
        CommandFailure("group \"\(group)\" does not exist, see `martlet group list`")
    }

    private func text(_ snapshots: [GroupSnapshot], _ rates: [String: GroupRates]) -> String {
        let reports = snapshots.map { GroupReport(snapshot: $0, rates: rates[$0.description.group]) }
        guard output.json else { return reports.map(\.text).joined(separator: "\n\n") }
        var json = JSONText()
        json.array(reports) { report, json in report.write(&json) }
        json.newLine()
        return json.text
    }
}
