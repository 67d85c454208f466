// Confirmation: asks before something is deleted, where somebody is there to answer.

import Glibc

enum Confirmation {
    /// - Parameter isGiven: whether `--yes` was.
    static func ask(_ question: String, isGiven: Bool) throws(CommandFailure) {
        guard !isGiven else { return }
        guard isatty(STDIN_FILENO) == 1, StandardError.isTerminal else {
            throw CommandFailure("deleting needs --yes where nobody can be asked", status: .usage)
        }
        StandardError.write("\(question) [y/N] ")
        guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else {
            throw CommandFailure("nothing was deleted")
        }
    }
}
