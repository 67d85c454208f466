// TestClient: a blocking socket that sends exactly the bytes it is told to.
//
// Every wait ends after `timeoutSeconds`, so that a test that would hang fails.

import Broker
import Glibc

struct SocketFailure: Error, CustomStringConvertible {
    let call: String
    let number: Int32
    var description: String { "\(call): \(String(cString: strerror(number)))" }
}

/// The connection ended where bytes were expected.
struct UnexpectedEnd: Error {
    let receivedBytes: Int
}

/// One thread may send while another receives.
final class TestClient: Sendable {
    /// Long: tests that compute share the few threads on which a server is stopped.
    private static let timeoutSeconds = 180
    private let descriptor: Int32

    init(_ address: NetworkAddress, receiveBufferBytes: Int? = nil) throws {
        let isV6 = address.host.contains(":")
        descriptor = socket(isV6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw SocketFailure(call: "socket", number: errno) }
        if let receiveBufferBytes { setOption(SOL_SOCKET, SO_RCVBUF, Int32(receiveBufferBytes)) }
        setOption(Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1))
        let timeout = timeval(tv_sec: Self.timeoutSeconds, tv_usec: 0)
        setOption(SOL_SOCKET, SO_RCVTIMEO, timeout)
        setOption(SOL_SOCKET, SO_SNDTIMEO, timeout)
        let result = isV6 ? connectV6(address) : connectV4(address)
        // Throwing here runs deinit, which closes the descriptor.
        guard result == 0 else { throw SocketFailure(call: "connect to \(address)", number: errno) }
    }

    deinit { Glibc.close(descriptor) }

    private func setOption<Value>(_ level: Int32, _ name: Int32, _ value: Value) {
        withUnsafePointer(to: value) {
            _ = setsockopt(descriptor, level, name, $0, socklen_t(MemoryLayout<Value>.size))
        }
    }

    private func connectV4(_ address: NetworkAddress) -> Int32 {
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = in_port_t(address.port).bigEndian
        inet_pton(AF_INET, address.host, &target.sin_addr)
        return connect(to: target)
    }

    private func connectV6(_ address: NetworkAddress) -> Int32 {
        var target = sockaddr_in6()
        target.sin6_family = sa_family_t(AF_INET6)
        target.sin6_port = in_port_t(address.port).bigEndian
        inet_pton(AF_INET6, address.host, &target.sin6_addr)
        return connect(to: target)
    }

    private func connect<Address>(to target: Address) -> Int32 {
        withUnsafePointer(to: target) { pointer in
            // Every socket address begins with the fields of `sockaddr`; the kernel reads the size given.
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    func send(_ bytes: some Sequence<UInt8>) throws {
        let bytes = Array(bytes)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw SocketFailure(call: "send", number: errno) }
            sent += count
        }
    }

    /// Says that nothing more will be sent.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Up to `maxBytes`; none at the end of the stream.
    func receiveSome(maxBytes: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: maxBytes) { buffer, filled in
            let count = recv(descriptor, buffer.baseAddress, maxBytes, 0)
            guard count >= 0 else { throw SocketFailure(call: "recv", number: errno) }
            filled = count
        }
    }

    func receive(count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let part = try receiveSome(maxBytes: min(count - bytes.count, 1 << 20))
            if part.isEmpty { throw UnexpectedEnd(receivedBytes: bytes.count) }
            bytes += part
        }
        return bytes
    }

    /// Everything until the server closes; a reset counts as the end.
    func receiveToEnd() throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            while true {
                let part = try receiveSome(maxBytes: 1 << 20)
                if part.isEmpty { return bytes }
                bytes += part
            }
        } catch let failure as SocketFailure where failure.number == ECONNRESET {
            return bytes
        }
    }
}
