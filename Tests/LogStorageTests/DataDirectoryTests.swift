import Glibc
import LogStorage
import TestSupport
import Testing

@Suite struct DataDirectoryTests {
    @Test func oneProcessForEachDirectory() throws {
        let root = TemporaryDirectory()
        let first = try DataDirectory.open(path: root.path + "/deep/er")
        let error = #expect(throws: StorageError.self) { try DataDirectory.open(path: first.path) }
        #expect(error?.code == .locked)
        #expect(error?.message.contains(first.path) == true)
        first.close()
        _ = try DataDirectory.open(path: first.path)
    }

    /// A start that is moved forward costs the records before it, so no single bit may do that.
    @Test func aFlippedBitMovesNoLogStartForward() throws {
        let root = TemporaryDirectory()
        let directory = try DataDirectory.open(path: root.path)
        let name = TopicPartitionName(topic: "orders", partition: 0)
        try directory.writeLogStartOffsets(OffsetCheckpoint(offsets: [name: 57]))
        for file in ["log-start-offset-checkpoint", "log-start-offsets.crc32c"] {
            let path = root.path + "/" + file
            let good = try #require(try AtomicFile.read(path: path, fileSystem: PosixFileSystem()))
            #expect(try directory.readLogStartOffsets().offsets == [name: 57])
            for bit in 0..<good.count * 8 {
                var bytes = good
                bytes[bit / 8] ^= 1 << (bit % 8)
                try AtomicFile.replace(path: path, with: bytes, fileSystem: PosixFileSystem())
                #expect(try directory.readLogStartOffsets().offsets[name] ?? 0 <= 57, "bit \(bit) of \(file)")
            }
            try AtomicFile.replace(path: path, with: good, fileSystem: PosixFileSystem())
        }
    }

