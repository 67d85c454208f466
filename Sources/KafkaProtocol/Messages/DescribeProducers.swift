// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// DescribeProducers request, key 61, version 0. Lists the producers a partition remembers (KIP-664).
package struct DescribeProducersRequest: RequestMessage {
    package typealias Response = DescribeProducersResponse
    package static let apiKey = ApiKey.describeProducers
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexibleVersion: Int16? = 0

    package var topics: [TopicRequest] = []

    package init(
        topics: [TopicRequest] = []
    ) {
        self.topics = topics
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = true
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try TopicRequest(from: &reader, version: version)
        }
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = true
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        writer.writeUnsignedVarint(0)
    }

    package struct TopicRequest: Equatable, Sendable {
        package var name: String = ""
        package var partitionIndexes: [Int32] = []

        package init(
            name: String = "",
            partitionIndexes: [Int32] = []
        ) {
            self.name = name
            self.partitionIndexes = partitionIndexes
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            name = try reader.readString(flexible)
            partitionIndexes = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeString(name, flexible)
            writer.writeList(partitionIndexes, flexible) { element, writer in writer.writeInt32(element) }
            writer.writeUnsignedVarint(0)
        }
    }
}

/// DescribeProducers response, key 61, version 0. Lists the producers a partition remembers (KIP-664).
package struct DescribeProducersResponse: WireMessage {
    package static let apiKey = ApiKey.describeProducers
    package static let versions: ClosedRange<Int16> = 0...0
    package static let firstFlexibleVersion: Int16? = 0

    package var throttleTimeMs: Int32 = 0
    package var topics: [TopicResponse] = []

    package init(
        throttleTimeMs: Int32 = 0,
        topics: [TopicResponse] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.topics = topics
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = true
        throttleTimeMs = try reader.readInt32()
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try TopicResponse(from: &reader, version: version)
        }
        try reader.skipTaggedFields()
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = true
        writer.writeInt32(throttleTimeMs)
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        writer.writeUnsignedVarint(0)
    }

    package struct TopicResponse: Equatable, Sendable {
        package var name: String = ""
        package var partitions: [PartitionResponse] = []

        package init(
            name: String = "",
            partitions: [PartitionResponse] = []
        ) {
            self.name = name
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            name = try reader.readString(flexible)
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try PartitionResponse(from: &reader, version: version)
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeString(name, flexible)
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            writer.writeUnsignedVarint(0)
        }
    }

    package struct PartitionResponse: Equatable, Sendable {
        package var partitionIndex: Int32 = 0
        package var errorCode: ErrorCode = .none
        package var errorMessage: String? = nil
        package var activeProducers: [ProducerState] = []

        package init(
            partitionIndex: Int32 = 0,
            errorCode: ErrorCode = .none,
            errorMessage: String? = nil,
            activeProducers: [ProducerState] = []
        ) {
            self.partitionIndex = partitionIndex
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.activeProducers = activeProducers
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = true
            partitionIndex = try reader.readInt32()
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            errorMessage = try reader.readNullableString(flexible)
            activeProducers = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try ProducerState(from: &reader, version: version)
            }
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = true
            writer.writeInt32(partitionIndex)
            writer.writeErrorCode(errorCode)
            writer.writeNullableString(errorMessage, flexible)
            writer.writeList(activeProducers, flexible) { element, writer in
                element.encode(into: &writer, version: version)
            }
            writer.writeUnsignedVarint(0)
        }
    }

    package struct ProducerState: Equatable, Sendable {
        package var producerID: Int64 = 0
        package var producerEpoch: Int32 = 0
        package var lastSequence: Int32 = -1
        package var lastTimestamp: Int64 = -1
        package var coordinatorEpoch: Int32 = 0
        package var currentTxnStartOffset: Int64 = -1

        package init(
            producerID: Int64 = 0,
            producerEpoch: Int32 = 0,
            lastSequence: Int32 = -1,
            lastTimestamp: Int64 = -1,
            coordinatorEpoch: Int32 = 0,
            currentTxnStartOffset: Int64 = -1
        ) {
            self.producerID = producerID
            self.producerEpoch = producerEpoch
            self.lastSequence = lastSequence
            self.lastTimestamp = lastTimestamp
            self.coordinatorEpoch = coordinatorEpoch
            self.currentTxnStartOffset = currentTxnStartOffset
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            producerID = try reader.readInt64()
            producerEpoch = try reader.readInt32()
            lastSequence = try reader.readInt32()
            lastTimestamp = try reader.readInt64()
            coordinatorEpoch = try reader.readInt32()
            currentTxnStartOffset = try reader.readInt64()
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt64(producerID)
            writer.writeInt32(producerEpoch)
            writer.writeInt32(lastSequence)
            writer.writeInt64(lastTimestamp)
            writer.writeInt32(coordinatorEpoch)
            writer.writeInt64(currentTxnStartOffset)
            writer.writeUnsignedVarint(0)
        }
    }
}
