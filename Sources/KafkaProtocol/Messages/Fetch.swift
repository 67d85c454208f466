// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// Fetch request, key 1, versions 4 to 18. Reads record batches from partitions, by long polling and with sessions (KIP-227).
package struct FetchRequest: RequestMessage {
    package typealias Response = FetchResponse
    package static let apiKey = ApiKey.fetch
    package static let versions: ClosedRange<Int16> = 4...18
    package static let firstFlexibleVersion: Int16? = 12

    /// Since version 12, tag 0.
    package var clusterID: String? = nil
    /// Up to version 14.
    package var replicaID: Int32 = -1
    /// Since version 15, tag 1.
    package var replicaState: ReplicaState = ReplicaState()
    package var maxWaitMs: Int32 = 0
    package var minBytes: Int32 = 0
    package var maxBytes: Int32 = .max
    package var isolationLevel: Int8 = 0
    /// Since version 7.
    package var sessionID: Int32 = 0
    /// Since version 7.
    package var sessionEpoch: Int32 = -1
    package var topics: [FetchTopic] = []
    /// Since version 7.
    package var forgottenTopicsData: [ForgottenTopic] = []
    /// Since version 11.
    package var rackID: String = ""

    package init(
        clusterID: String? = nil,
        replicaID: Int32 = -1,
        replicaState: ReplicaState = ReplicaState(),
        maxWaitMs: Int32 = 0,
        minBytes: Int32 = 0,
        maxBytes: Int32 = .max,
        isolationLevel: Int8 = 0,
        sessionID: Int32 = 0,
        sessionEpoch: Int32 = -1,
        topics: [FetchTopic] = [],
        forgottenTopicsData: [ForgottenTopic] = [],
        rackID: String = ""
    ) {
        self.clusterID = clusterID
        self.replicaID = replicaID
        self.replicaState = replicaState
        self.maxWaitMs = maxWaitMs
        self.minBytes = minBytes
        self.maxBytes = maxBytes
        self.isolationLevel = isolationLevel
        self.sessionID = sessionID
        self.sessionEpoch = sessionEpoch
        self.topics = topics
        self.forgottenTopicsData = forgottenTopicsData
        self.rackID = rackID
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 12
        if version <= 14 {
            replicaID = try reader.readInt32()
        }
        maxWaitMs = try reader.readInt32()
        minBytes = try reader.readInt32()
        maxBytes = try reader.readInt32()
        isolationLevel = try reader.readInt8()
        if version >= 7 {
            sessionID = try reader.readInt32()
        }
        if version >= 7 {
            sessionEpoch = try reader.readInt32()
        }
        topics = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try FetchTopic(from: &reader, version: version)
        }
        if version >= 7 {
            forgottenTopicsData = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try ForgottenTopic(from: &reader, version: version)
            }
        }
        if version >= 11 {
            rackID = try reader.readString(flexible)
        }
        if version >= 12 {
            var clusterIDTagged = clusterID
            var replicaStateTagged = replicaState
            try reader.readTaggedFields { (tag, reader) throws(WireError) in
                switch tag {
                case 0: clusterIDTagged = try reader.readNullableString(flexible)
                case 1 where version >= 15: replicaStateTagged = try ReplicaState(from: &reader, version: version)
                default: return false
                }
                return true
            }
            clusterID = clusterIDTagged
            replicaState = replicaStateTagged
        }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 12
        if version <= 14 {
            writer.writeInt32(replicaID)
        }
        writer.writeInt32(maxWaitMs)
        writer.writeInt32(minBytes)
        writer.writeInt32(maxBytes)
        writer.writeInt8(isolationLevel)
        if version >= 7 {
            writer.writeInt32(sessionID)
        }
        if version >= 7 {
            writer.writeInt32(sessionEpoch)
        }
        writer.writeList(topics, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 7 {
            writer.writeList(forgottenTopicsData, flexible) { element, writer in
                element.encode(into: &writer, version: version)
            }
        }
        if version >= 11 {
            writer.writeString(rackID, flexible)
        }
        if version >= 12 {
            let hasClusterID = clusterID != nil
            let hasReplicaState = version >= 15 && replicaState != ReplicaState()
            writer.writeUnsignedVarint((hasClusterID ? 1 : 0) + (hasReplicaState ? 1 : 0))
            if hasClusterID {
                writer.writeTaggedField(0) { writer in writer.writeNullableString(clusterID, flexible) }
            }
            if hasReplicaState {
                writer.writeTaggedField(1) { writer in replicaState.encode(into: &writer, version: version) }
            }
        }
    }

    package struct ReplicaState: Equatable, Sendable {
        package var replicaID: Int32 = -1
        package var replicaEpoch: Int64 = -1

        package init(
            replicaID: Int32 = -1,
            replicaEpoch: Int64 = -1
        ) {
            self.replicaID = replicaID
            self.replicaEpoch = replicaEpoch
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            replicaID = try reader.readInt32()
            replicaEpoch = try reader.readInt64()
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt32(replicaID)
            writer.writeInt64(replicaEpoch)
            writer.writeUnsignedVarint(0)
        }
    }

    package struct FetchTopic: Equatable, Sendable {
        /// Up to version 12.
        package var topic: String = ""
        /// Since version 13.
        package var topicID: Uuid = .zero
        package var partitions: [FetchPartition] = []

        package init(
            topic: String = "",
            topicID: Uuid = .zero,
            partitions: [FetchPartition] = []
        ) {
            self.topic = topic
            self.topicID = topicID
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 12
            if version <= 12 {
                topic = try reader.readString(flexible)
            }
            if version >= 13 {
                topicID = try reader.readUuid()
            }
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try FetchPartition(from: &reader, version: version)
            }
            if version >= 12 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 12
            if version <= 12 {
                writer.writeString(topic, flexible)
            }
            if version >= 13 {
                writer.writeUuid(topicID)
            }
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            if version >= 12 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct FetchPartition: Equatable, Sendable {
        package var partition: Int32 = 0
        /// Since version 9.
        package var currentLeaderEpoch: Int32 = -1
        package var fetchOffset: Int64 = 0
        /// Since version 12.
        package var lastFetchedEpoch: Int32 = -1
        /// Since version 5.
        package var logStartOffset: Int64 = -1
        package var partitionMaxBytes: Int32 = 0
        /// Since version 17, tag 0.
        package var replicaDirectoryID: Uuid = .zero
        /// Since version 18, tag 1.
        package var highWatermark: Int64 = .max

        package init(
            partition: Int32 = 0,
            currentLeaderEpoch: Int32 = -1,
            fetchOffset: Int64 = 0,
            lastFetchedEpoch: Int32 = -1,
            logStartOffset: Int64 = -1,
            partitionMaxBytes: Int32 = 0,
            replicaDirectoryID: Uuid = .zero,
            highWatermark: Int64 = .max
        ) {
            self.partition = partition
            self.currentLeaderEpoch = currentLeaderEpoch
            self.fetchOffset = fetchOffset
            self.lastFetchedEpoch = lastFetchedEpoch
            self.logStartOffset = logStartOffset
            self.partitionMaxBytes = partitionMaxBytes
            self.replicaDirectoryID = replicaDirectoryID
            self.highWatermark = highWatermark
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            partition = try reader.readInt32()
            if version >= 9 {
                currentLeaderEpoch = try reader.readInt32()
            }
            fetchOffset = try reader.readInt64()
            if version >= 12 {
                lastFetchedEpoch = try reader.readInt32()
            }
            if version >= 5 {
                logStartOffset = try reader.readInt64()
            }
            partitionMaxBytes = try reader.readInt32()
            if version >= 12 {
                var replicaDirectoryIDTagged = replicaDirectoryID
                var highWatermarkTagged = highWatermark
                try reader.readTaggedFields { (tag, reader) throws(WireError) in
                    switch tag {
                    case 0 where version >= 17: replicaDirectoryIDTagged = try reader.readUuid()
                    case 1 where version >= 18: highWatermarkTagged = try reader.readInt64()
                    default: return false
                    }
                    return true
                }
                replicaDirectoryID = replicaDirectoryIDTagged
                highWatermark = highWatermarkTagged
            }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt32(partition)
            if version >= 9 {
                writer.writeInt32(currentLeaderEpoch)
            }
            writer.writeInt64(fetchOffset)
            if version >= 12 {
                writer.writeInt32(lastFetchedEpoch)
            }
            if version >= 5 {
                writer.writeInt64(logStartOffset)
            }
            writer.writeInt32(partitionMaxBytes)
            if version >= 12 {
                let hasReplicaDirectoryID = version >= 17 && replicaDirectoryID != .zero
                let hasHighWatermark = version >= 18 && highWatermark != .max
                writer.writeUnsignedVarint((hasReplicaDirectoryID ? 1 : 0) + (hasHighWatermark ? 1 : 0))
                if hasReplicaDirectoryID {
                    writer.writeTaggedField(0) { writer in writer.writeUuid(replicaDirectoryID) }
                }
                if hasHighWatermark {
                    writer.writeTaggedField(1) { writer in writer.writeInt64(highWatermark) }
                }
            }
        }
    }

    package struct ForgottenTopic: Equatable, Sendable {
        /// Up to version 12.
        package var topic: String = ""
        /// Since version 13.
        package var topicID: Uuid = .zero
        package var partitions: [Int32] = []

        package init(
            topic: String = "",
            topicID: Uuid = .zero,
            partitions: [Int32] = []
        ) {
            self.topic = topic
            self.topicID = topicID
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 12
            if version <= 12 {
                topic = try reader.readString(flexible)
            }
            if version >= 13 {
                topicID = try reader.readUuid()
            }
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try reader.readInt32()
            }
            if version >= 12 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 12
            if version <= 12 {
                writer.writeString(topic, flexible)
            }
            if version >= 13 {
                writer.writeUuid(topicID)
            }
            writer.writeList(partitions, flexible) { element, writer in writer.writeInt32(element) }
            if version >= 12 {
                writer.writeUnsignedVarint(0)
            }
        }
    }
}

