import LogStorage
import Logging

/// The catalogue and its file, which agree.
///
/// Crash rule: a change is durable before it takes effect; one that fails is undone in the file as well, as far as the disk
/// lets it. Where the disk has no room for another file, a change that makes room is written into the spare one.
/// Thread rule: a value; `TopicRegistry` orders the changes.
struct StoredCatalogue: Sendable {
    private(set) var content: TopicCatalogue
    private let directory: DataDirectory
    private let spare: SpareFile
    private let logger: Logger

    /// - Parameter content: what the file holds.
    init(_ content: TopicCatalogue, in directory: DataDirectory, spare: SpareFile, logger: Logger) {
        self.content = content
        self.directory = directory
        self.spare = spare
        self.logger = logger
    }

    /// - Parameter makesRoom: whether the change may use the spare file.
    mutating func change(
        makesRoom: Bool = false, _ change: (inout TopicCatalogue) -> Void
    ) throws(TopicError) {
        var changed = content
        change(&changed)
        let bytes = changed.encoded()
        guard bytes.count <= TopicCatalogue.maxSizeBytes else {
            throw TopicError(
                .policyViolation,
                "The settings of all topics and groups would take more than \(TopicCatalogue.maxSizeBytes) bytes.")
        }
        do throws(StorageError) {
            do throws(StorageError) {
                try TopicCatalogue.write(bytes, directory: directory.path, fileSystem: directory.fileSystem)
            } catch {
                guard makesRoom, error.code == .noSpace,
                    try TopicCatalogue.write(bytes, directory: directory.path, in: spare)
                else {
                    throw error
                }
            }
        } catch {
            restore()
            throw TopicError(error)
        }
        content = changed
    }

    /// Puts the old catalogue back after a change that failed half-way: the new one may have its name already, and a topic
    /// that could not be deleted must not be gone after the next start. Mostly it has not, and there is nothing to do.
    private func restore() {
        let (path, fileSystem) = (directory.path, directory.fileSystem)
        do throws(StorageError) {
            if try TopicCatalogue.read(directory: path, fileSystem: fileSystem) == content { return }
            try content.write(directory: path, fileSystem: fileSystem)
        } catch {
            logger.error("the catalogue could not be written: \(error.message)")
        }
    }
}
