import KafkaProtocol

/// ApiVersions 0 to 4: which APIs and versions are served, derived from the handler table.
///
/// Produce is advertised from version 0 although 0 to 2 are refused: older librdkafka takes their absence for a broker
/// that cannot compress. The features are those of Kafka: `group.version` 1 tells that consumer groups (KIP-848) are served.
/// librdkafka up to 2.0 skips one byte too few of every tagged field and reads on in the last one. It gets through with the
/// three feature tags in this order as long as the epoch begins with a zero byte, and gives up on one with its default of -1.
enum ApiVersionsHandler {
    static func handle(_ request: ApiVersionsRequest, _ context: RequestContext) -> ApiVersionsResponse {
        guard context.version < 3 || isName(request.clientSoftwareName) && isName(request.clientSoftwareVersion) else {
            return response(error: .invalidRequest)
        }
        var response = response(error: .none)
        if context.version >= 3 { addFeatures(to: &response, context.version) }
        return response
    }

    private static func addFeatures(to response: inout ApiVersionsResponse, _ version: Int16) {
        let name = "group.version"
        // Clients of version 3 cannot read that a feature may be at level 0 (KAFKA-17011).
        response.supportedFeatures = [.init(name: name, minVersion: version >= 4 ? 0 : 1, maxVersion: 1)]
        response.finalizedFeaturesEpoch = 0
        response.finalizedFeatures = [.init(name: name, maxVersionLevel: 1, minVersionLevel: 1)]
    }

    static func response(error: ErrorCode) -> ApiVersionsResponse {
        ApiVersionsResponse(
            errorCode: error,
            apiKeys: error == .invalidRequest
                ? []
                : HandlerTable.handlers.map {
                    .init(
                        apiKey: $0.key.rawValue, minVersion: $0.versions.lowerBound, maxVersion: $0.versions.upperBound)
                })
    }

    /// Letters, digits, dots and dashes, beginning and ending with a letter or digit (KIP-511).
    private static func isName(_ text: String) -> Bool {
        let isAlphanumeric: (UInt8) -> Bool = {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard let first = text.utf8.first, let last = text.utf8.last, isAlphanumeric(first), isAlphanumeric(last)
        else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }
}
