import Glibc

/// Writes the codecs of all messages and the samples for their tests.
///
/// Usage: `ProtocolGenerator <package directory>`; `make check-generated` runs it and asks git whether anything changed.
@main
enum ProtocolGenerator {
    static func main() {
        guard CommandLine.arguments.count == 2 else { return fail("usage: ProtocolGenerator <package directory>") }
        let package = CommandLine.arguments[1]
        let messages = package + "/Sources/KafkaProtocol/Messages/"
        for api in API.all { write(MessageEmitter.source(of: api), to: messages + api.name + ".swift") }
        write(ApiKeyEmitter.source(of: API.all), to: messages + "ApiKey.swift")
        let structures = package + "/Sources/KafkaProtocol/Structures/"
        for plain in PlainStructure.all {
            write(MessageEmitter.source(of: plain), to: structures + plain.name + ".swift")
        }
        let samples = SampleEmitter.source(of: API.all, PlainStructure.all)
        write(samples, to: package + "/Tests/KafkaProtocolTests/Generated/Samples.swift")
    }

    private static func write(_ text: String, to path: String) {
        guard let file = fopen(path, "w") else {
            return fail("cannot write \(path): \(String(cString: strerror(errno)))")
        }
        let written = fputs(text, file)
        guard fclose(file) == 0, written >= 0 else { return fail("cannot write \(path)") }
    }

    private static func fail(_ sentence: String) {
        let line = "error: \(sentence)\n"
        _ = line.withCString { Glibc.write(STDERR_FILENO, $0, line.utf8.count) }
        exit(1)
    }
}
