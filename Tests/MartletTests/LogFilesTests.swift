import KafkaRecords
import LogStorage
import TestSupport
import Testing

@testable import martlet

@Suite struct LogFilesTests {
    private let fileSystem = PosixFileSystem()

    private func write(_ bytes: [UInt8], to path: String) throws {
        try AtomicFile.replace(path: path, with: bytes, fileSystem: fileSystem)
    }

    @Test func findsSegmentsOfPartitionsInOrder() throws {
        let directory = TemporaryDirectory()
        for partition in ["t-0", "t-1"] { _ = fileSystem.makeDirectory("\(directory.path)/\(partition)", mode: 0o755) }
        let names = ["00000000000000000000.log", "00000000000000000042.log"]
        for name in names.reversed() { try write([], to: "\(directory.path)/t-0/\(name)") }
        try write([], to: "\(directory.path)/t-0/00000000000000000000.index")
        try write([], to: "\(directory.path)/t-1/partition.metadata")
        let expected = names.map { LogFiles(path: "\(directory.path)/t-0/\($0)", kind: .log) }
        #expect(try LogFiles.find([directory.path], kinds: [.log]) == expected)
        #expect(try LogFiles.find(["\(directory.path)/t-0/"], kinds: [.log]) == expected)
        #expect(try LogFiles.find(["\(directory.path)/t-1"], kinds: [.log]).isEmpty)
        let index = "\(directory.path)/t-0/00000000000000000000.index"
        #expect(try LogFiles.find([index], kinds: [.log]) == [LogFiles(path: index, kind: .offsetIndex)])
    }

    @Test func refusesOtherFilesAndEmptyDirectories() throws {
        let directory = TemporaryDirectory()
        #expect(throws: CommandFailure.self) { try LogFiles.find([directory.path], kinds: [.log]) }
        #expect(throws: CommandFailure.self) { try LogFiles.find(["\(directory.path)/nothing"], kinds: [.log]) }
        try write([], to: "\(directory.path)/notes.txt")
        let error = #expect(throws: CommandFailure.self) {
            try LogFiles.find(["\(directory.path)/notes.txt"], kinds: [.log])
        }
        #expect(error?.status == .usage)
    }

    @Test func aBatchIsOneLine() throws {
        let bytes = BatchFixtures.idempotentBatch(values: ["a", "b"], producerID: 7, epoch: 1, baseSequence: 3)
        let header = try BatchHeader(parsing: bytes.span.bytes)
        let line = SegmentDump.line(header, 100, "bad")
        #expect(
            line.hasPrefix(
                "offsets 0..1  position 100  bytes \(bytes.count)  records 2  codec none  created 2023-11-14T"))
        #expect(line.hasSuffix("producer 7/1 sequence 3  DAMAGE: bad"))
    }
}
