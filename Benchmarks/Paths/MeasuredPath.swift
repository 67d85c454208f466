// MeasuredPath: one path through the code that is measured by itself, by its time (`Micro`) and by the instructions that it
// takes (`Instructions`). Both measure the same list.
//
// What a path does must not depend on the clock, on addresses or on chance: its instructions are compared between commits.
// Thread rule: prepared and run on one thread.

package struct MeasuredPath: Sendable {
    /// Runs the path so many times, one after the other.
    package typealias Work = (_ times: Int) throws -> Void

    package let name: String
    /// How many times make a count of instructions: enough for the rare steps (a roll, an index entry) to be in it.
    package let repetitions: Int
    /// Makes what the path works on; none of that is measured.
    package let prepare: @Sendable () throws -> Work

    package static let all = codec + records + storage + broker
}

/// Takes a result, so that the compiler cannot leave out what has led to it.
@inline(never)
package func keep<Value>(_ value: borrowing Value) {}
