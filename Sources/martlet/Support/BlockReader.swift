// BlockReader: a file or the standard input in blocks of a megabyte.
//
// Threads: used by one task at a time; reading blocks.

import Glibc

final class BlockReader {
    static let blockBytes = 1 << 20

    private let descriptor: Int32
    private let name: String
    private var bytes = [UInt8](repeating: 0, count: blockBytes)
    private var count = 0

    /// - Parameter path: nil is the standard input.
    init(path: String?) throws(CommandFailure) {
        name = path ?? "the standard input"
        guard let path else {
            descriptor = STDIN_FILENO
            return
        }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandFailure("cannot open \(path): \(String(cString: strerror(errno)))") }
    }

    deinit {
        if descriptor != STDIN_FILENO { _ = Glibc.close(descriptor) }
    }

    /// Whether reading would not block. True also at the end and for what cannot be asked.
    func isReady(withinMilliseconds milliseconds: Int) -> Bool {
        var question = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&question, 1, Int32(clamping: milliseconds)) != 0
    }

    /// Reads the next block; 0 is the end.
    func readBlock() throws(CommandFailure) -> Int {
        while true {
            let result = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if result < 0 && errno == EINTR { continue }
            guard result >= 0 else {
                throw CommandFailure("cannot read \(name): \(String(cString: strerror(errno)))")
            }
            count = result
            return result
        }
    }

    /// Lends the bytes of the last block.
    func withBlock<Failure: Error>(_ body: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        // A reference of its own keeps the array alive for the view; it is gone again before the next read.
        let bytes = self.bytes
        try body(bytes.span.bytes.extracting(0..<count))
    }
}
