import KafkaProtocol

/// DeleteGroups 0 to 2: forgets groups without members, with all their committed offsets (KIP-229).
enum DeleteGroupsHandler {
    private typealias GroupResult = DeleteGroupsResponse.DeletableGroupResult

    static func handle(_ request: DeleteGroupsRequest, _ frame: RawSpan, _ context: RequestContext) -> Outcome {
        let answers = Gather<GroupResult>(count: request.groupsNames.count) { results in
            context.complete(context.reply(DeleteGroupsResponse(results: results)))
        }
        for (index, id) in request.groupsNames.enumerated() {
            context.broker.groups.perform(
                on: id, refuse: { GroupResult(groupID: id, errorCode: $0.code) },
                complete: { answers.put($0, at: index) },
                step: { (group, effects, _) throws(GroupError) in
                    guard let found = group else { throw GroupError(.groupIDNotFound) }
                    guard found.membership.isEmpty else { throw GroupError(.nonEmptyGroup) }
                    effects.isDivisible = true
                    // The offsets first: as long as any are left, there is a group that can be deleted again.
                    effects.records = found.offsets.tombstones(group: id) + found.membership.tombstones(id: id)
                    group = nil
                    return GroupResult(groupID: id)
                })
        }
        return .pending
    }
}
