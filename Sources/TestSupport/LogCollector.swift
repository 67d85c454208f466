// LogCollector: keeps what is written into a log, for tests that look at it.
//
// Thread rule: Sendable; any thread may log and look.

import Logging
import Synchronization

package final class LogCollector: Sendable {
    private let collected = Mutex<[String]>([])

    package init() {}

    /// As `level: message`.
    package var messages: [String] { collected.withLock { $0 } }

    package var logger: Logger {
        Logger(label: "test") { _ in Handler(collector: self) }
    }

    package func lines(containing text: String) -> [String] { messages.filter { $0.contains(text) } }

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
