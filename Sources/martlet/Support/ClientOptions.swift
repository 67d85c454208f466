// ClientOptions: the options of every command that talks to a broker.

import ArgumentParser
import Glibc
import KafkaClient

struct ClientOptions: ParsableArguments {
    @Option(
        name: [.customShort("b"), .customLong("bootstrap-server")],
        help: ArgumentHelp(
            "The broker's address (default: $MARTLET_BOOTSTRAP_SERVER, or localhost:9092).", valueName: "host:port"))
    var bootstrapServer: String?

    @Option(help: ArgumentHelp("How long to wait for an answer.", valueName: "seconds"))
    var timeout: Int = 30

    static let defaultAddress = "localhost:9092"
    static let environmentName = "MARTLET_BOOTSTRAP_SERVER"

    func validate() throws {
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout is a number of seconds from 1 to 86400.")
        }
        do { _ = try address() } catch { throw ValidationError(error.message) }
    }

    func address() throws(ClientError) -> BrokerAddress {
        let fromEnvironment = getenv(Self.environmentName).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        return try BrokerAddress(parsing: bootstrapServer ?? fromEnvironment ?? Self.defaultAddress)
    }

    var settings: ConnectionSettings {
        ConnectionSettings(
            clientID: "martlet-cli", softwareVersion: Version.current,
            connectTimeoutMilliseconds: min(timeout * 1000, 10_000), requestTimeoutMilliseconds: timeout * 1000)
    }

    /// What requests carry as their own time limit.
    var timeoutMilliseconds: Int32 { Int32(clamping: timeout * 1000) }

    func connect() async throws(ClientError) -> KafkaCluster {
        try await KafkaCluster.connect(to: try address(), settings: settings)
    }
}

/// `--json`, for commands that print tables otherwise.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON instead of text.")
    var json = false

    /// Prints what the closure writes, as one line.
    func print(_ write: (inout JSONText) -> Void) {
        var json = JSONText()
        write(&json)
        json.newLine()
        StandardOutput.write(json.bytes)
    }
}
