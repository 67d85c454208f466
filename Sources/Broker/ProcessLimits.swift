import Glibc

/// What the system lets this process open, and how it is shared out: connections and segments come first, the rest is kept
/// for what is open for a moment only.
///
/// Thread rule: a value.
package struct ProcessLimits: Sendable, Equatable {
    /// Descriptors (`ulimit -n`).
    package let openFiles: Int
    /// Mappings (`vm.max_map_count`).
    package let mappings: Int

    package init(openFiles: Int, mappings: Int) {
        self.openFiles = openFiles
        self.mappings = mappings
    }

    /// Those in force now, after descriptors were raised as far as the process may do that itself.
    package static func current() -> ProcessLimits {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return ProcessLimits(openFiles: defaultOpenFiles, mappings: mappingsNow())
        }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return ProcessLimits(openFiles: Int(clamping: limit.rlim_cur), mappings: mappingsNow())
    }

    private static let defaultOpenFiles = 1_024
    private static let defaultMappings = 65_530

    private static func mappingsNow() -> Int {
        guard let file = fopen("/proc/sys/vm/max_map_count", "r") else { return defaultMappings }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 32)
        guard fgets(&line, Int32(line.count), file) != nil else { return defaultMappings }
        return max(1_024, atol(line))
    }

    /// For listeners, event loops, checkpoints, and files that are opened to be read or mapped.
    private var reservedFiles: Int { min(128, openFiles / 4) }

    /// `log.open.files.max`: what `max.connections` leaves, but half of all at least.
    package func segmentFilesMax(_ settings: BrokerSettings) -> Int {
        let usable = openFiles - reservedFiles
        let stated = settings.integer("log.open.files.max")
        if stated > 0 { return min(stated, usable - 1) }
        return max(usable - settings.integer("max.connections"), openFiles / 2 - reservedFiles)
    }

    /// `max.connections`, unless descriptors run out before.
    package func connectionsMax(_ settings: BrokerSettings) -> Int {
        min(settings.integer("max.connections"), openFiles - reservedFiles - segmentFilesMax(settings))
    }

    /// The page guard knows 131,072, some of which are those that readers still hold.
    private static let guardedMappingsMax = 100_000

    /// `log.mappings.max`: half of all, which leaves room for threads, memory and what readers still hold.
    package func mappingsMax(_ settings: BrokerSettings) -> Int {
        let stated = settings.integer("log.mappings.max")
        return min(stated > 0 ? min(stated, mappings * 3 / 4) : mappings / 2, Self.guardedMappingsMax)
    }
}
