// Why the server could not start, as a sentence that says what to do.
//
// Thread rule: a value.

import Broker
import Glibc
import NIOCore

package struct ServerError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        case addressInUse, permissionDenied, addressNotAvailable, nameNotResolved, other
    }

    package let code: Code
    package let message: String
    package var description: String { message }

    /// What a failed bind to `address` means.
    static func cannotListen(
        on address: NetworkAddress, setting: String = "listeners", _ error: any Error
    ) -> ServerError {
        guard let number = (error as? IOError)?.errnoCode else {
            if error is SocketAddressError || error is SocketAddressError.UnknownHost {
                return ServerError(
                    code: .nameNotResolved,
                    message:
                        "cannot listen on \(address): the host is not known here; use an IP address, such as 0.0.0.0")
            }
            return ServerError(code: .other, message: "cannot listen on \(address): \(error)")
        }
        switch number {
        case EADDRINUSE:
            return ServerError(
                code: .addressInUse,
                message: "cannot listen on \(address): the port is in use; stop the other process "
                    + "(`ss -ltnp 'sport = :\(address.port)'` names it) or choose another port in `\(setting)`")
        case EACCES, EPERM:
            return ServerError(
                code: .permissionDenied,
                message: "cannot listen on \(address): permission denied; ports below 1024 need the capability "
                    + "CAP_NET_BIND_SERVICE, choose a higher port in `\(setting)`")
        case EADDRNOTAVAIL, EAFNOSUPPORT:
            return ServerError(
                code: .addressNotAvailable,
                message: "cannot listen on \(address): this machine has no such address; "
                    + "`\(setting)` takes an address of this machine or 0.0.0.0 (clients are told `advertised.listeners`)"
            )
        default:
            return ServerError(
                code: .other, message: "cannot listen on \(address): \(String(cString: strerror(number)))")
        }
    }
}
