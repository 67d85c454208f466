import KafkaProtocol
import LogStorage

/// DescribeLogDirs 0 to 4: the size of each partition (KIP-113) and of the file system (KIP-827).
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
                guard !partitions.isEmpty else { continue }
                directory.topics.append(.init(name: topic.name, partitions: try sizes(partitions)))
            }
        } catch {
            directory.errorCode = ErrorCode(error)
        }
        return DescribeLogDirsResponse(results: [directory])
    }

    private static func sizes(
        _ partitions: [Partition]
    ) throws(StorageError) -> [DescribeLogDirsResponse.DescribeLogDirsPartition] {
        var sizes: [DescribeLogDirsResponse.DescribeLogDirsPartition] = []
        for partition in partitions {
            sizes.append(
                .init(
                    partitionIndex: partition.name.partition, partitionSize: try partition.sizeInBytes(), offsetLag: 0))
        }
        return sizes
    }
}
