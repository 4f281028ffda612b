import Domain

extension JobFactory {
    /// Looks whether the job's pool has a cluster, where a step of it names `{{pool.cluster}}`. Throws when nobody has
    /// said yet which one that is: no step could work, nor could a plan be made.
    func needCluster(_ command: CommandDefinition, _ job: Job) throws(Unmakeable) {
        guard let pool = job.arguments["pool"]?.stringValue,
            let settings = definitions.variables["pools"]?[pool]?.objectValue,
            settings["cluster"]?.stringValue?.isEmpty ?? true, names(command, "pool.cluster")
        else { return }
        throw Unmakeable(
            message: "Nothing was done: the pool \(pool) has no cluster yet. Set pools.\(pool).cluster in defimon.yaml "
                + "to the cluster's name, and clusters.<name> to how it is reached.")
    }

    private func names(_ command: CommandDefinition, _ path: String) -> Bool {
        var problems: [Problem] = []  // none: the definitions were checked
        return command.steps.contains { step in
            step.input.templates(&problems).contains { $0.template.paths.contains(path) }
        }
    }
}
