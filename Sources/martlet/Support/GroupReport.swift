// GroupReport: a snapshot of a group, and its rates if they are known, as text for people or as JSON.

import KafkaClient

struct GroupReport {
    let snapshot: GroupSnapshot
    /// nil with a single snapshot.
    let rates: GroupRates?

    private var description: GroupDescription { snapshot.description }
    private var isConsumerKind: Bool { description.kind == .consumer }

    // MARK: Text

    var text: String {
        var text = head
        if !description.members.isEmpty { text += "\n" + memberTable }
        if !snapshot.partitions.isEmpty { text += "\n" + partitionTable }
        let notes = notes
        if !notes.isEmpty { text += "\n" + notes.map { "note: \($0)\n" }.joined() }
        return text
    }

    private var notes: [String] {
        if snapshot.partitions.isEmpty { return ["nothing is committed"] }
        let gone = snapshot.partitions.filter { $0.log == nil }.map(\.partition).grouped().map { topic in
            "\(TopicSelection.text(topic.partitions.map { TopicPartition(topic.topic, $0) })) does not exist any more: "
                + "`martlet group delete-offsets \(description.group) --topic \(topic.topic)` forgets it"
        }
        let notes = gone + snapshot.partitions.flatMap(Self.notes)
        guard notes.count > Self.notesMax else { return notes }
        return notes.prefix(Self.notesMax) + ["… and \(notes.count - Self.notesMax) more such notes"]
    }

    private static let notesMax = 10

    private var head: String {
        var lines = [
            ("group", Escapes.visible(description.group)), ("state", description.state),
            ("type", description.kind.rawValue),
        ]
        if !description.protocolType.isEmpty { lines.append(("protocol", Escapes.visible(description.protocolType))) }
        if !description.assignor.isEmpty { lines.append(("assignor", Escapes.visible(description.assignor))) }
        if let epoch = description.epoch {
            lines.append(("epoch", "\(epoch) (assignment \(description.assignmentEpoch ?? epoch))"))
        }
        lines.append(("coordinator", "\(description.coordinatorID) (\(description.coordinatorAddress))"))
        lines.append(("members", "\(description.members.count)"))
        if let lag = snapshot.lag {
            let time = snapshot.lagTime.map { lag > 0 ? ", \(DurationText.format(milliseconds: $0))" : "" } ?? ""
            lines.append(("lag", "\(Quantity.grouped(Int(lag))) \(lag == 1 ? "record" : "records")\(time)"))
        }
        if let total = rates?.total {
            lines.append(
                (
                    "rates",
                    "\(Quantity.tenths(total.consumedPerSecond)) records/s committed, "
                        + "\(Quantity.tenths(total.producedPerSecond)) records/s produced"
                ))
            lines.append(("catches up", Self.sentence(total.catchUp)))
        }
        return lines.map { name, value in
            name + String(repeating: " ", count: 13 - name.count) + value + "\n"
        }.joined()
    }

    private static func sentence(_ catchUp: CatchUp) -> String {
        switch catchUp {
        case .caughtUp: "has caught up"
        case .seconds: "in \(catchUp.text)"
        case .never: catchUp.text
        case .notYetKnown: "not known yet: nothing was committed in so short a time"
        }
    }

    private var memberTable: String {
        let hasInstances = description.members.contains { $0.instanceID != nil }
        var columns = ["MEMBER"] + (hasInstances ? ["INSTANCE"] : []) + ["CLIENT", "HOST"]
        if isConsumerKind { columns += ["EPOCH", "TARGET"] }
        var table = TextTable(columns + ["PARTITIONS"])
        for member in description.members {
            var row = [member.id] + (hasInstances ? [member.instanceID ?? "-"] : []) + [member.clientID, member.host]
            if isConsumerKind { row += [member.epoch.map { "\($0)" } ?? "-", Self.partitions(member.target)] }
            table.add(row + [Self.partitions(member.assignment)])
        }
        return table.text
    }

    /// "?" where the members speak a protocol of their own.
    private static func partitions(_ partitions: [TopicPartition]?) -> String {
        guard let partitions else { return "?" }
        return partitions.isEmpty ? "-" : TopicSelection.text(partitions)
    }

