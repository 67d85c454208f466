// martlet consume --group: prints what a member of a group is given, and commits what was printed.
//
// A record counts as printed when the standard output has taken its bytes. A reader that goes away (`| head`) gets no
// error, and the piece that it did not take is not committed.

import KafkaClient

extension ConsumeCommand {
    func read(asMemberOf group: String) async throws {
        var settings = GroupConsumerSettings()
        settings.reset = fromEnd ? .latest : .earliest
        settings.consumer.follow = follows
        settings.member.patienceMilliseconds = client.timeout * 1000
        let consumer = try await GroupConsumer.open(
            topic: topic, group: group, address: try client.address(), connectionSettings: client.settings,
            settings: settings, warn: { StandardError.print("warning: \($0)") })
        let stop = StopSignal()
        let member = consumer.member
        await stop.watch { await member.interrupt() }
        var failure: (any Error)?
        do { try await print(consumer) } catch { failure = error }
        // What was printed before a failure is committed, too; that failure is the one to report.
        do { try await consumer.close() } catch { failure = failure ?? error }
        if let failure { throw failure }
    }

    private func print(_ consumer: GroupConsumer) async throws {
        let output = OutputState()
        var printer = RecordPrinter(
            topic: topic, format: json ? nil : try RecordFormat(effectiveFormat),
            write: { if output.isOpen { output.isOpen = StandardOutput.writeIfRead($0) } })
        var left = count ?? .max
        while left > 0, output.isOpen, let fetched = try await consumer.fetch() {
            // What of this fetch is printed, should it not be printed to its end.
            var printed: [Int32: Int64] = [:]
            var damage: ClientError?
            do throws(ClientError) {
                try fetched.visitRecords { record in
                    printer.add(record)
                    printed[record.partition] = record.offset + 1
                    left -= 1
                    return left > 0
                }
                if left > 0 { printed = fetched.nextOffsets }
            } catch { damage = error }
            printer.flush()
            if output.isOpen { consumer.processed(printed) }
            if let damage { throw damage }
        }
    }
}

/// Whether somebody still reads the standard output. Threads: used by one task.
private final class OutputState {
    var isOpen = true
}
