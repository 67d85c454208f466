// Micro: the time of each path, measured by ordo-one/benchmark. `make bench-micro` runs it.

import Benchmark
import Paths

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration.metrics = [.wallClock, .throughput]
    Benchmark.defaultConfiguration.maxDuration = .seconds(2)
    for path in MeasuredPath.all {
        // A sample is long enough for a clock that ticks in microseconds.
        let scale: BenchmarkScalingFactor = path.repetitions < 1_000 ? .one : .kilo
        Benchmark(
            path.name, configuration: .init(scalingFactor: scale),
            closure: { (benchmark: Benchmark, work: PreparedWork) throws -> Void in
                try work.run(benchmark.scaledIterations.count)
            },
            setup: {
                let work = PreparedWork(run: try path.prepare())
                // The first time pays for what is made at the first use.
                try work.run(1)
                return work
            })
    }
}

/// What a path has prepared; the package keeps it between set-up and measurement.
private struct PreparedWork {
    let run: MeasuredPath.Work
}
