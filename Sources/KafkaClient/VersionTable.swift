// VersionTable: which versions of which APIs the broker serves, from its ApiVersions response (KIP-35).

import KafkaProtocol

package struct VersionTable: Equatable, Sendable {
    private let ranges: [Int16: ClosedRange<Int16>]

    init(_ response: ApiVersionsResponse) {
        var ranges: [Int16: ClosedRange<Int16>] = [:]
        for api in response.apiKeys where api.minVersion <= api.maxVersion {
            ranges[api.apiKey] = api.minVersion...api.maxVersion
        }
        self.ranges = ranges
    }

    /// What the broker serves of an API; nil if it does not have it.
    package subscript(_ apiKey: ApiKey) -> ClosedRange<Int16>? { ranges[apiKey.rawValue] }

    /// The highest version that both the broker and the codec know.
    ///
    /// Throws `.unsupportedVersion` if they have none in common.
    /// - Parameter newest: a later one is not wanted.
    package func highest<Request: RequestMessage>(
        for request: Request.Type, at address: BrokerAddress, upTo newest: Int16 = .max
    ) throws(ClientError) -> Int16 {
        let newest = min(newest, Request.versions.upperBound)
        guard let served = self[Request.apiKey] else {
            throw ClientError(.unsupportedVersion, "the broker at \(address) does not serve \(Request.apiKey.name)")
        }
        let version = min(served.upperBound, newest)
        guard version >= served.lowerBound, version >= Request.versions.lowerBound else {
            throw ClientError(
                .unsupportedVersion,
                "the broker at \(address) serves \(Request.apiKey.name) \(served.lowerBound) to \(served.upperBound), "
                    + "this client \(Request.versions.lowerBound) to \(newest)")
        }
        return version
    }
}
