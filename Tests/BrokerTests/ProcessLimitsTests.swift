import Testing

@testable import Broker

@Suite struct ProcessLimitsTests {
    private func shares(
        _ openFiles: Int, _ mappings: Int = 65_530, _ flags: [String: String] = [:]
    ) throws -> (files: Int, connections: Int, mappings: Int) {
        let settings = try BrokerSettings(file: nil, flags: flags)
        let limits = ProcessLimits(openFiles: openFiles, mappings: mappings)
        return (limits.segmentFilesMax(settings), limits.connectionsMax(settings), limits.mappingsMax(settings))
    }

    @Test func connectionsGetWhatTheyMayHaveWhereThereIsEnough() throws {
        #expect(try shares(524_288) == (514_160, 10_000, 32_765))
        #expect(try shares(20_000) == (9_872, 10_000, 32_765))
    }

    @Test func elseBothGetHalf() throws {
        #expect(try shares(1_024) == (384, 512, 32_765))
        #expect(try shares(256) == (64, 128, 32_765))
    }

    @Test func whatIsStatedCounts() throws {
        #expect(try shares(1_024, 65_530, ["log.open.files.max": "100"]) == (100, 796, 32_765))
        #expect(try shares(1_024, 65_530, ["log.open.files.max": "5000"]) == (895, 1, 32_765))
        #expect(try shares(1_024, 65_530, ["max.connections": "20"]) == (876, 20, 32_765))
        #expect(try shares(1_024, 65_530, ["log.mappings.max": "7"]).mappings == 7)
        #expect(try shares(1_024, 65_530, ["log.mappings.max": "1000000"]).mappings == 49_147)
    }

    @Test func theProcessHasLimits() {
        let limits = ProcessLimits.current()
        #expect(limits.openFiles >= 256 && limits.mappings >= 1_024)
    }
}
