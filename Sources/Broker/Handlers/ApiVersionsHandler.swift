import KafkaProtocol

/// ApiVersions 0 to 4: which APIs and versions are served, derived from the handler table.
///
/// Produce is advertised from version 0 although 0 to 2 are refused: older librdkafka takes their absence for a broker
/// that cannot compress. No tagged field is written: librdkafka up to 2.0 gives up on feature tags with default values.
enum ApiVersionsHandler {
    static func handle(_ request: ApiVersionsRequest, _ context: RequestContext) -> ApiVersionsResponse {
        guard context.version < 3 || isName(request.clientSoftwareName) && isName(request.clientSoftwareVersion) else {
            return response(error: .invalidRequest)
        }
        return response(error: .none)
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
