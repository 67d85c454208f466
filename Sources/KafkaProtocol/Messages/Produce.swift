// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// Produce request, key 0, versions 0 to 13. Appends record batches to partitions.
package struct ProduceRequest: RequestMessage {
    package typealias Response = ProduceResponse
    package static let apiKey = ApiKey.produce
    package static let versions: ClosedRange<Int16> = 0...13
    package static let firstFlexibleVersion: Int16? = 9

    /// Since version 3.
    package var transactionalID: String? = nil
    package var acks: Int16 = 0
    package var timeoutMs: Int32 = 0
    package var topicData: [TopicProduceData] = []

    package init(
        transactionalID: String? = nil,
        acks: Int16 = 0,
        timeoutMs: Int32 = 0,
        topicData: [TopicProduceData] = []
    ) {
        self.transactionalID = transactionalID
        self.acks = acks
        self.timeoutMs = timeoutMs
        self.topicData = topicData
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 9
        if version >= 3 {
            transactionalID = try reader.readNullableString(flexible)
        }
        acks = try reader.readInt16()
        timeoutMs = try reader.readInt32()
        topicData = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try TopicProduceData(from: &reader, version: version)
        }
        if version >= 9 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 9
        if version >= 3 {
            writer.writeNullableString(transactionalID, flexible)
        }
        writer.writeInt16(acks)
        writer.writeInt32(timeoutMs)
        writer.writeList(topicData, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 9 {
            writer.writeUnsignedVarint(0)
        }
    }

    package struct TopicProduceData: Equatable, Sendable {
        /// Up to version 12.
        package var name: String = ""
        /// Since version 13.
        package var topicID: Uuid = .zero
        package var partitionData: [PartitionProduceData] = []

        package init(
            name: String = "",
            topicID: Uuid = .zero,
            partitionData: [PartitionProduceData] = []
        ) {
            self.name = name
            self.topicID = topicID
            self.partitionData = partitionData
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 9
            if version <= 12 {
                name = try reader.readString(flexible)
            }
            if version >= 13 {
                topicID = try reader.readUuid()
            }
            partitionData = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try PartitionProduceData(from: &reader, version: version)
            }
            if version >= 9 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 9
            if version <= 12 {
                writer.writeString(name, flexible)
            }
            if version >= 13 {
                writer.writeUuid(topicID)
            }
            writer.writeList(partitionData, flexible) { element, writer in
                element.encode(into: &writer, version: version)
            }
            if version >= 9 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct PartitionProduceData: Equatable, Sendable {
        package var index: Int32 = 0
        package var records: Records? = nil

        package init(
            index: Int32 = 0,
            records: Records? = nil
        ) {
            self.index = index
            self.records = records
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 9
            index = try reader.readInt32()
            records = try reader.readNullableRecords(flexible)
            if version >= 9 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 9
            writer.writeInt32(index)
            writer.writeNullableRecords(records, flexible)
            if version >= 9 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// Produce response, key 0, versions 0 to 13. Appends record batches to partitions.
package struct ProduceResponse: WireMessage {
    package static let apiKey = ApiKey.produce
    package static let versions: ClosedRange<Int16> = 0...13
    package static let firstFlexibleVersion: Int16? = 9

    package var responses: [TopicProduceResponse] = []
    /// Since version 1.
    package var throttleTimeMs: Int32 = 0
    /// Since version 10, tag 0.
    package var nodeEndpoints: [NodeEndpoint] = []

    package init(
        responses: [TopicProduceResponse] = [],
        throttleTimeMs: Int32 = 0,
        nodeEndpoints: [NodeEndpoint] = []
    ) {
        self.responses = responses
        self.throttleTimeMs = throttleTimeMs
        self.nodeEndpoints = nodeEndpoints
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 9
        responses = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try TopicProduceResponse(from: &reader, version: version)
        }
        if version >= 1 {
            throttleTimeMs = try reader.readInt32()
        }
        if version >= 9 {
            var nodeEndpointsTagged = nodeEndpoints
            try reader.readTaggedFields { (tag, reader) throws(WireError) in
                switch tag {
                case 0 where version >= 10:
                    nodeEndpointsTagged = try reader.readList(flexible) {
                        (reader: inout WireReader) throws(WireError) in
                        try NodeEndpoint(from: &reader, version: version)
                    }
                default: return false
                }
                return true
            }
            nodeEndpoints = nodeEndpointsTagged
        }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 9
        writer.writeList(responses, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 1 {
            writer.writeInt32(throttleTimeMs)
        }
        if version >= 9 {
            let hasNodeEndpoints = version >= 10 && nodeEndpoints != []
            writer.writeUnsignedVarint((hasNodeEndpoints ? 1 : 0))
            if hasNodeEndpoints {
                writer.writeTaggedField(0) { writer in
                    writer.writeList(nodeEndpoints, flexible) { element, writer in
                        element.encode(into: &writer, version: version)
                    }
                }
            }
        }
    }

    package struct TopicProduceResponse: Equatable, Sendable {
        /// Up to version 12.
        package var name: String = ""
        /// Since version 13.
        package var topicID: Uuid = .zero
        package var partitionResponses: [PartitionProduceResponse] = []

        package init(
            name: String = "",
            topicID: Uuid = .zero,
            partitionResponses: [PartitionProduceResponse] = []
        ) {
            self.name = name
            self.topicID = topicID
            self.partitionResponses = partitionResponses
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 9
            if version <= 12 {
                name = try reader.readString(flexible)
            }
            if version >= 13 {
                topicID = try reader.readUuid()
            }
            partitionResponses = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try PartitionProduceResponse(from: &reader, version: version)
            }
            if version >= 9 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 9
            if version <= 12 {
                writer.writeString(name, flexible)
            }
            if version >= 13 {
                writer.writeUuid(topicID)
            }
            writer.writeList(partitionResponses, flexible) { element, writer in
                element.encode(into: &writer, version: version)
            }
            if version >= 9 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct PartitionProduceResponse: Equatable, Sendable {
        package var index: Int32 = 0
        package var errorCode: ErrorCode = .none
        package var baseOffset: Int64 = 0
        /// Since version 2.
        package var logAppendTimeMs: Int64 = -1
        /// Since version 5.
        package var logStartOffset: Int64 = -1
        /// Since version 8.
        package var recordErrors: [BatchIndexAndErrorMessage] = []
        /// Since version 8.
        package var errorMessage: String? = nil
        /// Since version 10, tag 0.
        package var currentLeader: LeaderIDAndEpoch = LeaderIDAndEpoch()

        package init(
            index: Int32 = 0,
            errorCode: ErrorCode = .none,
            baseOffset: Int64 = 0,
            logAppendTimeMs: Int64 = -1,
            logStartOffset: Int64 = -1,
            recordErrors: [BatchIndexAndErrorMessage] = [],
            errorMessage: String? = nil,
            currentLeader: LeaderIDAndEpoch = LeaderIDAndEpoch()
        ) {
            self.index = index
            self.errorCode = errorCode
            self.baseOffset = baseOffset
            self.logAppendTimeMs = logAppendTimeMs
            self.logStartOffset = logStartOffset
            self.recordErrors = recordErrors
            self.errorMessage = errorMessage
            self.currentLeader = currentLeader
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 9
            index = try reader.readInt32()
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            baseOffset = try reader.readInt64()
            if version >= 2 {
                logAppendTimeMs = try reader.readInt64()
            }
            if version >= 5 {
                logStartOffset = try reader.readInt64()
            }
            if version >= 8 {
                recordErrors = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                    try BatchIndexAndErrorMessage(from: &reader, version: version)
                }
            }
            if version >= 8 {
                errorMessage = try reader.readNullableString(flexible)
            }
            if version >= 9 {
                var currentLeaderTagged = currentLeader
                try reader.readTaggedFields { (tag, reader) throws(WireError) in
                    switch tag {
                    case 0 where version >= 10:
                        currentLeaderTagged = try LeaderIDAndEpoch(from: &reader, version: version)
                    default: return false
                    }
                    return true
                }
                currentLeader = currentLeaderTagged
            }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 9
            writer.writeInt32(index)
            writer.writeErrorCode(errorCode)
            writer.writeInt64(baseOffset)
            if version >= 2 {
                writer.writeInt64(logAppendTimeMs)
            }
            if version >= 5 {
                writer.writeInt64(logStartOffset)
            }
            if version >= 8 {
                writer.writeList(recordErrors, flexible) { element, writer in
                    element.encode(into: &writer, version: version)
                }
            }
            if version >= 8 {
                writer.writeNullableString(errorMessage, flexible)
            }
            if version >= 9 {
                let hasCurrentLeader = version >= 10 && currentLeader != LeaderIDAndEpoch()
                writer.writeUnsignedVarint((hasCurrentLeader ? 1 : 0))
                if hasCurrentLeader {
                    writer.writeTaggedField(0) { writer in currentLeader.encode(into: &writer, version: version) }
                }
            }
        }
    }

    package struct BatchIndexAndErrorMessage: Equatable, Sendable {
        package var batchIndex: Int32 = 0
        package var batchIndexErrorMessage: String? = nil

        package init(
            batchIndex: Int32 = 0,
            batchIndexErrorMessage: String? = nil
        ) {
            self.batchIndex = batchIndex
            self.batchIndexErrorMessage = batchIndexErrorMessage
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 9
            batchIndex = try reader.readInt32()
            batchIndexErrorMessage = try reader.readNullableString(flexible)
            if version >= 9 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 9
            writer.writeInt32(batchIndex)
            writer.writeNullableString(batchIndexErrorMessage, flexible)
            if version >= 9 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct LeaderIDAndEpoch: Equatable, Sendable {
        package var leaderID: Int32 = -1
        package var leaderEpoch: Int32 = -1

        package init(
            leaderID: Int32 = -1,
            leaderEpoch: Int32 = -1
        ) {
            self.leaderID = leaderID
            self.leaderEpoch = leaderEpoch
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            leaderID = try reader.readInt32()
            leaderEpoch = try reader.readInt32()
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt32(leaderID)
            writer.writeInt32(leaderEpoch)
            writer.writeUnsignedVarint(0)
        }
    }

    package struct NodeEndpoint: Equatable, Sendable {
        package var nodeID: Int32 = 0
        package var host: String = ""
        package var port: Int32 = 0
        package var rack: String? = nil

        package init(
            nodeID: Int32 = 0,
            host: String = "",
            port: Int32 = 0,
            rack: String? = nil
        ) {
            self.nodeID = nodeID
            self.host = host
            self.port = port
            self.rack = rack
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            nodeID = try reader.readInt32()
            host = try reader.readString(flexible)
            port = try reader.readInt32()
            rack = try reader.readNullableString(flexible)
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeInt32(nodeID)
            writer.writeString(host, flexible)
            writer.writeInt32(port)
            writer.writeNullableString(rack, flexible)
            writer.writeUnsignedVarint(0)
        }
    }
}
