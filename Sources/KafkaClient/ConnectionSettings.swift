// ConnectionSettings: who the client says it is, and how long it waits.

package struct ConnectionSettings: Sendable {
    /// Sent with every request; brokers write it into their logs.
    package var clientID: String
    package var softwareVersion: String
    package var connectTimeoutMilliseconds: Int
    /// From sending a request to its whole answer. Requests that may wait at the broker add what they wait for.
    package var requestTimeoutMilliseconds: Int
    /// A longer answer is taken for something that is not Kafka.
    package var responseMaxBytes: Int

    package init(
        clientID: String = "martlet", softwareVersion: String = "0", connectTimeoutMilliseconds: Int = 10_000,
        requestTimeoutMilliseconds: Int = 30_000, responseMaxBytes: Int = 256 << 20
    ) {
        self.clientID = clientID
        self.softwareVersion = softwareVersion
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.requestTimeoutMilliseconds = requestTimeoutMilliseconds
        self.responseMaxBytes = responseMaxBytes
    }
}
