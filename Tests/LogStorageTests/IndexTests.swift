import KafkaRecords
import TestSupport
import Testing

@testable import LogStorage

@Suite struct IndexTests {
    private func directory(_ root: TemporaryDirectory) -> LogDirectory {
        LogDirectory(path: root.path, fileSystem: PosixFileSystem())
    }

    @Test func offsetIndexHasKafkasLayoutAndLookups() throws {
        let root = TemporaryDirectory()
        var index = OffsetIndex(directory: directory(root), baseOffset: 100)
        #expect(try index.floor(offset: 100) == 0)
        index.append(offset: 105, position: 4_200)
        index.append(offset: 110, position: 0x0102_0304)
        try index.file.spill()
        let bytes = try AtomicFile.read(path: index.file.path, fileSystem: PosixFileSystem())
        #expect(bytes == [0, 0, 0, 5, 0, 0, 0x10, 0x68, 0, 0, 0, 10, 1, 2, 3, 4])
        #expect(try index.floor(offset: 104) == 0)
        #expect(try index.floor(offset: 105) == 4_200)
        #expect(try index.floor(offset: 1_000) == 0x0102_0304)
        #expect(try index.floor(position: 4_199) == 0 && index.floor(position: 4_200) == 4_200)
    }

    @Test func timeIndexHasKafkasLayoutAndLookups() throws {
        let root = TemporaryDirectory()
        var index = TimeIndex(directory: directory(root), baseOffset: 100)
        index.appendIfLarger(timestamp: 7, offset: 101)
        index.appendIfLarger(timestamp: 7, offset: 102)
        index.appendIfLarger(timestamp: 9, offset: 103)
        try index.file.spill()
        let bytes = try AtomicFile.read(path: index.file.path, fileSystem: PosixFileSystem())
        #expect(bytes == [0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 3])
        #expect(try index.entry(notAfter: 6) == nil)
        #expect(try index.entry(notAfter: 8)?.offset == 101)
        #expect(try index.entry(notAfter: 9)?.offset == 103)
    }

    /// Entries in the file and entries in the tail answer alike.
    @Test func lookupsCrossFromFileToTail() throws {
        let root = TemporaryDirectory()
        var index = OffsetIndex(directory: directory(root), baseOffset: 0)
        let count = IndexFile.tailEntriesMax * 3 + 17
        for entry in 1...count { index.append(offset: Int64(entry * 10), position: entry * 100) }
        #expect(index.file.count == count)
        for entry in 1...count {
            #expect(try index.floor(offset: Int64(entry * 10 + 3)) == entry * 100)
            #expect(try index.floor(offset: Int64(entry * 10 - 1)) == (entry - 1) * 100)
        }
        try index.file.truncate(toCount: 200)
        #expect(try index.file.count == 200 && index.floor(offset: 100_000) == 20_000)
        var reloaded = OffsetIndex(directory: directory(root), baseOffset: 0)
        let isLoaded = try reloaded.file.load()
        #expect(isLoaded)
        #expect(try reloaded.file.count == 200 && reloaded.isSane(segmentSize: 20_001))
        #expect(try !reloaded.isSane(segmentSize: 20_000))
    }

    @Test func leaderEpochsAnswerLikeKafka() {
        var epochs = LeaderEpochs()
        #expect(epochs.endOffset(for: 0, logEndOffset: 9) == (0, 9))
        epochs.assign(2, startOffset: 10)
        epochs.assign(5, startOffset: 20)
        #expect(epochs.endOffset(for: 0, logEndOffset: 30) == (0, 10))
        #expect(epochs.endOffset(for: 1, logEndOffset: 30) == (0, 10))
        #expect(epochs.endOffset(for: 2, logEndOffset: 30) == (2, 20))
        #expect(epochs.endOffset(for: 4, logEndOffset: 30) == (2, 20))
        #expect(epochs.endOffset(for: 5, logEndOffset: 30) == (5, 30))
        #expect(epochs.endOffset(for: 6, logEndOffset: 30) == (-1, -1))
        #expect([0, 9, 10, 25].map { epochs.epoch(at: $0) } == [0, 0, 2, 5])
        #expect(LeaderEpochs.decode(epochs.encoded) == epochs)
        epochs.assign(6, startOffset: 20)
        #expect(epochs.entries.map(\.epoch) == [0, 2, 6], "an epoch without records vanishes")
        let hasChanged = epochs.truncate(before: 15)
        #expect(hasChanged && epochs.entries.map(\.startOffset) == [15, 20])
        #expect(epochs.endOffset(for: 0, logEndOffset: 30) == (0, 15))
        let hasChangedAgain = epochs.truncate(before: 16)
        #expect(!hasChangedAgain)
    }
}