    @Test func identityStays() throws {
        let root = TemporaryDirectory()
        let first = try DataDirectory.open(path: root.path, clusterID: "my-cluster", nodeID: 3)
        let directoryID = first.directoryID
        let bytes = try AtomicFile.read(path: root.path + "/meta.properties", fileSystem: PosixFileSystem())
        #expect(
            bytes == Array("cluster.id=my-cluster\ndirectory.id=\(directoryID)\nnode.id=3\nversion=1\n".utf8))
        first.close()
        let second = try DataDirectory.open(path: root.path, nodeID: 3)
        #expect(second.clusterID == "my-cluster" && second.directoryID == directoryID)
        second.close()
        let error = #expect(throws: StorageError.self) { try DataDirectory.open(path: root.path, nodeID: 4) }
        #expect(error?.code == .invalid)
        #expect(throws: StorageError.self) { try DataDirectory.open(path: root.path, clusterID: "other", nodeID: 3) }
    }

    @Test func whatJavaWritesIsUnderstood() {
        let text = "#\n#Mon Jan 01 00:00:00 UTC 2024\ncluster.id=abc\\=def\nversion=1\nnode.id=1\ndirectory.id=xyz\n"
        let found = MetaProperties.decode(Array(text.utf8))
        #expect(found == MetaProperties(clusterID: "abc=def", nodeID: 1, directoryID: "xyz"))
        #expect(MetaProperties.decode(Array("version=0\nbroker.id=1\n".utf8)) == nil)
    }

    @Test func theCleanStopMarkerIsTakenOnce() throws {
        let root = TemporaryDirectory()
        let first = try DataDirectory.open(path: root.path)
        #expect(first.wasCleanStop, "a new directory has nothing to recover")
        first.close()
        let crashed = try DataDirectory.open(path: root.path)
        #expect(!crashed.wasCleanStop)
        try crashed.markCleanStop()
        crashed.close()
        let clean = try DataDirectory.open(path: root.path)
        #expect(clean.wasCleanStop)
        try clean.syncFileSystem()
        clean.close()
        #expect(try !DataDirectory.open(path: root.path).wasCleanStop)
    }

    @Test func checkpointsHaveKafkasText() throws {
        let root = TemporaryDirectory()
        let directory = try DataDirectory.open(path: root.path)
        #expect(try directory.readRecoveryPoints() == OffsetCheckpoint())
        let checkpoint = OffsetCheckpoint(offsets: [
            TopicPartitionName(topic: "b-1", partition: 0): 7, TopicPartitionName(topic: "a", partition: 10): 0,
            TopicPartitionName(topic: "a", partition: 2): 1 << 40,
        ])
        try directory.writeRecoveryPoints(checkpoint)
        try directory.writeLogStartOffsets(OffsetCheckpoint())
        let bytes = try AtomicFile.read(
            path: root.path + "/recovery-point-offset-checkpoint", fileSystem: PosixFileSystem())
        #expect(bytes == Array("0\n3\na 2 1099511627776\na 10 0\nb-1 0 7\n".utf8))
        #expect(try directory.readRecoveryPoints() == checkpoint)
        #expect(try directory.readLogStartOffsets() == OffsetCheckpoint())
        for damaged in ["1\n0\n", "0\n2\na 0 1\n", "0\n1\na zero 1\n", "0\n1\na 0 -1\n", "nonsense"] {
            #expect(OffsetCheckpoint.decode(Array(damaged.utf8)) == nil)
        }
    }

    @Test func partitionsAreFoundByTheirNames() throws {
        let root = TemporaryDirectory()
        let directory = try DataDirectory.open(path: root.path)
        for name in ["a-0", "a-b-12", "no", "-1", "a-01", "a--1"] {
            _ = PosixFileSystem().makeDirectory(root.path + "/" + name, mode: 0o755)
        }
        let id = Identifier.random()
        let doomed = try Log.renameForDeletion(
            directory: directory.partitionPath(topic: "a", partition: 0), uniqueID: id.hexadecimal,
            fileSystem: directory.fileSystem)
        #expect(
            try directory.partitionDirectories() == [
                TopicPartitionName(topic: "a-", partition: 1), TopicPartitionName(topic: "a-b", partition: 12),
            ])
        #expect(try directory.leftoverDeletions() == [doomed])
        #expect(doomed == "\(root.path)/a-0.\(id.hexadecimal)-delete")
    }

    @Test func partitionMetadataIsKafkas() throws {
        let root = TemporaryDirectory()
        let id = Identifier(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
        #expect(id.description == "ASNFZ4mrze_-3LqYdlQyEA")
        #expect(Identifier("ASNFZ4mrze_-3LqYdlQyEA") == id)
        #expect(Identifier("ASNFZ4mrze_-3LqYdlQyEB") == nil && Identifier("short") == nil)
        #expect(id.hexadecimal == "0123456789abcdeffedcba9876543210")
        let fileSystem = PosixFileSystem()
        #expect(try PartitionMetadata.read(directory: root.path, fileSystem: fileSystem) == nil)
        try PartitionMetadata.write(directory: root.path, topicID: id, fileSystem: fileSystem)
        #expect(try PartitionMetadata.read(directory: root.path, fileSystem: fileSystem) == id)
        #expect(PartitionMetadata.encode(id) == Array("version: 0\ntopic_id: ASNFZ4mrze_-3LqYdlQyEA".utf8))
        for _ in 0..<100 {
            let id = Identifier.random()
            #expect(Identifier(id.description) == id && !id.description.hasPrefix("-"))
        }
    }

    @Test func aDirectoryThatCannotBeWrittenSaysSo() throws {
        let root = TemporaryDirectory()
        for (errno, code): (Int32, StorageError.Code) in [(EACCES, .permissionDenied), (EROFS, .readOnly)] {
            let faults = FaultyFileSystem()
            faults.inject(.init(.open, .fail(errno: errno)))
            let error = #expect(throws: StorageError.self) {
                try DataDirectory.open(path: root.path, fileSystem: faults)
            }
            #expect(error?.code == code)
            #expect(error?.message.contains("--data-dir") == true)
        }
        let faults = FaultyFileSystem()
        try DataDirectory.open(path: root.path).close()
        faults.inject(.init(.write, .fail(errno: ENOSPC)))
        _ = try DataDirectory.open(path: root.path, fileSystem: faults)
    }
}