/// Fetch response, key 1, versions 4 to 18. Reads record batches from partitions, by long polling and with sessions (KIP-227).
package struct FetchResponse: WireMessage {
    package static let apiKey = ApiKey.fetch
    package static let versions: ClosedRange<Int16> = 4...18
    package static let firstFlexibleVersion: Int16? = 12

    package var throttleTimeMs: Int32 = 0
    /// Since version 7.
    package var errorCode: ErrorCode = .none
    /// Since version 7.
    package var sessionID: Int32 = 0
    package var responses: [FetchableTopicResponse] = []
    /// Since version 16, tag 0.
    package var nodeEndpoints: [NodeEndpoint] = []

    package init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none,
        sessionID: Int32 = 0,
        responses: [FetchableTopicResponse] = [],
        nodeEndpoints: [NodeEndpoint] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.sessionID = sessionID
        self.responses = responses
        self.nodeEndpoints = nodeEndpoints
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 12
        throttleTimeMs = try reader.readInt32()
        if version >= 7 {
            errorCode = ErrorCode(rawValue: try reader.readInt16())
        }
        if version >= 7 {
            sessionID = try reader.readInt32()
        }
        responses = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
            try FetchableTopicResponse(from: &reader, version: version)
        }
        if version >= 12 {
            var nodeEndpointsTagged = nodeEndpoints
            try reader.readTaggedFields { (tag, reader) throws(WireError) in
                switch tag {
                case 0 where version >= 16:
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
        let flexible = version >= 12
        writer.writeInt32(throttleTimeMs)
        if version >= 7 {
            writer.writeErrorCode(errorCode)
        }
        if version >= 7 {
            writer.writeInt32(sessionID)
        }
        writer.writeList(responses, flexible) { element, writer in element.encode(into: &writer, version: version) }
        if version >= 12 {
            let hasNodeEndpoints = version >= 16 && nodeEndpoints != []
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

    package struct FetchableTopicResponse: Equatable, Sendable {
        /// Up to version 12.
        package var topic: String = ""
        /// Since version 13.
        package var topicID: Uuid = .zero
        package var partitions: [PartitionData] = []

        package init(
            topic: String = "",
            topicID: Uuid = .zero,
            partitions: [PartitionData] = []
        ) {
            self.topic = topic
            self.topicID = topicID
            self.partitions = partitions
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 12
            if version <= 12 {
                topic = try reader.readString(flexible)
            }
            if version >= 13 {
                topicID = try reader.readUuid()
            }
            partitions = try reader.readList(flexible) { (reader: inout WireReader) throws(WireError) in
                try PartitionData(from: &reader, version: version)
            }
            if version >= 12 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 12
            if version <= 12 {
                writer.writeString(topic, flexible)
            }
            if version >= 13 {
                writer.writeUuid(topicID)
            }
            writer.writeList(partitions, flexible) { element, writer in element.encode(into: &writer, version: version)
            }
            if version >= 12 {
                writer.writeUnsignedVarint(0)
            }
        }
    }

    package struct PartitionData: Equatable, Sendable {
        package var partitionIndex: Int32 = 0
        package var errorCode: ErrorCode = .none
        package var highWatermark: Int64 = 0
        package var lastStableOffset: Int64 = -1
        /// Since version 5.
        package var logStartOffset: Int64 = -1
        /// Since version 12, tag 0.
        package var divergingEpoch: EpochEndOffset = EpochEndOffset()
        /// Since version 12, tag 1.
        package var currentLeader: LeaderIDAndEpoch = LeaderIDAndEpoch()
        /// Since version 12, tag 2.
        package var snapshotID: SnapshotID = SnapshotID()
        package var abortedTransactions: [AbortedTransaction]? = nil
        /// Since version 11.
        package var preferredReadReplica: Int32 = -1
        package var records: Records? = nil

        package init(
            partitionIndex: Int32 = 0,
            errorCode: ErrorCode = .none,
            highWatermark: Int64 = 0,
            lastStableOffset: Int64 = -1,
            logStartOffset: Int64 = -1,
            divergingEpoch: EpochEndOffset = EpochEndOffset(),
            currentLeader: LeaderIDAndEpoch = LeaderIDAndEpoch(),
            snapshotID: SnapshotID = SnapshotID(),
            abortedTransactions: [AbortedTransaction]? = nil,
            preferredReadReplica: Int32 = -1,
            records: Records? = nil
        ) {
            self.partitionIndex = partitionIndex
            self.errorCode = errorCode
            self.highWatermark = highWatermark
            self.lastStableOffset = lastStableOffset
            self.logStartOffset = logStartOffset
            self.divergingEpoch = divergingEpoch
            self.currentLeader = currentLeader
            self.snapshotID = snapshotID
            self.abortedTransactions = abortedTransactions
            self.preferredReadReplica = preferredReadReplica
            self.records = records
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            let flexible = version >= 12
            partitionIndex = try reader.readInt32()
            errorCode = ErrorCode(rawValue: try reader.readInt16())
            highWatermark = try reader.readInt64()
            lastStableOffset = try reader.readInt64()
            if version >= 5 {
                logStartOffset = try reader.readInt64()
            }
            abortedTransactions = try reader.readNullableList(flexible) {
                (reader: inout WireReader) throws(WireError) in try AbortedTransaction(from: &reader, version: version)
            }
            if version >= 11 {
                preferredReadReplica = try reader.readInt32()
            }
            records = try reader.readNullableRecords(flexible)
            if version >= 12 {
                var divergingEpochTagged = divergingEpoch
                var currentLeaderTagged = currentLeader
                var snapshotIDTagged = snapshotID
                try reader.readTaggedFields { (tag, reader) throws(WireError) in
                    switch tag {
                    case 0: divergingEpochTagged = try EpochEndOffset(from: &reader, version: version)
                    case 1: currentLeaderTagged = try LeaderIDAndEpoch(from: &reader, version: version)
                    case 2: snapshotIDTagged = try SnapshotID(from: &reader, version: version)
                    default: return false
                    }
                    return true
                }
                divergingEpoch = divergingEpochTagged
                currentLeader = currentLeaderTagged
                snapshotID = snapshotIDTagged
            }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            let flexible = version >= 12
            writer.writeInt32(partitionIndex)
            writer.writeErrorCode(errorCode)
            writer.writeInt64(highWatermark)
            writer.writeInt64(lastStableOffset)
            if version >= 5 {
                writer.writeInt64(logStartOffset)
            }
            writer.writeNullableList(abortedTransactions, flexible) { element, writer in
                element.encode(into: &writer, version: version)
            }
            if version >= 11 {
                writer.writeInt32(preferredReadReplica)
            }
            writer.writeNullableRecords(records, flexible)
            if version >= 12 {
                let hasDivergingEpoch = divergingEpoch != EpochEndOffset()
                let hasCurrentLeader = currentLeader != LeaderIDAndEpoch()
                let hasSnapshotID = snapshotID != SnapshotID()
                writer.writeUnsignedVarint(
                    (hasDivergingEpoch ? 1 : 0) + (hasCurrentLeader ? 1 : 0) + (hasSnapshotID ? 1 : 0))
                if hasDivergingEpoch {
                    writer.writeTaggedField(0) { writer in divergingEpoch.encode(into: &writer, version: version) }
                }
                if hasCurrentLeader {
                    writer.writeTaggedField(1) { writer in currentLeader.encode(into: &writer, version: version) }
                }
                if hasSnapshotID {
                    writer.writeTaggedField(2) { writer in snapshotID.encode(into: &writer, version: version) }
                }
            }
        }
    }

    package struct EpochEndOffset: Equatable, Sendable {
        package var epoch: Int32 = -1
        package var endOffset: Int64 = -1

        package init(
            epoch: Int32 = -1,
            endOffset: Int64 = -1
        ) {
            self.epoch = epoch
            self.endOffset = endOffset
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            epoch = try reader.readInt32()
            endOffset = try reader.readInt64()
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt32(epoch)
            writer.writeInt64(endOffset)
            writer.writeUnsignedVarint(0)
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

    package struct SnapshotID: Equatable, Sendable {
        package var endOffset: Int64 = -1
        package var epoch: Int32 = -1

        package init(
            endOffset: Int64 = -1,
            epoch: Int32 = -1
        ) {
            self.endOffset = endOffset
            self.epoch = epoch
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            endOffset = try reader.readInt64()
            epoch = try reader.readInt32()
            try reader.skipTaggedFields()
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt64(endOffset)
            writer.writeInt32(epoch)
            writer.writeUnsignedVarint(0)
        }
    }

    package struct AbortedTransaction: Equatable, Sendable {
        package var producerID: Int64 = 0
        package var firstOffset: Int64 = 0

        package init(
            producerID: Int64 = 0,
            firstOffset: Int64 = 0
        ) {
            self.producerID = producerID
            self.firstOffset = firstOffset
        }

        package init(from reader: inout WireReader, version: Int16) throws(WireError) {
            producerID = try reader.readInt64()
            firstOffset = try reader.readInt64()
            if version >= 12 { try reader.skipTaggedFields() }
        }

        package func encode(into writer: inout WireWriter, version: Int16) {
            writer.writeInt64(producerID)
            writer.writeInt64(firstOffset)
            if version >= 12 {
                writer.writeUnsignedVarint(0)
            }
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
