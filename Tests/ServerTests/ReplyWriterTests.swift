import KafkaProtocol
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Broker
@testable import LogStorage
@testable import Server

@Suite struct ReplyWriterTests {
    private static let count = 5 << 19

    /// Notes what is written at once: a mapped piece may be read only until its promise is completed.
    private final class Recorder: ChannelDuplexHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundIn = ByteBuffer

        private var written: [UInt8] = []

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            written += unwrapOutboundIn(data).readableBytesView
            context.write(data, promise: promise)
        }

        /// Since the last call.
        func take() -> [UInt8] {
            defer { written = [] }
            return written
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
    }

    /// A reply that is sent from a mapping, whose last holder it is.
    private static func reply(_ bytes: [UInt8], in directory: TemporaryDirectory) throws -> (Reply, WeakMapping) {
        let file = try File(directory.path + "/segment", .replace, PosixFileSystem())
        try file.write(bytes, at: 0)
        let mapping = try SegmentMapping(file, capacity: bytes.count)
        var writer = WireWriter()
        writer.writeNullableRecords(.spliced(byteCount: bytes.count), false)
        let slice = LogSlice(mapping: mapping, position: 0, count: bytes.count)
        return (Reply(writer, slices: [slice]), WeakMapping(mapping: mapping))
    }

    private struct WeakMapping {
        weak var mapping: SegmentMapping?
    }

    private static func writer(
        to channel: EmbeddedChannel
    ) throws -> (ReplyWriter, ChannelHandlerContext, Recorder) {
        let shared = ServerShared(
            configuration: .test(), handler: FakeBroker(), logger: LogCollector().logger, loops: [channel.eventLoop])
        let (recorder, handler) = (Recorder(), Handler())
        try channel.pipeline.syncOperations.addHandlers(recorder, handler)
        let context = try channel.pipeline.syncOperations.context(handler: handler)
        return (ReplyWriter(Connection(channel, shared)), context, recorder)
    }

    @Test func aTurnPassesOnSoManyBytesAndTheRestFollows() throws {
        let directory = TemporaryDirectory()
        let channel = EmbeddedChannel()
        var (writer, context, recorder) = try Self.writer(to: channel)
        var generator = SeededGenerator(seed: 5)
        let bytes = generator.bytes(Self.count)
        let mapping = try {
            let (reply, mapping) = try Self.reply(bytes, in: directory)
            writer.write(reply, to: context)
            return mapping
        }()
        writer.write(text: "the end", to: context)
        var received: [UInt8] = []
        var turns = 0
        while true {
            if writer.finishTurn(context) { context.flush() }
            let part = recorder.take()
            #expect(part.count <= ReplyWriter.turnMaxBytes)
            received += part
            turns += 1
            guard writer.isWaiting else { break }
            #expect(mapping.mapping != nil, "what waits has its memory")
            #expect(writer.writtenBytes == 4 + Self.count + 7)
            writer.resume(context)
        }
        #expect(turns == 3)
        #expect(Array(received.dropFirst(4)) == bytes + Array("the end".utf8))
        #expect(writer.passedOnBytes == received.count && writer.waitingBytes == 0)
        #expect(mapping.mapping == nil)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test func nothingIsPassedOnToAChannelThatTakesNothing() throws {
        let channel = EmbeddedChannel()
        var (writer, context, recorder) = try Self.writer(to: channel)
        channel.isWritable = false
        writer.write(text: "wait", to: context)
        for _ in 0..<2 {
            let mustFlush = writer.finishTurn(context)
            #expect(!mustFlush && writer.waitingBytes == 4)
            writer.resume(context)
        }
        channel.isWritable = true
        writer.write(text: " for it", to: context)
        _ = writer.finishTurn(context)
        writer.resume(context)
        let mustFlush = writer.finishTurn(context)
        #expect(mustFlush)
        context.flush()
        #expect(recorder.take() == Array("wait for it".utf8))
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test func whatWaitsIsLetGoOfWhenTheConnectionCloses() throws {
        let directory = TemporaryDirectory()
        let channel = EmbeddedChannel()
        var (writer, context, _) = try Self.writer(to: channel)
        channel.isWritable = false
        let mapping = try {
            let (reply, mapping) = try Self.reply([UInt8](repeating: 1, count: Self.count), in: directory)
            writer.write(reply, to: context)
            return mapping
        }()
        #expect(mapping.mapping != nil)
        writer.close()
        #expect(mapping.mapping == nil && !writer.isWaiting && writer.waitingBytes == 0)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }
}
