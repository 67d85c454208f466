// Frames of a connection: any bytes in any pieces are cut into the frames that a plain reading of the whole stream finds.
//
// An input is a list of operations: most add a frame with a claimed size and bytes to match, so that frames larger than an input
// are reached; others add bytes as they are. The pieces in which the stream arrives are drawn from the input as well.

import NIOCore

func fuzzFrames(_ input: UnsafeRawBufferPointer) {
    guard input.count >= 3 else { return }
    let frameMaxBytes = [64, 1_000, 70_000, 1 << 20][Int(input[0]) % 4]
    var pieces = Pieces(state: UInt64(input[1]) << 8 | UInt64(input[2]))
    let stream = makeStream(input.dropFirst(3))
    let expected = frames(of: stream, frameMaxBytes)
    var reader = FrameReader(frameMaxBytes: frameMaxBytes)
    var buffer = ByteBuffer()
    var found: [Found] = []
    var position = 0
    var frameStart = 0
    var granted = FrameReader.freeBytes
    feeding: while position < stream.count {
        let count = min(pieces.next(), stream.count - position)
        buffer.writeBytes(stream[position..<position + count])
        position += count
        while true {
            switch reader.next(&buffer) {
            case .frame(let frame, _):
                found.append(.frame(Array(frame.readableBytesView)))
                frameStart += 4 + frame.readableBytes
                granted = FrameReader.freeBytes
                continue
            case .needsBytes:
                require(buffer.readableBytes < 4, "usable bytes are taken")
            case .needsMemory(let bytes):
                require(bytes > 0, "a claim is for something")
                // Memory grows with what has arrived: never to more than twice of it.
                require(granted + bytes <= 2 * max(FrameReader.freeBytes, position - frameStart), "a claim is bounded")
                granted += bytes
                reader.grant(bytes: bytes)
                continue
            case .malformed(let malformation):
                found.append(.malformed(malformation))
                break feeding
            }
            break
        }
    }
    require(found == expected, "\(found.count) frames instead of \(expected.count)")
}

private enum Found: Equatable {
    case frame([UInt8])
    case malformed(FrameReader.Malformation)
}

/// The whole stream at once, by the book.
private func frames(of stream: [UInt8], _ frameMaxBytes: Int) -> [Found] {
    var found: [Found] = []
    var position = 0
    while stream.count - position >= 4 {
        let claim = stream[position..<position + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        if position == 0, let foreign = ForeignProtocol(firstBytes: claim) {
            return [.malformed(.foreign(foreign))]
        }
        let size = Int32(bitPattern: claim)
        guard size >= 8, Int(size) <= frameMaxBytes else { return found + [.malformed(.size(size))] }
        position += 4
        guard stream.count - position >= Int(size) else { return found }
        found.append(.frame(Array(stream[position..<position + Int(size)])))
        position += Int(size)
    }
    return found
}

private func makeStream(_ input: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
    var stream: [UInt8] = []
    var rest = input
    while let kind = rest.popFirst(), stream.count < 1 << 20 {
        if kind % 4 == 3 {
            let raw = rest.prefix(Int(kind / 4 % 16))
            stream += raw
            rest = rest.dropFirst(raw.count)
            continue
        }
        let (high, low, fill) = (rest.popFirst() ?? 0, rest.popFirst() ?? 0, rest.popFirst() ?? 0)
        let size = (Int(high) << 8 | Int(low)) * [1, 1, 5][Int(kind % 4)]
        stream += withUnsafeBytes(of: UInt32(size).bigEndian) { Array($0) }
        // Now and then a frame has fewer bytes than it claims, and the next one begins inside of it.
        let missing = kind / 4 == 0 ? min(size, Int(fill)) : 0
        stream += [UInt8](repeating: fill, count: size - missing)
    }
    return stream
}

/// Sizes of what arrives at a time.
private struct Pieces {
    var state: UInt64

    mutating func next() -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let drawn = Int(state >> 33)
        switch drawn % 4 {
        case 0: return 1 + drawn / 4 % 8
        case 1: return 1 + drawn / 4 % 2_000
        default: return 1 + drawn / 4 % 200_000
        }
    }
}
