import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Server

@Suite struct FrameReaderTests {
    private func frame(_ body: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: Int32(body.count).bigEndian) { Array($0) } + body
    }

    /// Feeds parts; every claim of memory is granted and noted.
    private func read(_ parts: [[UInt8]], _ reader: inout FrameReader, claims: inout [Int]) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var input = ByteBuffer()
        for part in parts {
            input.writeBytes(part)
            steps: while true {
                switch reader.next(&input) {
                case .frame(let frame, _): frames.append(Array(frame.readableBytesView))
                case .needsBytes: break steps
                case .needsMemory(let bytes):
                    claims.append(bytes)
                    reader.grant(bytes: bytes)
                case .malformed(let malformation):
                    Issue.record("malformed: \(malformation)")
                    return frames
                }
            }
        }
        #expect(input.readableBytes == 0)
        return frames
    }

    @Test func splitAtEveryByte() {
        var generator = SeededGenerator(seed: 7)
        let bodies = [8, 9, 31, 8].map { generator.bytes($0) }
        let stream = bodies.flatMap(frame)
        for cut in 0...stream.count {
            var reader = FrameReader(frameMaxBytes: 1_000)
            var claims: [Int] = []
            let frames = read([Array(stream[..<cut]), Array(stream[cut...])], &reader, claims: &claims)
            #expect(frames == bodies, "cut at \(cut)")
        }
        var reader = FrameReader(frameMaxBytes: 1_000)
        var claims: [Int] = []
        #expect(read(stream.map { [$0] }, &reader, claims: &claims) == bodies)
        #expect(claims == [])
    }

    @Test(arguments: 1...10) func randomParts(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bodies = (0..<12).map { index in
            generator.bytes(Int.random(in: 8...(index % 3 == 0 ? 300_000 : 2_000), using: &generator))
        }
        var rest = bodies.flatMap(frame)[...]
        var parts: [[UInt8]] = []
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 1...70_000, using: &generator))
            parts.append(Array(part))
            rest = rest.dropFirst(part.count)
        }
        var reader = FrameReader(frameMaxBytes: 1_000_000)
        var claims: [Int] = []
        #expect(read(parts, &reader, claims: &claims) == bodies)
        #expect(!reader.holdsMemory)
    }

    @Test func aWholeFrameIsNotCopied() throws {
        var input = ByteBuffer(bytes: frame([UInt8](repeating: 1, count: 100)))
        let address = input.withUnsafeReadableBytes { $0.baseAddress }
        var reader = FrameReader(frameMaxBytes: 1_000)
        guard case .frame(let body, isCollected: false) = reader.next(&input) else {
            Issue.record("a frame")
            return
        }
        #expect(body.withUnsafeReadableBytes { $0.baseAddress } == address.map { $0 + 4 })
    }

    @Test func memoryGrowsWithWhatArrives() {
        var reader = FrameReader(frameMaxBytes: 100 << 20)
        var claims: [Int] = []
        let size = 1 << 20
        // Nothing but a claim of 1 MiB, then exactly what is free, then the rest.
        let body = [UInt8](repeating: 3, count: size)
        let head = Array(frame(body)[..<(4 + FrameReader.freeBytes)])
        var input = ByteBuffer(bytes: head)
        guard case .needsBytes = reader.next(&input) else {
            Issue.record("no memory is asked for before a byte needs it")
            return
        }
        #expect(!reader.holdsMemory)
        #expect(read([Array(body[FrameReader.freeBytes...])], &reader, claims: &claims) == [body])
        #expect(claims == [64, 128, 256, 512].map { $0 << 10 })
    }

    @Test func memoryOfAFrameIsUsedAgainForFramesOfItsSize() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let claims = try await loop.submit { () -> [[Int]] in
            let spares = ReceiveBuffer(eventLoop: loop)
            var allClaims: [[Int]] = []
            for size in [1_000_000, 1_000_000, 200_000, 600_000, 600_000, 5_000_000, 5_000_000] {
                var reader = FrameReader(frameMaxBytes: 100 << 20, spares: spares)
                let body = [UInt8](repeating: UInt8(allClaims.count), count: size)
                var input = ByteBuffer(bytes: self.frame(body))
                input.writeInteger(UInt8(0))
                // The last byte is missing at first: the frame must not lie whole in the input.
                var head = input.readSlice(length: size) ?? ByteBuffer()
                var claims: [Int] = []
                steps: while true {
                    switch head.readableBytes > 0 ? reader.next(&head) : reader.next(&input) {
                    case .frame(let frame, let isCollected):
                        #expect(isCollected)
                        #expect(Array(frame.readableBytesView) == body)
                        spares.giveBackSpare(frame)
                        break steps
                    case .needsMemory(let bytes):
                        claims.append(bytes)
                        reader.grant(bytes: bytes)
                    case .needsBytes: continue
                    case .malformed(let malformation):
                        Issue.record("malformed: \(malformation)")
                        break steps
                    }
                }
                allClaims.append(claims)
            }
            return allClaims
        }.get()
        // One claim where the spare fits: not the first time, not much smaller than the spare or larger, not beyond 4 MiB.
        #expect(claims.map { $0.count == 1 } == [false, true, false, false, true, false, false])
        #expect(
            claims.map { $0.reduce(FrameReader.freeBytes, +) } == [
                1_000_000, 1_000_000, 200_000, 600_000, 600_000, 5_000_000, 5_000_000,
            ])
    }

    @Test(arguments: [0, -1, 7, Int32.min, 1_001, Int32.max]) func nonsenseSizes(size: Int32) {
        var reader = FrameReader(frameMaxBytes: 1_000)
        var input = ByteBuffer(integer: size)
        guard case .malformed(.size(size)) = reader.next(&input) else {
            Issue.record("size \(size) is refused")
            return
        }
    }

    @Test func otherProtocolsAreTold() {
        let prefaces: [([UInt8], ForeignProtocol)] = [
            (Array("GET / HTTP/1.1".utf8), .http), (Array("POST".utf8), .http), (Array("HEAD".utf8), .http),
            (Array("PUT ".utf8), .http), (Array("HTTP".utf8), .http), ([0x16, 0x03, 0x01, 0x02], .tls),
        ]
        for (bytes, expected) in prefaces {
            var reader = FrameReader(frameMaxBytes: Int(Int32.max))
            var input = ByteBuffer(bytes: bytes)
            guard case .malformed(.foreign(expected)) = reader.next(&input) else {
                Issue.record("\(bytes) is \(expected)")
                continue
            }
        }
    }
}
