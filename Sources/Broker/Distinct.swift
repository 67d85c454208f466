import KafkaProtocol

extension Sequence {
    /// The elements in order, of those with one key the first. A request may name one thing a million times in a few bytes each, and
    /// its answer would hold all that is known of it a million times.
    func distinct<Key: Hashable>(by key: (Element) -> Key) -> [Element] {
        var seen: Set<Key> = []
        return filter { seen.insert(key($0)).inserted }
    }
}

/// A topic as requests name it.
struct TopicReference: Hashable {
    var name: String?
    var id = Uuid.zero
}
