import NIOCore
import Testing

@testable import Server

@Suite struct StallWatchTests {
    private func watch() -> StallWatch {
        StallWatch(stallTimeout: .seconds(60), idleTimeout: .seconds(600), now: at(0))
    }

    private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    @Test func aReaderThatTakesNothingIsSlow() {
        var watch = watch()
        func check(_ seconds: Int64, sent: Int, unsent: Int) -> StallWatch.Verdict {
            watch.check(now: at(seconds), unsentBytes: unsent, sentBytes: sent, isExpectingBytes: false, isBusy: false)
        }
        #expect(check(15, sent: 100, unsent: 50) == .fine)
        #expect(check(74, sent: 100, unsent: 50) == .fine)
        #expect(check(75, sent: 100, unsent: 5_000) == .slowReader)
    }

    @Test func oneByteIsProgress() {
        var watch = watch()
        for step in 1...100 {
            let verdict = watch.check(
                now: at(Int64(step) * 50), unsentBytes: 1_000, sentBytes: step, isExpectingBytes: false, isBusy: false)
            #expect(verdict == .fine)
        }
    }

    @Test func aSenderThatOwesBytesIsSlow() {
        var watch = watch()
        func check(_ seconds: Int64, expecting: Bool) -> StallWatch.Verdict {
            watch.check(
                now: at(seconds), unsentBytes: 0, sentBytes: 0, isExpectingBytes: expecting, isBusy: false)
        }
        #expect(check(50, expecting: false) == .fine)
        #expect(check(100, expecting: true) == .fine)
        watch.received()
        #expect(check(109, expecting: true) == .fine)
        #expect(check(168, expecting: true) == .fine)
        #expect(check(169, expecting: true) == .slowSender)
    }

    @Test func idleMeansThatNothingHappensAndNothingIsOwed() {
        var watch = watch()
        func check(_ seconds: Int64, busy: Bool) -> StallWatch.Verdict {
            watch.check(now: at(seconds), unsentBytes: 0, sentBytes: 0, isExpectingBytes: false, isBusy: busy)
        }
        #expect(check(599, busy: false) == .fine)
        #expect(check(700, busy: true) == .fine)
        #expect(check(1_299, busy: false) == .fine)
        #expect(check(1_300, busy: false) == .idle)
    }
}
