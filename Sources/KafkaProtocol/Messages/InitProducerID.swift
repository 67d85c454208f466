// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// InitProducerID request, key 22, versions 0 to 5. Hands out a producer id and epoch (KIP-98, KIP-360).
package struct InitProducerIDRequest: RequestMessage {
    package typealias Response = InitProducerIDResponse
    package static let apiKey = ApiKey.initProducerID
    package static let versions: ClosedRange<Int16> = 0...5
    package static let firstFlexibleVersion: Int16? = 2

    package var transactionalID: String? = nil
    package var transactionTimeoutMs: Int32 = 0
    /// Since version 3.
    package var producerID: Int64 = -1
    /// Since version 3.
    package var producerEpoch: Int16 = -1

    package init(
        transactionalID: String? = nil,
        transactionTimeoutMs: Int32 = 0,
        producerID: Int64 = -1,
        producerEpoch: Int16 = -1
    ) {
        self.transactionalID = transactionalID
        self.transactionTimeoutMs = transactionTimeoutMs
        self.producerID = producerID
        self.producerEpoch = producerEpoch
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        let flexible = version >= 2
        transactionalID = try reader.readNullableString(flexible)
        transactionTimeoutMs = try reader.readInt32()
        if version >= 3 {
            producerID = try reader.readInt64()
        }
        if version >= 3 {
            producerEpoch = try reader.readInt16()
        }
        if version >= 2 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        let flexible = version >= 2
        writer.writeNullableString(transactionalID, flexible)
        writer.writeInt32(transactionTimeoutMs)
        if version >= 3 {
            writer.writeInt64(producerID)
        }
        if version >= 3 {
            writer.writeInt16(producerEpoch)
        }
        if version >= 2 {
            writer.writeUnsignedVarint(0)
        }
    }
}

/// InitProducerID response, key 22, versions 0 to 5. Hands out a producer id and epoch (KIP-98, KIP-360).
package struct InitProducerIDResponse: WireMessage {
    package static let apiKey = ApiKey.initProducerID
    package static let versions: ClosedRange<Int16> = 0...5
    package static let firstFlexibleVersion: Int16? = 2

    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var producerID: Int64 = -1
    package var producerEpoch: Int16 = 0

    package init(
        throttleTimeMs: Int32 = 0,
        errorCode: ErrorCode = .none,
        producerID: Int64 = -1,
        producerEpoch: Int16 = 0
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.producerID = producerID
        self.producerEpoch = producerEpoch
    }

    package init(from reader: inout WireReader, version: Int16) throws(WireError) {
        throttleTimeMs = try reader.readInt32()
        errorCode = ErrorCode(rawValue: try reader.readInt16())
        producerID = try reader.readInt64()
        producerEpoch = try reader.readInt16()
        if version >= 2 { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, version: Int16) {
        writer.writeInt32(throttleTimeMs)
        writer.writeErrorCode(errorCode)
        writer.writeInt64(producerID)
        writer.writeInt16(producerEpoch)
        if version >= 2 {
            writer.writeUnsignedVarint(0)
        }
    }
}
