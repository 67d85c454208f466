// A log against a model in memory, under a seeded mix of everything that can happen to it.

import Glibc
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct ModelTests {
    /// MARTLET_MODEL_STEPS makes it more, for each of the seeds (`make torture-model`).
    private static let steps = getenv("MARTLET_MODEL_STEPS").flatMap { Int(String(cString: $0)) } ?? 600

    @Test(arguments: [11, 12, 13, 14] as [UInt64]) func randomHistories(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try LogFixture {
            $0.segmentBytes = 3_000
            $0.indexIntervalBytes = 200
        }
        var model: [String] = []
        var start: Int64 = 0
        var recoveryPoint: Int64 = 0
        for step in 0..<Self.steps {
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<70:
                let values = (0..<Int.random(in: 1...5, using: &generator)).map { "\(model.count + $0) at \(step)" }
                let compression = Compression.allCases.randomElement(using: &generator)!
                let appended = try fixture.append(BatchFixtures.batch(values: values, compression: compression))
                #expect(appended.baseOffset == Int64(model.count) && appended.logStartOffset == start)
                model += values
            case 70..<78:
                try fixture.flush()
                recoveryPoint = Int64(model.count)
            case 78..<82:
                try fixture.log.close()
                recoveryPoint = Int64(model.count)
                try fixture.reopen(.clean(logStartOffset: start))
            case 82..<88:
                try fixture.reopen(.unclean(recoveryPoint: recoveryPoint, logStartOffset: start))
                #expect(fixture.report.isEmpty)
            case 88..<90:
                start = Int64.random(in: start...Int64(model.count), using: &generator)
                #expect(try fixture.log.deleteRecords(before: start) == start)
            default:
                let from = Int64.random(in: start...Int64(model.count), using: &generator)
                let maxBytes = Int.random(in: 1...5_000, using: &generator)
                let found = try fixture.records(from: from, maxBytes: maxBytes).filter { $0.offset >= from }
                #expect(found.map(\.offset) == Array(from..<Int64(model.count)))
                #expect(found.map { String(decoding: $0.value ?? [], as: UTF8.self) } == Array(model[Int(from)...]))
            }
            #expect(try fixture.log.logEndOffset == Int64(model.count))
            #expect(fixture.log.logStartOffset == start)
        }
        #expect(try fixture.log.leaderEpoch == 0)
        try fixture.log.close()
        for name in fixture.names where name.hasSuffix(".log") {
            #expect(try LogDump.check(path: fixture.file(name)).isEmpty)
        }
    }
}
