import Glibc

/// What the kernel says about this process, from /proc; nil where it does not say it.
struct ProcessFigures {
    var residentBytes: Int?
    var anonymousBytes: Int?
    var openFiles: Int?
    var openFilesMax: Int?
    var cpuSeconds: Double

    init() {
        let status = Self.text("/proc/self/status")
        residentBytes = Self.kilobytes("VmRSS:", status).map { $0 * 1_024 }
        anonymousBytes = Self.kilobytes("RssAnon:", status).map { $0 * 1_024 }
        openFiles = Self.countOfOpenFiles()
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            openFilesMax = Int(clamping: limit.rlim_cur)
        }
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        cpuSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func kilobytes(_ name: String, _ status: String) -> Int? {
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { Int($0.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first ?? "") }
    }

    private static func text(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 8_192)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    private static func countOfOpenFiles() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        // `.`, `..`, and the one that the listing itself needs.
        var count = -3
        while readdir(directory) != nil { count += 1 }
        return max(0, count)
    }
}
