/// A request or response body, as the generated code in `Messages/` defines them.
package protocol WireMessage: WireStructure {
    static var apiKey: ApiKey { get }
}

package protocol RequestMessage: WireMessage {
    associatedtype Response: WireMessage
}