    private var partitionTable: String {
        var columns = ["TOPIC", "PARTITION", "COMMITTED", "START", "END", "LAG", "LAG TIME"]
        if rates != nil { columns += ["COMMITTED/S", "PRODUCED/S", "CATCHES UP"] }
        let hasMembers = !description.members.isEmpty
        let hasMetadata = snapshot.partitions.contains { $0.committed?.metadata.isEmpty == false }
        var table = TextTable(columns + (hasMembers ? ["MEMBER"] : []) + (hasMetadata ? ["METADATA"] : []))
        for row in snapshot.partitions {
            var cells = [
                row.partition.topic, "\(row.partition.partition)", Self.cell(row.committed?.offset),
                Self.cell(row.log?.lowerBound), Self.cell(row.log?.upperBound), Self.cell(row.lag),
                row.lagTime(now: snapshot.wallMilliseconds).map { DurationText.format(milliseconds: $0) } ?? "-",
            ]
            if let rates {
                let rate = rates.partitions[row.partition]
                cells += [
                    rate.map { Quantity.tenths($0.consumedPerSecond) } ?? "-",
                    rate.map { Quantity.tenths($0.producedPerSecond) } ?? "-", rate?.catchUp.text ?? "-",
                ]
            }
            if hasMembers { cells.append(row.memberID ?? "-") }
            if hasMetadata { cells.append(row.committed?.metadata ?? "") }
            table.add(cells)
        }
        return table.text
    }

    private static func cell(_ number: Int64?) -> String { number.map { "\($0)" } ?? "-" }

    private static func notes(_ row: GroupSnapshot.Partition) -> [String] {
        var notes: [String] = []
        guard let log = row.log else { return [] }
        if row.lost > 0 {
            let count = row.lost == 1 ? "1 record was" : "\(Quantity.grouped(Int(row.lost))) records were"
            notes.append("\(row.partition): \(count) deleted before the group had read so far")
        }
        if let committed = row.committed, committed.offset > log.upperBound {
            notes.append(
                "\(row.partition): the committed offset is beyond the end of the log; was the topic deleted and created again?"
            )
        }
        return notes
    }

    // MARK: JSON

    func write(_ json: inout JSONText) {
        json.object { json in
            json.field("group", description.group)
            json.field("state", description.state)
            json.field("type", description.kind.rawValue)
            json.field("protocol", description.protocolType)
            json.field("assignor", description.assignor.isEmpty ? nil : description.assignor)
            if isConsumerKind {
                json.field("epoch", description.epoch)
                json.field("assignment_epoch", description.assignmentEpoch)
            }
            json.name("coordinator")
            json.object { json in
                json.field("id", description.coordinatorID)
                json.field("address", description.coordinatorAddress.description)
            }
            json.field("timestamp", snapshot.wallMilliseconds)
            json.field("lag", snapshot.lag)
            json.field("lag_seconds", thousandths: snapshot.lagTime)
            Self.write(rates?.total, &json)
            json.name("members")
            json.array(description.members) { member, json in write(member, &json) }
            json.name("partitions")
            json.array(snapshot.partitions) { row, json in write(row, &json) }
        }
    }

    private func write(_ member: GroupDescription.Member, _ json: inout JSONText) {
        json.object { json in
            json.field("member", member.id)
            json.field("instance", member.instanceID)
            json.field("client", member.clientID)
            json.field("host", member.host)
            if isConsumerKind {
                json.field("epoch", member.epoch)
                json.name("target")
                Self.write(member.target, &json)
            }
            json.name("assignment")
            Self.write(member.assignment, &json)
        }
    }

    private static func write(_ partitions: [TopicPartition]?, _ json: inout JSONText) {
        guard let partitions else { return json.null() }
        json.array(partitions) { partition, json in
            json.object { json in
                json.field("topic", partition.topic)
                json.field("partition", partition.partition)
            }
        }
    }

    private func write(_ row: GroupSnapshot.Partition, _ json: inout JSONText) {
        json.object { json in
            json.field("topic", row.partition.topic)
            json.field("partition", row.partition.partition)
            json.field("committed_offset", row.committed?.offset)
            json.field("metadata", row.committed?.metadata)
            json.field("start_offset", row.log?.lowerBound)
            json.field("end_offset", row.log?.upperBound)
            json.field("lag", row.lag)
            json.field("lag_seconds", thousandths: row.lagTime(now: snapshot.wallMilliseconds))
            json.field("lost", row.lost)
            json.field("member", row.memberID)
            Self.write(rates?.partitions[row.partition], &json)
        }
    }

    /// Fields of an object; none if the rate is not known. `catch_up_seconds` is null for "never" and "?".
    private static func write(_ rate: GroupRates.Rate?, _ json: inout JSONText) {
        guard let rate else { return }
        json.field("committed_per_second", thousandths: Int64((rate.consumedPerSecond * 1000).rounded()))
        json.field("produced_per_second", thousandths: Int64((rate.producedPerSecond * 1000).rounded()))
        switch rate.catchUp {
        case .caughtUp: json.field("catch_up_seconds", thousandths: 0)
        case .seconds(let seconds):
            json.field("catch_up_seconds", thousandths: Int64(min(seconds * 1000, 1e15).rounded()))
        case .never, .notYetKnown: json.field("catch_up_seconds", thousandths: nil)
        }
    }
}
