// Which transactional batches were committed, by the markers that follow them.
//
// Only keys of committed records may take the place of older ones: an aborted record must not hide a committed one from a
// reader that never sees the aborted. Records of aborted transactions stay until a newer record takes their place.
// Thread rule: owned by one cleaning.

import KafkaRecords

struct TransactionOutcomes {
    private static let commitType: UInt8 = 1

    private struct Marker {
        let offset: Int64
        let isCommit: Bool
    }

    /// By producer, ascending.
    private var markers: [Int64: [Marker]] = [:]

    mutating func note(_ header: BatchHeader, payload: RawSpan) throws(RecordError) {
        var records = RecordIterator(payload, count: header.recordCount)
        guard let record = try records.next(), let key = record.key, key.count >= 4 else { return }
        // The key of a control record is its version and its type, two bytes each.
        let type = payload.unsafeLoad(fromByteOffset: key.lowerBound + 3, as: UInt8.self)
        markers[header.producerID, default: []].append(
            Marker(offset: header.baseOffset, isCommit: type == Self.commitType))
    }

    /// False while no marker is known, too.
    func isCommitted(_ header: BatchHeader) -> Bool {
        markers[header.producerID]?.first { $0.offset > header.lastOffset }?.isCommit ?? false
    }
}
