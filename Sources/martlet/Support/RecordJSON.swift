// RecordJSON: one record as one line of JSON.
//
// Keys and values that are UTF-8 are strings; others are Base64 under the name with "_base64" behind it.

import KafkaClient

enum RecordJSON {
    static func write(_ record: RecordView, topic: String, to json: inout JSONText) {
        json.object { json in
            json.field("topic", topic)
            json.field("partition", record.partition)
            json.field("offset", record.offset)
            json.field("timestamp", record.timestamp)
            write(record.key, "key", "key_base64", &json)
            write(record.value, "value", "value_base64", &json)
            json.name("headers")
            json.array { json in
                record.forEachHeader { name, value in
                    json.object { json in
                        write(name, "key", "key_base64", &json)
                        write(value, "value", "value_base64", &json)
                    }
                }
            }
        }
        json.newLine()
    }

    private static func write(
        _ span: RawSpan?, _ name: StaticString, _ base64Name: StaticString, _ json: inout JSONText
    ) {
        guard let span else {
            json.name(name)
            return json.null()
        }
        span.withUnsafeBytes { raw in
            // Bytes may be looked at as bytes, within the closure that borrows them.
            let bytes = raw.assumingMemoryBound(to: UInt8.self)
            if isUTF8(bytes) {
                json.name(name)
                json.string(utf8: bytes)
            } else {
                json.name(base64Name)
                json.string(base64(bytes))
            }
        }
    }

    private static func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
    }
}
