import Glibc
import KafkaProtocol
import TestSupport
import Testing

@testable import Broker

/// Groups under seeded random schedules: members join, work, fall silent, come back, the broker restarts. Whatever happens, a
/// partition has one owner in a generation, no acknowledged commit is lost, nobody waits for ever, and a group that is left in
/// peace becomes stable.
///
/// `MARTLET_GROUP_SCHEDULES` says how many schedules run; a failure prints the seed of its schedule, which
/// `MARTLET_TEST_SEED` repeats.
@Suite struct GroupScheduleTests {
    private static let settings = [
        "offsets.topic.num.partitions": "1", "group.initial.rebalance.delay.ms": "100",
        "group.min.session.timeout.ms": "1000",
    ]

    @Test func randomSchedules() throws {
        var seeds = SeededGenerator(seed: 20_261_124)
        let count = getenv("MARTLET_GROUP_SCHEDULES").flatMap { Int(String(cString: $0)) } ?? 60
        for index in 0..<count {
            // The first seed is the given one itself, so that a failure can be repeated alone.
            let seed = index == 0 ? seeds.seed : seeds.next()
            try withBroker(Self.settings) { test in
                var schedule = try GroupSchedule(test, seed: seed)
                do { try schedule.run(steps: 150) } catch { Issue.record("seed \(seed): \(error)") }
                #expect(schedule.problems.isEmpty, "seed \(seed): \(schedule.problems)")
            }
        }
    }
}
