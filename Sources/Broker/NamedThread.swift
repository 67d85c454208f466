import Glibc

/// Threads of our own, for work that blocks: the threads of Dispatch are few and shared.
enum NamedThread {
    /// Starts a thread that runs `body` and ends; nil if the system has none to give. Somebody has to join it.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> pthread_t? {
        let start = Start(name: name, body: body)
        var thread = pthread_t()
        // Retained here and released by the thread, which takes it over.
        let argument = Unmanaged.passRetained(start)
        let failure = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument.toOpaque())
        guard failure == 0 else {
            argument.release()
            return nil
        }
        return thread
    }

    private final class Start: Sendable {
        private let name: String
        private let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            _ = name.withCString { systemSetThreadName(pthread_self(), $0) }
            body()
        }
    }
}

// glibc declares it only under _GNU_SOURCE, which Swift's module of it does not set. A handle and a pointer in, an integer
// out: the Swift and the C calling conventions agree on that. At most 15 characters are taken.
@_silgen_name("pthread_setname_np") private func systemSetThreadName(
    _ thread: pthread_t, _ name: UnsafePointer<CChar>
) -> Int32
