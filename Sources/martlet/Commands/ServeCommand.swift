// martlet serve: runs the broker until it is told to stop.

import ArgumentParser
import Logging
import Server
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the broker.",
        discussion: """
            Without options it listens on port 9092 of all addresses and keeps its data in ./martlet-data. SIGTERM and SIGINT \
            stop it cleanly: requests in flight are answered, everything is flushed.
            """)

    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        let start = ContinuousClock.now
        let resolved = try settings.resolve()
        var logger = Logger(label: "martlet", factory: { _ in StreamLogHandler.standardError(label: "martlet") })
        if let level = Logger.Level(rawValue: resolved["log.level"].text) { logger.logLevel = level }
        // Trapped before the first client can connect: a stop is clean from then on.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let process = try await BrokerProcess.start(resolved, logger: logger)
        let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
        logger.info(
            """
            martlet \(Version.current) serves \(process.boundAddresses.map(\.description).joined(separator: ", ")) from \
            \(process.dataDirectory), ready after \(milliseconds) ms
            """)
        for await signal in signals {
            logger.info("\(signal): stopping")
            break
        }
        await process.stop()
        logger.info("stopped cleanly")
    }
}
