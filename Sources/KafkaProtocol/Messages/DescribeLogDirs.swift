// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// DescribeLogDirs request, key 35, versions 0 to 4. Tells how large each partition is on disk (KIP-113).
package struct DescribeLogDirsRequest: RequestMessage {
    package typealias Response = DescribeLogDirsResponse
    package static let apiKey = ApiKey.describeLogDirs
    package static let versions: ClosedRange<Int16> = 0...4
    package static let firstFlexibleVersion: Int16? = 2

    package var topics: [DescribableLogDirTopic]? = nil

    package init(
        topics: [DescribableLogDirTopic]? = nil
    ) {
        self.topics = topics
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 2
        topics = try reader.readNullableList(flexible) { (reader: inout WireReader) throws(WireError) in
            try DescribableLogDirTopic(from: &reader, version: version)
        }
        if version >= 2 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 2
        writer.writeNullableList(topics, flexible) { element, writer in element.encode(into: &writer, version: version)
        }
        if version >= 2 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct DescribableLogDirTopic: Equatable, Sendable {
        package var topic: String = ""
        package var partitions: [Int32] = []

        package init(
            topic: String = "",
            partitions: [Int32] = []
        ) {
            self.topic = topic
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 2
            topic = try reader.readString(flexible)
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 2
            writer.writeString(topic, flexible)
            writer.writeList(partitions, flexible) { element, writer in writer.writeInt32(element) }
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// DescribeLogDirs response, key 35, versions 0 to 4. Tells how large each partition is on disk (KIP-113).
package struct DescribeLogDirsResponse: WireMessage {
    package static let apiKey = ApiKey.describeLogDirs
    package static let versions: ClosedRange<Int16> = 0...4
    package static let firstFlexibleVersion: Int16? = 2

    package var throttleTimeMs: Int32 = 0
    /// Since version 3.
    package var errorCode: ErrorCode = .none
    package var results: [DescribeLogDirsResult] = []

    package init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none,
        results: [DescribeLogDirsResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.results = results
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 2
        throttleTimeMs = try reader.readInt32()
        if version >= 3 {
            errorCode = ErrorCode(rawValue: try reader.readInt16())
        }
        results = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try DescribeLogDirsResult(from: &reader, version: version)
        }
        if version >= 2 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 2
        writer.writeInt32(throttleTimeMs)
        if version >= 3 {
            writer.writeErrorCode(errorCode)
        }
        writer.writeList(results, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 2 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct DescribeLogDirsResult: Equatable, Sendable {
        package var errorCode: ErrorCode = .none
        package var logDir: String = ""
        package var topics: [DescribeLogDirsTopic] = []
        /// Since version 4.
        package var totalBytes: Int64 = -1
        /// Since version 4.
        package var usableBytes: Int64 = -1

        package init(
            errorCode: ErrorCode = .none,
            logDir: String = "",
            topics: [DescribeLogDirsTopic] = [],
            totalBytes: Int64 = -1,
            usableBytes: Int64 = -1
        ) {
            self.errorCode = errorCode
            self.logDir = logDir
            self.topics = topics
            self.totalBytes = totalBytes
            self.usableBytes = usableBytes
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 2
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            logDir = try reader.readString(flexible)
            topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try DescribeLogDirsTopic(from: &reader, version: version)
            }
            if version >= 4 {
                totalBytes = try reader.readInt64()
            }
            if version >= 4 {
                usableBytes = try reader.readInt64()
            }
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 2
            writer.writeErrorCode(errorCode)
            writer.writeString(logDir, flexible)
            writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
            if version >= 4 {
                writer.writeInt64(totalBytes)
            }
            if version >= 4 {
                writer.writeInt64(usableBytes)
            }
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct DescribeLogDirsTopic: Equatable, Sendable {
        package var name: String = ""
        package var partitions: [DescribeLogDirsPartition] = []

        package init(
            name: String = "",
            partitions: [DescribeLogDirsPartition] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 2
            name = try reader.readString(flexible)
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try DescribeLogDirsPartition(from: &reader, version: version)
            }
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 2
            writer.writeString(name, flexible)
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct DescribeLogDirsPartition: Equatable, Sendable {
        package var partitionIndex: Int32 = 0
        package var partitionSize: Int64 = 0
        package var offsetLag: Int64 = 0
        package var isFutureKey: Bool = false

        package init(
            partitionIndex: Int32 = 0,
            partitionSize: Int64 = 0,
            offsetLag: Int64 = 0,
            isFutureKey: Bool = false
        ) {
            self.partitionIndex = partitionIndex
            self.partitionSize = partitionSize
            self.offsetLag = offsetLag
            self.isFutureKey = isFutureKey
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            partitionIndex = try reader.readInt32()
            partitionSize = try reader.readInt64()
            offsetLag = try reader.readInt64()
            isFutureKey = try reader.readBool()
            if version >= 2 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt32(partitionIndex)
            writer.writeInt64(partitionSize)
            writer.writeInt64(offsetLag)
            writer.writeBool(isFutureKey)
            if version >= 2 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}
