// A copy of an `OriginalStore` with damage in it, and what is to be said of that.

import Glibc
import LogStorage
import TestSupport

struct DamagedStore {
    /// How many bits a test flips: as many as the make target asks for, or a few.
    static var flips: Int { getenv("MARTLET_BIT_FLIPS").flatMap { Int(String(cString: $0)) } ?? 60 }

    let isClean: Bool
    var image: OriginalStore.Image
    /// The path of the damaged file.
    private(set) var path = ""
    /// For the messages of a test.
    private(set) var what = ""

    /// Still whole.
    init(of original: OriginalStore, isClean: Bool) {
        self.isClean = isClean
        image = isClean ? original.clean : original.killed
    }

    init(of original: OriginalStore, _ generator: inout SeededGenerator) {
        self.init(of: original, isClean: Bool.random(using: &generator))
    }

    /// What is left of the file's name without the offset in front.
    var kind: String { Self.kind(path) }

    private static func kind(_ path: String) -> String { String(path.split(separator: "/").last!.drop { $0.isNumber }) }

    /// Whether damage of this file is damage of the partition's records.
    func hurtsRecords(of name: TopicPartitionName) -> Bool {
        path.contains("/\(name.directoryName)/") && path.hasSuffix(".log")
    }

    /// Files of all kinds alike, whatever their size.
    mutating func flipBit(_ generator: inout SeededGenerator) {
        let kinds = Dictionary(grouping: image.indices.filter { !(image[$0].bytes ?? []).isEmpty }) {
            Self.kind(image[$0].path)
        }
        let kind = kinds.keys.sorted().randomElement(using: &generator)!
        let file = kinds[kind]!.randomElement(using: &generator)!
        let bit = Int.random(in: 0..<image[file].bytes!.count * 8, using: &generator)
        image[file].bytes![bit / 8] ^= 1 << (bit % 8)
        note("bit \(bit)", in: file)
    }

    mutating func note(_ place: String, in file: Int) {
        path = image[file].path
        what = "\(place) of \(path), \(isClean ? "clean" : "killed")"
    }

    /// On the disk, below `data` of a directory of its own.
    func restored() -> TemporaryDirectory {
        let directory = TemporaryDirectory("martlet-damaged")
        PowerCutFileSystem.restore(image, in: directory.path)
        return directory
    }
}
