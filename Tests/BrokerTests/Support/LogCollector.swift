// What a broker writes into its log, for tests that look at it.

import Logging
import Synchronization

/// Thread rule: any thread.
final class LogCollector: Sendable {
    private let collected = Mutex<[String]>([])

    /// As `level: message`.
    var messages: [String] { collected.withLock { $0 } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(collector: self) }
    }

    func lines(containing text: String) -> [String] { messages.filter { $0.contains(text) } }

    private struct Handler: LogHandler {
        let collector: LogCollector
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            collector.collected.withLock { $0.append("\(event.level): \(event.message)") }
        }
    }
}
