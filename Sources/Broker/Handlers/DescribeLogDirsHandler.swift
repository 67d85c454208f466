import KafkaProtocol
import LogStorage

/// DescribeLogDirs 0 to 4: the size of each partition (KIP-113) and of the file system (KIP-827).
///
/// A partition whose size cannot be told is left out, as Kafka leaves out replicas that are offline: the others of the directory
/// are told all the same.
enum DescribeLogDirsHandler {
    private typealias Directory = DescribeLogDirsResponse.DescribeLogDirsResult

    static func handle(_ request: DescribeLogDirsRequest, _ context: RequestContext) -> DescribeLogDirsResponse {
        let broker = context.broker
        var directory = Directory(logDir: broker.directory.path)
        do throws(StorageError) {
            let space = try broker.directory.space()
            (directory.totalBytes, directory.usableBytes) = (space.totalBytes, space.usableBytes)
            let wanted = request.topics.map { topics in
                Dictionary(topics.map { ($0.topic, Set($0.partitions)) }, uniquingKeysWith: { $0.union($1) })
            }
            for topic in broker.topics.current.all.sorted(by: { $0.name < $1.name }) {
                if let wanted, wanted[topic.name] == nil { continue }
                let partitions = topic.partitions.filter { partition in
                    wanted.map { $0[topic.name]?.contains(partition.name.partition) ?? false } ?? true
                }
                let told = partitions.compactMap(size)
                if !told.isEmpty { directory.topics.append(.init(name: topic.name, partitions: told)) }
            }
        } catch {
            directory.errorCode = ErrorCode(error)
        }
        return DescribeLogDirsResponse(results: [directory])
    }

    /// nil if it cannot be told.
    private static func size(_ partition: Partition) -> DescribeLogDirsResponse.DescribeLogDirsPartition? {
        do throws(StorageError) {
            let bytes = try partition.sizeInBytes()
            return .init(partitionIndex: partition.name.partition, partitionSize: bytes, offsetLag: 0)
        } catch {
            // The answer has no place for it. Why a log is offline was logged when that was found, and whoever uses it is told.
            return nil
        }
    }
}
