// LoadReport: what a benchmark prints.

struct LoadReport {
    let name: String
    let records: Int
    let bytes: Int
    let seconds: Double
    /// From when a record was due to when its acknowledgement was read.
    var acknowledged: LatencyHistogram.Summary?
    /// From when a record was due to when a consumer had it.
    var endToEnd: LatencyHistogram.Summary?

    func print(_ output: OutputOptions) {
        if output.json { return output.print(writeJSON) }
        let rate = Double(records) / seconds
        let megabytes = Double(bytes) / seconds / 1e6
        StandardOutput.print(
            "\(name): \(records) records, \(Int(rate)) records/s, \(Self.text(megabytes)) MB/s, \(Self.text(seconds)) s"
        )
        guard acknowledged != nil || endToEnd != nil else { return }
        var table = TextTable(["latency in ms", "median", "90 %", "99 %", "99.9 %", "max"])
        for (name, summary) in [("acknowledged", acknowledged), ("end to end", endToEnd)] {
            guard let summary else { continue }
            table.add(
                [name] + [summary.median, summary.p90, summary.p99, summary.p999, summary.max].map(Self.text))
        }
        StandardOutput.write(Array(table.text.utf8))
    }

    private func writeJSON(_ json: inout JSONText) {
        json.object { json in
            json.field("benchmark", name)
            json.field("records", records)
            json.field("bytes", bytes)
            json.field("microseconds", Int(seconds * 1e6))
            if let acknowledged {
                json.name("acknowledged_us")
                Self.write(acknowledged, &json)
            }
            if let endToEnd {
                json.name("end_to_end_us")
                Self.write(endToEnd, &json)
            }
        }
    }

    private static func write(_ summary: LatencyHistogram.Summary, _ json: inout JSONText) {
        let microseconds = { (milliseconds: Double) in Int(milliseconds * 1_000) }
        json.object { json in
            json.field("count", summary.count)
            json.field("p50", microseconds(summary.median))
            json.field("p90", microseconds(summary.p90))
            json.field("p99", microseconds(summary.p99))
            json.field("p999", microseconds(summary.p999))
            json.field("max", microseconds(summary.max))
        }
    }

    private static func text(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
