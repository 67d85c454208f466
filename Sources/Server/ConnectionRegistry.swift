// The open connections of a server: counted against the limits, and found when the server stops.
//
// Thread rule: Sendable, one mutex; nothing else is called while it is held.

import Synchronization

final class ConnectionRegistry: Sendable {
    enum Refusal: Equatable {
        case stopping
        case connectionsMax
        case connectionsPerAddressMax
    }

    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        var countByHost: [String: Int] = [:]
        var isStopping = false
        var whenEmpty: (@Sendable () -> Void)?

        mutating func takeWhenEmpty() -> (@Sendable () -> Void)? { connections.isEmpty ? whenEmpty.take() : nil }
    }

    private let connectionsMax: Int
    private let connectionsPerAddressMax: Int
    private let state = Mutex(State())

    init(connectionsMax: Int, connectionsPerAddressMax: Int) {
        self.connectionsMax = connectionsMax
        self.connectionsPerAddressMax = connectionsPerAddressMax
    }

    var count: Int { state.withLock { $0.connections.count } }

    var all: [Connection] { state.withLock { Array($0.connections.values) } }

    /// Counts a connection in; nil unless it has to be refused.
    func admit(_ connection: Connection) -> Refusal? {
        state.withLock { state in
            if state.isStopping { return .stopping }
            if state.connections.count >= connectionsMax { return .connectionsMax }
            let host = connection.remoteAddress.host
            if state.countByHost[host, default: 0] >= connectionsPerAddressMax { return .connectionsPerAddressMax }
            state.countByHost[host, default: 0] += 1
            state.connections[ObjectIdentifier(connection)] = connection
            return nil
        }
    }

    /// Counts out a connection that was admitted.
    func remove(_ connection: Connection) {
        let whenEmpty = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return nil }
            let host = connection.remoteAddress.host
            let rest = state.countByHost[host, default: 0] - 1
            precondition(rest >= 0, "a host has as many connections as were admitted")
            state.countByHost[host] = rest == 0 ? nil : rest
            return state.takeWhenEmpty()
        }
        whenEmpty?()
    }

    /// Admits nobody any more; returns those who are here.
    func stopAdmitting() -> [Connection] {
        state.withLock { state in
            state.isStopping = true
            return Array(state.connections.values)
        }
    }

    /// Calls `body` once, as soon as nobody is here.
    func whenEmpty(_ body: @escaping @Sendable () -> Void) {
        let ready = state.withLock { state -> (@Sendable () -> Void)? in
            precondition(state.isStopping, "an empty server stays empty only when it admits nobody")
            state.whenEmpty = body
            return state.takeWhenEmpty()
        }
        ready?()
    }
}
