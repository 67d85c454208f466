// Martlet: the executable. One subcommand a file; a new one is added to the list below.
//
// Exit codes: ExitStatus. Errors go to stderr as "error: " and a sentence that says what to do.

import ArgumentParser
import Broker
import Glibc
import KafkaClient
import LogStorage
import Server

@main
struct Martlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "A log broker that speaks the Kafka protocol, and its tools.",
        discussion: """
            Client commands connect to --bootstrap-server, or $MARTLET_BOOTSTRAP_SERVER, or localhost:9092.

            Exit codes: 0 done, 1 the broker refused or the command failed, 2 usage, 3 cannot connect, 4 timed out.
            """,
        version: Version.current,
        subcommands: [
            ServeCommand.self,
            ConfigCommand.self,
            TopicCommand.self,
            GroupCommand.self,
            ProduceCommand.self,
            ConsumeCommand.self,
            LogCommand.self,
            BenchCommand.self,
            VersionCommand.self,
        ])

    static func main() async {
        do {
            var command = try await asyncParseAsRoot(nil)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            leave(error)
        }
    }

    /// Prints the error and ends the process with its exit code.
    private static func leave(_ error: any Error) -> Never {
        let status = ExitStatus(error)
        if let failure = sentence(error) {
            StandardError.print("error: \(failure)")
            Glibc.exit(status.rawValue)
        }
        // ArgumentParser's own: help and version are no errors; the rest is usage.
        let message = fullMessage(for: error)
        if exitCode(for: error).isSuccess {
            StandardOutput.print(message)
        } else {
            StandardError.print(message.hasPrefix("Error: ") ? "error: " + message.dropFirst("Error: ".count) : message)
        }
        Glibc.exit(status.rawValue)
    }

    private static func sentence(_ error: any Error) -> String? {
        switch error {
        case let error as CommandFailure: error.message
        case let error as ClientError: error.message
        case let error as StorageError: error.message
        case let error as SettingsError: error.description
        case let error as ServerError: error.description
        default: nil
        }
    }
}
