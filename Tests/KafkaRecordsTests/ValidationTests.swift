import KafkaRecords
import TestSupport
import Testing

@Suite struct ValidationTests {
    private func check(_ bytes: [UInt8], _ rules: BatchRules = BatchRules()) throws(RecordError) -> BatchHeader {
        try validate(produced: bytes.span.bytes, rules: rules)
    }

    @Test func oneBatchAndNothingElse() throws {
        let bytes = BatchFixtures.batch(values: ["a", "b"], baseOffset: 77)
        #expect(try check(bytes).recordCount == 2)
        #expect(throws: RecordError.truncated(needed: 61, available: 0)) { try check([]) }
        #expect(throws: RecordError.self) { try check(bytes + [0]) }
        #expect(throws: RecordError.self) { try check(bytes + bytes) }
        for count in 0..<bytes.count {
            #expect(throws: RecordError.self) { try check(Array(bytes[..<count])) }
        }
    }

    @Test func everyFlippedBitUnderTheChecksumIsSeen() {
        let bytes = BatchFixtures.batch(values: ["a", "b"])
        for index in BatchLayout.crc..<bytes.count {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << bit
                #expect(throws: RecordError.self) { try check(damaged) }
            }
        }
    }

    @Test func headersThatAreAgainstTheRules() {
        let bytes = BatchFixtures.batch(values: ["a", "b"])
        let edits: [(RecordError?, (inout BatchHeader) -> Void)] = [
            (.unsupportedCompression(6), { $0.attributes = 6 }),
            (.invalidBatch("it says that it has 0 records"), { $0.recordCount = 0 }),
            (.invalidBatch("it says that it has -2 records"), { $0.recordCount = -2 }),
            (.invalidBatch("last offset delta 4 with 2 records"), { $0.lastOffsetDelta = 4 }),
            (.invalidBatch("a client must not write control records"), { $0.attributes |= BatchAttributes.control }),
            (
                .invalidTimestamp(index: 0, "a client must not set the timestamp type to log append time"),
                { $0.attributes |= BatchAttributes.logAppendTime }
            ),
            (.invalidBatch("producer id 5 with epoch -1, sequence 0"), { ($0.producerID, $0.baseSequence) = (5, 0) }),
            (.invalidBatch("producer id 5 with epoch 0, sequence -1"), { ($0.producerID, $0.producerEpoch) = (5, 0) }),
            (nil, { ($0.producerID, $0.producerEpoch, $0.baseSequence) = (5, 0, 0) }),
            (nil, { $0.baseOffset = -9 }),
            (nil, { $0.partitionLeaderEpoch = 99 }),
            (nil, { $0.attributes |= BatchAttributes.transactional }),
        ]
        for (expected, edit) in edits {
            let edited = BatchFixtures.edited(bytes, edit)
            do {
                _ = try check(edited)
                #expect(expected == nil)
            } catch {
                #expect(error == expected)
            }
        }
    }

    @Test func theCountHasToFitTheRecords() {
        let bytes = BatchFixtures.batch(values: ["a", "b", "c"])
        let fewer = BatchFixtures.edited(bytes) { ($0.recordCount, $0.lastOffsetDelta) = (2, 1) }
        #expect(throws: RecordError.invalidBatch("8 bytes left behind 2 records")) { try check(fewer) }
        let more = BatchFixtures.edited(bytes) { ($0.recordCount, $0.lastOffsetDelta) = (4, 3) }
        #expect(throws: RecordError.invalidRecord(index: 3, "its length is missing or malformed")) { try check(more) }
        let most = BatchFixtures.edited(bytes) { ($0.recordCount, $0.lastOffsetDelta) = (.max, .max - 1) }
        #expect(throws: RecordError.self) { try check(most) }
    }

    @Test func offsetDeltasCountUp() throws {
        var builder = RecordBatchBuilder()
        builder.append(timestamp: 1, key: nil, value: nil)
        builder.append(timestamp: 1, key: nil, value: nil, offsetDelta: 2)
        let bytes = BatchFixtures.edited(try builder.build()) { $0.lastOffsetDelta = 1 }
        #expect(throws: RecordError.invalidRecord(index: 1, "offset delta 2, 1 expected")) { try check(bytes) }
    }

    @Test(arguments: Compression.allCases)
    func keysOfCompactedTopics(compression: Compression) throws {
        let rules = BatchRules(requireKeys: true)
        let good = BatchFixtures.batch(records: [("k", "v"), ("", nil)], compression: compression)
        #expect(try check(good, rules).recordCount == 2)
        let bad = BatchFixtures.batch(
            records: [("k", "v"), (nil, "v"), ("k", nil), (nil, nil)], compression: compression)
        let keyless = [1, 3].map {
            RuleViolation(index: $0, rule: .missingKey, reason: "a record of a compacted topic needs a key")
        }
        #expect(throws: RecordError.brokenRules(keyless)) { try check(bad, rules) }
        #expect(try check(bad).recordCount == 4)
    }

    @Test func violationsAreReportedUpToALimitAndMalformedRecordsBeforeThem() throws {
        let rules = BatchRules(requireKeys: true)
        let most = RuleViolation.reportedMax
        let error = #expect(throws: RecordError.self) {
            try check(BatchFixtures.batch(values: Array(repeating: "v", count: most + 5)), rules)
        }
        guard case .brokenRules(let violations) = error else {
            Issue.record("not .brokenRules, but \(String(describing: error))")
            return
        }
        #expect(violations.map(\.index) == Array(0..<most))

        let broken = BatchFixtures.edited(BatchFixtures.batch(values: ["a", "b", "c"])) {
            ($0.recordCount, $0.lastOffsetDelta) = (2, 1)
        }
        #expect(throws: RecordError.invalidBatch("8 bytes left behind 2 records")) { try check(broken, rules) }
    }

    @Test func compressedPayloadsAreOpenedOnlyWhenAsked() throws {
        let bytes = BatchFixtures.batch(values: ["a"], compression: .zstd)
        var broken = bytes
        broken[BatchLayout.headerSize] ^= 0xFF
        broken = BatchFixtures.resealed(broken)
        #expect(try check(broken).recordCount == 1)
        #expect(throws: RecordError.self) { try check(broken, BatchRules(validateCompressed: true)) }
        #expect(throws: RecordError.decompressedTooLarge(limitBytes: 5)) {
            try check(bytes, BatchRules(validateCompressed: true, decompressedLimitBytes: 5))
        }
    }

    @Test func aWrongMaxTimestampIsCorrectedNotRefused() throws {
        let bytes = BatchFixtures.batch(values: ["a", "b"], timestamp: 1000)
        var wrong = BatchFixtures.edited(bytes) { $0.maxTimestamp = 5 }
        let header = try check(wrong)
        #expect(header.maxTimestamp == 1001)
        #expect(correctMaxTimestamp(&wrong, to: header.maxTimestamp))
        #expect(wrong == bytes)
        #expect(!correctMaxTimestamp(&wrong, to: header.maxTimestamp))
        // Without timestamps there is none to be the largest.
        #expect(try check(BatchFixtures.batch(values: ["a"], timestamp: -1)).maxTimestamp == -1)
    }

    @Test func timestampsInRange() throws {
        let rules = BatchRules(timestampRange: 1000...1002)
        for compression in [Compression.none, .gzip] {
            func batch(_ timestamp: Int64) -> [UInt8] {
                BatchFixtures.batch(values: ["a", "b", "c"], timestamp: timestamp, compression: compression)
            }
            #expect(try check(batch(1000), rules).recordCount == 3)
            let late = #expect(throws: RecordError.self) { try check(batch(1001), rules) }
            #expect(late == outOfRange(compression, 2, 1003))
            let early = #expect(throws: RecordError.self) { try check(batch(999), rules) }
            #expect(early == outOfRange(compression, 0, 999))
        }
        #expect(try check(BatchFixtures.batch(values: ["a"], timestamp: -1), rules).recordCount == 1)
        let several = #expect(throws: RecordError.self) {
            try check(BatchFixtures.batch(values: ["a", "b", "c"], timestamp: 1002), rules)
        }
        #expect(several == .brokenRules([1, 2].map { violation($0, 1002 + Int64($0)) }))
    }

    /// What is thrown for one timestamp: of a compressed batch only the header is looked at.
    private func outOfRange(_ compression: Compression, _ index: Int, _ timestamp: Int64) -> RecordError {
        let violation = violation(index, timestamp)
        return compression == .none ? .brokenRules([violation]) : .invalidTimestamp(index: index, violation.reason)
    }

    private func violation(_ index: Int, _ timestamp: Int64) -> RuleViolation {
        let reason = "\(timestamp) is not within 1000...1002 milliseconds"
        return RuleViolation(index: index, rule: .timestampRange, reason: reason)
    }

    /// Records are taken in runs for as long as all of a run keep the rules: what breaks one is found behind many that do not.
    @Test func recordsAgainstTheRulesAreFoundBehindOthers() throws {
        var builder = RecordBatchBuilder()
        let breaking = [700: Int64(5_001), 701: 5_002, 900: 999]
        for index in 0..<1_000 {
            builder.append(
                timestamp: breaking[index] ?? 1_000 + Int64(index), key: index == 800 ? nil : [1], value: [2],
                headers: index % 100 == 50 ? [RecordHeader(key: "h", value: [1])] : [])
        }
        let bytes = try builder.build()
        #expect(try check(bytes, BatchRules(timestampRange: 999...5_002)).maxTimestamp == 5_002)
        let error = #expect(throws: RecordError.self) {
            try check(bytes, BatchRules(requireKeys: true, timestampRange: 1_000...5_000))
        }
        guard case .brokenRules(let violations) = error else {
            Issue.record("not .brokenRules, but \(String(describing: error))")
            return
        }
        #expect(violations.map(\.index) == [700, 701, 800, 900])
        #expect(violations.map(\.rule) == [.timestampRange, .timestampRange, .missingKey, .timestampRange])
    }

    /// Times that wrap around are judged one by one.
    @Test func timesBeyondTheLargestNumberAreJudged() throws {
        let bytes = BatchFixtures.edited(BatchFixtures.batch(values: ["a", "b", "c"], timestamp: 1_000)) {
            $0.baseTimestamp = .max - 1
        }
        let error = #expect(throws: RecordError.self) { try check(bytes, BatchRules(timestampRange: 0...Int64.max)) }
        guard case .brokenRules(let violations) = error else {
            Issue.record("not .brokenRules, but \(String(describing: error))")
            return
        }
        #expect(violations.map(\.index) == [2])
        #expect(try check(bytes).maxTimestamp == .max)
    }

    /// Most records take a short way through the walk: it takes and refuses what the plainest reader does.
    @Test func damagedRecordsAreJudgedAsTheSpecificationSays() throws {
        var generator = SeededGenerator(seed: 17)
        var builder = RecordBatchBuilder()
        for index in 0..<80 {
            builder.append(
                timestamp: 1_000 + Int64(index * index * 37 % 20_000), key: [nil, [], [1, 2, 3]][index % 3],
                value: [nil, [], [7], generator.bytes(70), generator.bytes(9_000)][index % 19 % 5],
                headers: index % 11 == 10 ? [RecordHeader(key: "h", value: [1])] : [])
        }
        let bytes = try builder.build()
        let intact = try check(bytes)
        #expect(intact.recordCount == 80)
        let range = intact.baseTimestamp...intact.maxTimestamp
        let starts = ReferenceReader.read(Array(bytes[BatchLayout.headerSize...]), count: 80)?.map(\.bytes.lowerBound)
        var (accepted, inRange) = (0, 0)
        for _ in 0..<10_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let start = try #require(starts?.randomElement(using: &generator))
                let index = BatchLayout.headerSize + start + Int.random(in: 0..<12, using: &generator)
                let near = [damaged[index] ^ 1, damaged[index] &+ 2, damaged[index] ^ 0x80]
                damaged[index] = ([0, 1, 2, 0x7F, 0x80, 0xFF] + near).randomElement(using: &generator) ?? 0
            }
            damaged = BatchFixtures.resealed(damaged)
            let records = ReferenceReader.read(Array(damaged[BatchLayout.headerSize...]), count: 80)
            let isGood = records?.enumerated().allSatisfy { Int($1.offsetDelta) == $0 } ?? false
            let header = try? check(damaged)
            #expect((header != nil) == isGood)
            guard isGood, let records, let header else { continue }
            accepted += 1
            #expect(header.maxTimestamp == records.map { header.baseTimestamp &+ $0.timestampDelta }.max())
            // The damage may have moved a time out of the range that all had.
            let times = records.map { header.baseTimestamp &+ $0.timestampDelta }
            let isInRange = times.allSatisfy { $0 == -1 || range.contains($0) }
            #expect(((try? check(damaged, BatchRules(timestampRange: range))) != nil) == isInRange)
            inRange += isInRange ? 1 : 0
            let needsKeys = try? check(damaged, BatchRules(requireKeys: true))
            #expect((needsKeys != nil) == records.allSatisfy { $0.key != nil })
        }
        #expect(accepted > 100 && accepted < 9_900)
        #expect(inRange > 0 && inRange < accepted)
    }
}
