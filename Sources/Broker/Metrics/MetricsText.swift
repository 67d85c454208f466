/// Metrics in the text format of Prometheus, version 0.0.4: for each family its HELP and TYPE, then a line a series.
///
/// The number of series is bounded; what is beyond is left out, and `martlet_metrics_truncated` says so.
struct MetricsText {
    private(set) var bytes: [UInt8] = []
    private(set) var isTruncated = false
    private var seriesLeft: Int

    init(seriesMax: Int) { seriesLeft = seriesMax }

    /// A family with one series.
    mutating func add(_ metric: MetricDefinition, _ value: some MetricValue) {
        family(metric) { $0.add([], value) }
    }

    /// A family; the closure adds its series. Labels are given in the order of the definition.
    mutating func family(_ metric: MetricDefinition, _ body: (inout Family) -> Void) {
        append("# HELP \(metric.name) \(Self.escaped(metric.help))\n# TYPE \(metric.name) \(metric.kind.rawValue)\n")
        var family = Family(metric: metric, text: self)
        body(&family)
        self = family.text
    }

    /// Count and sum of a summary without quantiles.
    mutating func summary(_ metric: MetricDefinition, count: Int, sum: Double) {
        precondition(metric.kind == .summary, "only a summary has a sum")
        family(metric) { family in
            family.add([], sum, suffix: "_sum")
            family.add([], count, suffix: "_count")
        }
    }

    struct Family {
        let metric: MetricDefinition
        fileprivate var text: MetricsText

        mutating func add(_ labels: [String], _ value: some MetricValue, suffix: String = "") {
            assert(labels.count == metric.labels.count, "a value for each label of \(metric.name)")
            // The marker itself always has room.
            if text.seriesLeft <= 0 && metric.name != MetricDefinition.truncated.name {
                text.isTruncated = true
                return
            }
            text.seriesLeft -= 1
            text.append(metric.name)
            text.append(suffix)
            if !labels.isEmpty {
                let pairs = zip(metric.labels, labels).map { "\($0)=\"\(MetricsText.escapedLabel($1))\"" }
                text.append("{\(pairs.joined(separator: ","))}")
            }
            text.append(" \(value.metricText)\n")
        }
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    private static func escapedLabel(_ text: String) -> String {
        // Names of topics need none of this; group ids may be anything.
        text.utf8.contains { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }
            ? escaped(text).replacing("\"", with: "\\\"") : text
    }
}

/// What a series can have as its value.
protocol MetricValue {
    var metricText: String { get }
}

extension Int: MetricValue { var metricText: String { String(self) } }
extension Int64: MetricValue { var metricText: String { String(self) } }
extension Bool: MetricValue { var metricText: String { self ? "1" : "0" } }
extension Double: MetricValue { var metricText: String { String(self) } }
