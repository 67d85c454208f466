import KafkaProtocol
import KafkaRecords
import LogStorage

/// Produce 3 to 13: validates record batches and appends them; 0 to 2 (message sets of the old formats) are advertised and
/// refused.
///
/// acks=0 is not answered; acks=1 is answered once the records are in the page cache; acks=all (-1) once they are on the
/// disk, without keeping the next request from being appended; `flush.messages` makes acks=1 wait for the disk as well when
/// so many records were not flushed. Transactions are not implemented.
enum ProduceHandler {
    private typealias TopicResponse = ProduceResponse.TopicProduceResponse
    private typealias PartitionResponse = ProduceResponse.PartitionProduceResponse

    static func handle(_ request: ProduceRequest, _ frame: RawSpan, _ context: RequestContext) -> Outcome {
        var appended: [Partition] = []
        var response = ProduceResponse()
        response.responses.reserveCapacity(request.topicData.count)
        let topics = context.broker.topics.current
        for data in request.topicData {
            let topic = topics.find(name: data.name, id: data.topicID)
            var answer = TopicResponse(name: data.name, topicID: data.topicID)
            answer.partitionResponses.reserveCapacity(data.partitionData.count)
            for partitionData in data.partitionData {
                let result = append(partitionData, topic, request, frame, context, &appended)
                answer.partitionResponses.append(result)
            }
            response.responses.append(answer)
        }
        return answer(request, response, appended, context)
    }

    // MARK: Answers

    private static func answer(
        _ request: ProduceRequest, _ response: ProduceResponse, _ appended: [Partition], _ context: RequestContext
    ) -> Outcome {
        let isDurable = request.acks == -1 && context.broker.flushesBeforeAcknowledging
        let waits = isDurable ? appended : appended.filter(\.mustFlush)
        switch request.acks {
        case 0:
            // A failure takes the partition offline and is logged.
            if !waits.isEmpty { context.broker.groupCommit.wait(for: waits) { _ in } }
            // Nobody reads a reply; closing is how the client learns that it has to look anew, as with Kafka.
            let failures = response.responses.flatMap(\.partitionResponses).map(\.errorCode).filter { $0 != .none }
            guard let first = failures.first else { return .noReply }
            context.broker.requestErrors.note(.produce, failures)
            return .close(reason: "a batch it sent with acks=0 was refused: \(first)")
        case _ where !waits.isEmpty:
            context.broker.groupCommit.wait(for: waits) { failures in
                context.complete(context.reply(failures.isEmpty ? response : fail(response, waits, failures)))
            }
            return .pending
        default:
            return .reply(context.reply(response))
        }
    }

    /// Puts the error in the place of the offsets of batches that could not be made durable.
    private static func fail(
        _ response: ProduceResponse, _ flushed: [Partition], _ failures: [ObjectIdentifier: StorageError]
    ) -> ProduceResponse {
        var failed: [TopicPartitionName: StorageError] = [:]
        for partition in flushed { failed[partition.name] = failures[ObjectIdentifier(partition)] }
        var ids: [Uuid: String] = [:]
        for partition in flushed { ids[partition.topicID] = partition.name.topic }
        var response = response
        for topic in response.responses.indices {
            let name = ids[response.responses[topic].topicID] ?? response.responses[topic].name
            for index in response.responses[topic].partitionResponses.indices {
                let answer = response.responses[topic].partitionResponses[index]
                guard answer.errorCode == .none,
                    let error = failed[TopicPartitionName(topic: name, partition: answer.index)]
                else { continue }
                response.responses[topic].partitionResponses[index] = refusal(
                    answer.index, ErrorCode(error), error.message)
            }
        }
        return response
    }

    private static func refusal(_ index: Int32, _ code: ErrorCode, _ message: String? = nil) -> PartitionResponse {
        PartitionResponse(index: index, errorCode: code, baseOffset: -1, errorMessage: message)
    }

    // MARK: One partition

    private static func append(
        _ data: ProduceRequest.PartitionProduceData, _ topic: Topic?, _ request: ProduceRequest, _ frame: RawSpan,
        _ context: RequestContext, _ appended: inout [Partition]
    ) -> PartitionResponse {
        guard context.version >= 3 else {
            return refusal(data.index, .unsupportedVersion, "Produce versions 0 to 2 are not served.")
        }
        guard (-1...1).contains(request.acks) else { return refusal(data.index, .invalidRequiredAcks) }
        guard let topic, let partition = topic.partition(data.index) else {
            let byID = context.version >= 13 && topic == nil
            return refusal(data.index, byID ? .unknownTopicID : .unknownTopicOrPartition)
        }
        guard !topic.isInternal || context.header.clientID == "__admin_client" else {
            return refusal(data.index, .invalidTopicException, "\(topic.name) belongs to the broker.")
        }
        guard case .frame(let range)? = data.records, !range.isEmpty else {
            return refusal(data.index, .invalidRecord, "The partition's data holds no record batch.")
        }
        do throws(ProduceRefusal) {
            let batch = frame.extracting(range)
            let validator = ProducedBatch(topic: topic, broker: context.broker, version: context.version)
            let header = try validator.validate(batch)
            let answer: PartitionResponse
            if let rewritten = try validator.rewrite(batch, header) {
                answer = try append(rewritten.bytes.span.bytes, rewritten.header, to: partition, topic, data.index)
            } else {
                answer = try append(batch, header, to: partition, topic, data.index)
            }
            appended.append(partition)
            return answer
        } catch {
            var answer = refusal(data.index, error.code, error.message)
            answer.recordErrors = error.records.map { record in
                .init(batchIndex: Int32(record.index), batchIndexErrorMessage: record.reason)
            }
            return answer
        }
    }

    private static func append(
        _ batch: RawSpan, _ header: BatchHeader, to partition: Partition, _ topic: Topic, _ index: Int32
    ) throws(ProduceRefusal) -> PartitionResponse {
        let result: Partition.AppendResult
        do {
            result = try partition.append(batch, header: header, for: .records)
        } catch {
            throw ProduceRefusal(ErrorCode(error), error.message)
        }
        let stamped = topic.config.timestampType == .logAppendTime
        switch result {
        case .appended(let appended):
            return PartitionResponse(
                index: index, baseOffset: appended.baseOffset, logAppendTimeMs: stamped ? header.maxTimestamp : -1,
                logStartOffset: appended.logStartOffset)
        case .duplicate(let baseOffset, let timestamp, let logStartOffset):
            return PartitionResponse(
                index: index, baseOffset: baseOffset, logAppendTimeMs: stamped ? timestamp : -1,
                logStartOffset: logStartOffset)
        case .rejected(let reason, let message):
            throw ProduceRefusal(ErrorCode(reason), message)
        }
    }
}

extension ErrorCode {
    fileprivate init(_ reason: ProducerRejection) {
        self =
            switch reason {
            case .invalidProducerEpoch: .invalidProducerEpoch
            case .outOfOrderSequence: .outOfOrderSequenceNumber
            }
    }
}
