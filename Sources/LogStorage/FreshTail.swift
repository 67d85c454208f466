// The end of a segment that was appended so recently that its pages are in the page cache, without asking the kernel: what
// consumers at the end of a log read.
//
// Layout: two marks. What lies behind the newer one was appended after `since`; what lies between the two in the window before.
// Thread rule: a plain value inside a segment, guarded by the partition's lock.

struct FreshTail {
    /// Appended data counts as fresh for one to three of these. It leaves the page cache only under pressure, the oldest first;
    /// that all of it goes within seconds would take a machine that is swapping anyway.
    static let windowMilliseconds: Int64 = 2_000

    private var older = Int.max
    private var newer = Int.max
    private var since = Int64.min

    /// Call with each append: where it begins, and the wall time.
    mutating func note(position: Int, now: Int64) {
        guard newer == .max || now < since || now - since >= Self.windowMilliseconds else { return }
        let isNeighbour = newer != .max && now >= since && now - since < 2 * Self.windowMilliseconds
        older = isNeighbour ? newer : position
        newer = position
        since = now
    }

    /// Where the fresh part begins; `Int.max` without one.
    func start(now: Int64) -> Int {
        guard newer != .max, now >= since else { return .max }
        if now - since < Self.windowMilliseconds { return older }
        return now - since < 2 * Self.windowMilliseconds ? newer : .max
    }
}
