// Why a connection could not be made, in a sentence that says what to check.

import Glibc
import NIOCore
import NIOPosix

/// "Connection refused" instead of "connection reset (error set): …".
func systemMessage(_ error: IOError) -> String { String(cString: strerror(error.errnoCode)) }

extension ClientError {
    /// Translates what NIO's bootstrap throws.
    static func connecting(to address: BrokerAddress, _ error: any Error, timeoutMilliseconds: Int) -> ClientError {
        switch error {
        case let error as ClientError:
            return error
        case ChannelError.connectTimeout:
            return connectTimedOut(address, timeoutMilliseconds)
        case let error as NIOConnectionError:
            guard let first = error.connectionErrors.first?.error else {
                return ClientError(
                    .nameNotResolved,
                    "the host name \"\(address.host)\" is not known: check its spelling, the DNS, or /etc/hosts")
            }
            return connecting(to: address, first, timeoutMilliseconds: timeoutMilliseconds)
        case let error as IOError:
            return refusing(address, error)
        default:
            return ClientError(.cannotConnect, "cannot connect to \(address): \(error)")
        }
    }

    private static func refusing(_ address: BrokerAddress, _ error: IOError) -> ClientError {
        let advice =
            switch error.errnoCode {
            case ECONNREFUSED:
                "nothing listens there. Is the broker running (`martlet serve`), and is this its host and port?"
            case ENETUNREACH, EHOSTUNREACH: "no route leads there. Check the address and the network"
            case EACCES, EPERM: "not permitted. A firewall may be in the way"
            default: "\(systemMessage(error))"
            }
        return ClientError(.cannotConnect, "cannot connect to \(address): \(advice)")
    }

    private static func connectTimedOut(_ address: BrokerAddress, _ milliseconds: Int) -> ClientError {
        ClientError(
            .timedOut,
            "cannot connect to \(address): no answer within \(seconds(milliseconds)). "
                + "Check the address; a firewall may drop the packets")
    }
}
