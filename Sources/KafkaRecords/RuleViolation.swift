// RuleViolation: a record that is well formed but against the rules of its topic (KIP-467).
//
// All of a batch are reported together: a client takes the records that are not named for good ones, which it may send
// again without the others.

/// What is wrong with one record of a batch.
package struct RuleViolation: Equatable, Sendable {
    package enum Rule: Equatable, Sendable {
        case missingKey
        case timestampRange
    }

    /// Most of them that are reported of one batch; the walk ends there.
    package static let reportedMax = 1000

    /// The record's index in its batch.
    package var index: Int
    package var rule: Rule
    package var reason: String

    package init(index: Int, rule: Rule, reason: String) {
        self.index = index
        self.rule = rule
        self.reason = reason
    }
}
