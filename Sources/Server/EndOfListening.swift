// How servers end: what goes wrong then changes nothing any more, but is said where it could be a leak.

import Logging
import NIOCore
import NIOPosix

extension Channel {
    /// Closes a listener and waits for that.
    func endListening() async {
        // Fails only where an error has closed it before, and then it listens no more either.
        try? await close()
    }
}

extension MultiThreadedEventLoopGroup {
    /// Closes what is still open and ends the threads.
    func end(_ logger: Logger) async {
        do {
            try await shutdownGracefully()
        } catch {
            logger.warning("Event loops have not ended in order: \(error)")
        }
    }
}
