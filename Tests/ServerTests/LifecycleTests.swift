import Broker
import Glibc
import Logging
import NIOCore
import TestSupport
import Testing

@testable import Server

@Suite struct LifecycleTests {
    private func start(_ listeners: [NetworkAddress]) async throws(ServerError) -> KafkaServer {
        var configuration = ServerConfiguration(listeners: listeners)
        configuration.eventLoopCount = 1
        return try await KafkaServer.start(configuration, handler: FakeBroker(), logger: LogCollector().logger)
    }

    @Test func stopAnswersWhatIsInFlight() async throws {
        try await withServer(.test { $0.drainTimeoutMilliseconds = 20_000 }) { fixture in
            let client = try fixture.client()
            let idle = try fixture.client()
            try client.send(frame(1, .hold) + frame(2, .hold) + frame(3, .echo))
            try idle.ask(10, .awaitPending, 2)
            let stopping = Task { await fixture.server.stop() }
            // A connection with nothing in flight is closed at once.
            #expect(try idle.receiveToEnd() == [])
            #expect(throws: SocketFailure.self) { try fixture.client() }
            fixture.broker.complete(2)
            fixture.broker.complete(1)
            for id: Int32 in 1...3 { #expect(try client.readReply().id == id) }
            #expect(try client.receiveToEnd() == [])
            _ = stopping
        }
    }

    @Test func stopSendsAllOfALargeReply() async throws {
        try await withServer(.test { $0.drainTimeoutMilliseconds = 60_000 }) { fixture in
            let client = try fixture.client(receiveBufferBytes: 64 << 10)
            try client.send(frame(1, .blob, 6 << 20) + frame(2, .echo))
            try fixture.awaitExecution(of: 2)
            Task { await fixture.server.stop() }
            let reply = try client.readReply()
            #expect(reply.id == 1 && reply.payload == blob(1, 6 << 20))
            #expect(try client.readReply().id == 2)
            #expect(try client.receiveToEnd() == [])
        }
    }

    @Test func stopDoesNotWaitForEver() async throws {
        try await withServer(.test { $0.drainTimeoutMilliseconds = 50 }) { fixture in
            let client = try fixture.client()
            try client.send(frame(1, .hold))
            try fixture.client().ask(10, .awaitPending, 1)
            Task { await fixture.server.stop() }
            #expect(try client.receiveToEnd() == [])
        }
    }

    @Test func stopTwice() async throws {
        let server = try await start([NetworkAddress(host: "127.0.0.1", port: 0)])
        async let other: Void = server.stop()
        await server.stop()
        await other
    }

    @Test func severalListeners() async throws {
        let any = NetworkAddress(host: "127.0.0.1", port: 0)
        try await withServer(.test { $0.listeners = [any, any, NetworkAddress(host: "0.0.0.0", port: 0)] }) { fixture in
            #expect(Set(fixture.server.boundAddresses.map(\.port)).count == 3)
            for address in fixture.server.boundAddresses {
                let client = try TestClient(NetworkAddress(host: "127.0.0.1", port: address.port))
                #expect(try client.ask(1, .echo, 0, [1]) == [1])
            }
        }
    }

    @Test func anIPv6ListenerServesIPv4ClientsUnderTheirOwnAddress() async throws {
        do {
            try await withServer(.test { $0.listeners = [NetworkAddress(host: "::", port: 0)] }) { fixture in
                let port = fixture.address.port
                let client = try TestClient(NetworkAddress(host: "127.0.0.1", port: port))
                let text = String(decoding: try client.ask(1, .addresses), as: UTF8.self)
                #expect(text.hasPrefix("127.0.0.1:\(port) 127.0.0.1:"))
            }
        } catch let error as ServerError where error.code == .addressNotAvailable {
            // This machine has no IPv6; the sentence says so.
            #expect(error.message.contains("no such address"))
        }
    }

    @Test func aPortInUse() async throws {
        let first = try await start([NetworkAddress(host: "127.0.0.1", port: 0)])
        let address = first.boundAddresses[0]
        let error = await #expect(throws: ServerError.self) { try await self.start([address]) }
        #expect(error?.code == .addressInUse)
        #expect(error?.message.hasPrefix("cannot listen on \(address): the port is in use") == true)
        await first.stop()
        // Free again, at once.
        try await start([address]).stop()
    }

    /// When one listener fails, none is left behind.
    @Test func allListenersOrNone() async throws {
        let first = try await start([NetworkAddress(host: "127.0.0.1", port: 0)])
        let taken = first.boundAddresses[0]
        let probe = try await start([NetworkAddress(host: "127.0.0.1", port: 0)])
        let free = probe.boundAddresses[0]
        await probe.stop()
        await #expect(throws: ServerError.self) { try await self.start([free, taken]) }
        #expect(throws: SocketFailure.self) { try TestClient(free) }
        await first.stop()
    }

    @Test func anAddressOfSomebodyElse() async throws {
        let address = NetworkAddress(host: "192.0.2.1", port: 0)
        let error = await #expect(throws: ServerError.self) { try await self.start([address]) }
        #expect(error?.code == .addressNotAvailable)
        #expect(error?.message.contains("192.0.2.1:0") == true)
    }

    @Test func aNameThatDoesNotExist() async throws {
        let address = NetworkAddress(host: "no-such-host.invalid", port: 9_092)
        let error = await #expect(throws: ServerError.self) { try await self.start([address]) }
        #expect(error?.code == .nameNotResolved, "\(error.map(\.message) ?? "")")
    }

    @Test func permissionDeniedNamesTheCapability() {
        let error = ServerError.cannotListen(
            on: NetworkAddress(host: "0.0.0.0", port: 80), IOError(errnoCode: EACCES, reason: "bind"))
        #expect(error.code == .permissionDenied)
        #expect(error.message.contains("CAP_NET_BIND_SERVICE"))
    }
}
