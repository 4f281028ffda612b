package import Domain

/// The actions of the bot itself.
package enum BotActions {
    package static func types(jobs: any JobStarter) -> [ActionType] {
        [
            ActionType(
                JobStart.action, "Starts a command for each of a list of things, as who asked for this job",
                effect: .changes,
                outputs: [
                    .init("started", .list(.integer(nil)), "The numbers of the jobs"),
                    .init("changes", .integer(nil), "How many jobs were started"),
                    .init("left", .integer(nil), "How many things were left because of at_most"),
                    .init(
                        "room", .integer(0...100), "How many more at_most would have allowed: for a step that follows"),
                ]
            ) { RunEachAction(&$0, jobs: jobs) }
        ]
    }
}
