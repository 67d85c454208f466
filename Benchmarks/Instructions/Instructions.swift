// Instructions: runs one path a fixed number of times, for callgrind to count what it takes. `instructions.py` runs it.
//
// usage: Instructions                 the names of all paths, with how often each is run for a count
//        Instructions NAME TIMES      runs one path

import Glibc
import Paths

@main
enum Instructions {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let name = arguments.first else {
            for path in MeasuredPath.all { print("\(path.repetitions)\t\(path.name)") }
            return
        }
        guard let path = MeasuredPath.all.first(where: { $0.name == name }),
            let times = arguments.dropFirst().first.flatMap({ Int($0) }), arguments.count == 2
        else {
            print("usage: Instructions [NAME TIMES]")
            exit(2)
        }
        let work = try path.prepare()
        // The first time pays for what is made at the first use.
        try work(1)
        try work(times)
    }
}
