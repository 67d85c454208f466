// martlet topic: the group of commands about topics.

import ArgumentParser

struct TopicCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topic", abstract: "Create, look at, change and delete topics.",
        subcommands: [
            TopicCreateCommand.self,
            TopicListCommand.self,
            TopicDescribeCommand.self,
            TopicAlterCommand.self,
            TopicAddPartitionsCommand.self,
            TopicDeleteCommand.self,
        ])
}

/// `resource_type` of a topic. Source: the Kafka protocol guide, DescribeConfigs.
let topicResourceType: Int8 = 2
