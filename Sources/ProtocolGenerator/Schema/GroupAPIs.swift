extension API {
    static let findCoordinator = API(
        key: 10, name: "FindCoordinator", versions: 0...6, flexibleFrom: 3,
        summary: "Names the broker that coordinates a group or transaction.",
        request: [
            .field("key", .string, to: 3),
            .field("keyType", .int8, from: 1),
            .list("coordinatorKeys", of: .string, from: 4),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 1),
            .field("errorCode", .errorCode, to: 3),
            .field("errorMessage", .string, from: 1, to: 3, nullable: true),
            .field("nodeID", .int32, to: 3),
            .field("host", .string, to: 3),
            .field("port", .int32, to: 3),
            .list(
                "coordinators", of: "Coordinator", from: 4,
                [
                    .field("key", .string),
                    .field("nodeID", .int32),
                    .field("host", .string),
                    .field("port", .int32),
                    .field("errorCode", .errorCode),
                    .field("errorMessage", .string, nullable: true),
                ]),
        ])

    static let joinGroup = API(
        key: 11, name: "JoinGroup", versions: 0...9, flexibleFrom: 6,
        summary: "Joins a group of the classic protocol.",
        request: [
            .field("groupID", .string),
            .field("sessionTimeoutMs", .int32),
            .field("rebalanceTimeoutMs", .int32, from: 1, default: "-1"),
            .field("memberID", .string),
            .field("groupInstanceID", .string, from: 5, nullable: true),
            .field("protocolType", .string),
            .list(
                "protocols", of: "JoinGroupRequestProtocol",
                [
                    .field("name", .string),
                    .field("metadata", .bytes),
                ]),
            .field("reason", .string, from: 8, nullable: true),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 2),
            .field("errorCode", .errorCode),
            .field("generationID", .int32, default: "-1"),
            .field("protocolType", .string, from: 7, nullable: true),
            .field("protocolName", .string, nullable: true, nullableFrom: 7),
            .field("leader", .string),
            .field("skipAssignment", .bool, from: 9),
            .field("memberID", .string),
            .list(
                "members", of: "JoinGroupResponseMember",
                [
                    .field("memberID", .string),
                    .field("groupInstanceID", .string, from: 5, nullable: true),
                    .field("metadata", .bytes),
                ]),
        ])

    static let syncGroup = API(
        key: 14, name: "SyncGroup", versions: 0...5, flexibleFrom: 4,
        summary: "Hands out the assignment that the leader computed.",
        request: [
            .field("groupID", .string),
            .field("generationID", .int32),
            .field("memberID", .string),
            .field("groupInstanceID", .string, from: 3, nullable: true),
            .field("protocolType", .string, from: 5, nullable: true),
            .field("protocolName", .string, from: 5, nullable: true),
            .list(
                "assignments", of: "SyncGroupRequestAssignment",
                [
                    .field("memberID", .string),
                    .field("assignment", .bytes),
                ]),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 1),
            .field("errorCode", .errorCode),
            .field("protocolType", .string, from: 5, nullable: true),
            .field("protocolName", .string, from: 5, nullable: true),
            .field("assignment", .bytes),
        ])

    static let heartbeat = API(
        key: 12, name: "Heartbeat", versions: 0...4, flexibleFrom: 4,
        summary: "Keeps a classic member alive.",
        request: [
            .field("groupID", .string),
            .field("generationID", .int32),
            .field("memberID", .string),
            .field("groupInstanceID", .string, from: 3, nullable: true),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 1),
            .field("errorCode", .errorCode),
        ])

    static let leaveGroup = API(
        key: 13, name: "LeaveGroup", versions: 0...5, flexibleFrom: 4,
        summary: "Removes members from a group (KIP-345).",
        request: [
            .field("groupID", .string),
            .field("memberID", .string, to: 2),
            .list(
                "members", of: "MemberIdentity", from: 3,
                [
                    .field("memberID", .string),
                    .field("groupInstanceID", .string, nullable: true),
                    .field("reason", .string, from: 5, nullable: true),
                ]),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 1),
            .field("errorCode", .errorCode),
            .list(
                "members", of: "MemberResponse", from: 3,
                [
                    .field("memberID", .string),
                    .field("groupInstanceID", .string, nullable: true),
                    .field("errorCode", .errorCode),
                ]),
        ])

    static let describeGroups = API(
        key: 15, name: "DescribeGroups", versions: 0...6, flexibleFrom: 5,
        summary: "Describes classic groups and their members.",
        request: [
            .list("groups", of: .string),
            .field("includeAuthorizedOperations", .bool, from: 3),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 1),
            .list(
                "groups", of: "DescribedGroup",
                [
                    .field("errorCode", .errorCode),
                    .field("errorMessage", .string, from: 6, nullable: true),
                    .field("groupID", .string),
                    .field("groupState", .string),
                    .field("protocolType", .string),
                    .field("protocolData", .string),
                    .list(
                        "members", of: "DescribedGroupMember",
                        [
                            .field("memberID", .string),
                            .field("groupInstanceID", .string, from: 4, nullable: true),
                            .field("clientID", .string),
                            .field("clientHost", .string),
                            .field("memberMetadata", .bytes),
                            .field("memberAssignment", .bytes),
                        ]),
                    .field("authorizedOperations", .int32, from: 3, default: ".min"),
                ]),
        ])

    static let listGroups = API(
        key: 16, name: "ListGroups", versions: 0...5, flexibleFrom: 3,
        summary: "Lists groups, filtered by state and type (KIP-518, KIP-848).",
        request: [
            .list("statesFilter", of: .string, from: 4),
            .list("typesFilter", of: .string, from: 5),
        ],
        response: [
            .field("throttleTimeMs", .int32, from: 1),
            .field("errorCode", .errorCode),
            .list(
                "groups", of: "ListedGroup",
                [
                    .field("groupID", .string),
                    .field("protocolType", .string),
                    .field("groupState", .string, from: 4),
                    .field("groupType", .string, from: 5),
                ]),
        ])

    static let deleteGroups = API(
        key: 42, name: "DeleteGroups", versions: 0...2, flexibleFrom: 2,
        summary: "Deletes empty groups (KIP-229).",
        request: [
            .list("groupsNames", of: .string)
        ],
        response: [
            .field("throttleTimeMs", .int32),
            .list(
                "results", of: "DeletableGroupResult",
                [
                    .field("groupID", .string),
                    .field("errorCode", .errorCode),
                ]),
        ])

    static let consumerGroupHeartbeat = API(
        key: 68, name: "ConsumerGroupHeartbeat", versions: 0...1, flexibleFrom: 0,
        summary: "Joins, keeps alive and leaves a group of the consumer protocol (KIP-848).",
        request: [
            .field("groupID", .string),
            .field("memberID", .string),
            .field("memberEpoch", .int32),
            .field("instanceID", .string, nullable: true),
            .field("rackID", .string, nullable: true),
            .field("rebalanceTimeoutMs", .int32, default: "-1"),
            .list("subscribedTopicNames", of: .string, nullable: true),
            .field("subscribedTopicRegex", .string, from: 1, nullable: true),
            .field("serverAssignor", .string, nullable: true),
            .list(
                "topicPartitions", of: "TopicPartitions", nullable: true,
                [
                    .field("topicID", .uuid),
                    .list("partitions", of: .int32),
                ]),
        ],
        response: [
            .field("throttleTimeMs", .int32),
            .field("errorCode", .errorCode),
            .field("errorMessage", .string, nullable: true),
            .field("memberID", .string, nullable: true),
            .field("memberEpoch", .int32),
            .field("heartbeatIntervalMs", .int32),
            .structure(
                "assignment", of: "Assignment", nullable: true,
                [
                    .list(
                        "topicPartitions", of: "TopicPartitions",
                        [
                            .field("topicID", .uuid),
                            .list("partitions", of: .int32),
                        ])
                ]),
        ])

    static let consumerGroupDescribe = API(
        key: 69, name: "ConsumerGroupDescribe", versions: 0...1, flexibleFrom: 0,
        summary: "Describes groups of the consumer protocol (KIP-848).",
        request: [
            .list("groupIDs", of: .string),
            .field("includeAuthorizedOperations", .bool),
        ],
        response: [
            .field("throttleTimeMs", .int32),
            .list(
                "groups", of: "DescribedGroup",
                [
                    .field("errorCode", .errorCode),
                    .field("errorMessage", .string, nullable: true),
                    .field("groupID", .string),
                    .field("groupState", .string),
                    .field("groupEpoch", .int32),
                    .field("assignmentEpoch", .int32),
                    .field("assignorName", .string),
                    .list(
                        "members", of: "Member",
                        [
                            .field("memberID", .string),
                            .field("instanceID", .string, nullable: true),
                            .field("rackID", .string, nullable: true),
                            .field("memberEpoch", .int32),
                            .field("clientID", .string),
                            .field("clientHost", .string),
                            .list("subscribedTopicNames", of: .string),
                            .field("subscribedTopicRegex", .string, nullable: true),
                            .structure(
                                "assignment", of: "Assignment",
                                [
                                    .list(
                                        "topicPartitions", of: "TopicPartitions",
                                        [
                                            .field("topicID", .uuid),
                                            .field("topicName", .string),
                                            .list("partitions", of: .int32),
                                        ])
                                ]),
                            .structure(
                                "targetAssignment", of: "Assignment",
                                [
                                    .list(
                                        "topicPartitions", of: "TopicPartitions",
                                        [
                                            .field("topicID", .uuid),
                                            .field("topicName", .string),
                                            .list("partitions", of: .int32),
                                        ])
                                ]),
                            .field("memberType", .int8, from: 1, default: "-1"),
                        ]),
                    .field("authorizedOperations", .int32, default: ".min"),
                ]),
        ])
}
