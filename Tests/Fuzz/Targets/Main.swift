// The entry point that libFuzzer calls, and the table of targets. MARTLET_FUZZ_TARGET says which one runs.
//
// A target takes any bytes. It may refuse them with the module's own error; it must not trap, read outside of its memory, or
// find a property of its own broken.

import Glibc

enum FuzzTarget: String, CaseIterable {
    case request, response, batch, codec, files, index, log, journal, frames

    var run: (UnsafeRawBufferPointer) -> Void {
        switch self {
        case .request: fuzzRequest
        case .response: fuzzResponse
        case .batch: fuzzBatch
        case .codec: fuzzCodec
        case .files: fuzzFiles
        case .index: fuzzIndex
        case .log: fuzzLog
        case .journal: fuzzJournal
        case .frames: fuzzFrames
        }
    }
}

private let chosen: FuzzTarget = {
    let name = getenv("MARTLET_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        fatalError("MARTLET_FUZZ_TARGET is one of \(FuzzTarget.allCases.map(\.rawValue))")
    }
    return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafeRawPointer?, _ count: Int) -> Int32 {
    chosen.run(UnsafeRawBufferPointer(start: start, count: count))
    return 0
}

/// Optimised builds print no message of a precondition.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}
