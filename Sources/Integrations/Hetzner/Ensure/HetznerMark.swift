import Domain

/// How it is known which pool of ours a thing belongs to: by its labels. What has none is only read.
enum HetznerMark {
    static let pool = "defimon-pool"
    static let job = "defimon-job"
    static let step = "defimon-step"
    /// On a server that was made and not started yet: it gets its private address first.
    static let start = "defimon-start"

    /// The labels that nobody else may give.
    static let own: Set<String> = [pool, job, step, start]

    /// The pool that a thing is marked with; nil when it has no mark.
    static func pool(of thing: JSONValue) -> String? { thing["labels"]?[pool]?.stringValue }

    /// Of what a step makes.
    static func labels(_ pool: String, _ context: ActionContext) -> [String: JSONValue] {
        [
            HetznerMark.pool: .string(pool), job: .string(String(context.jobID)), step: .string(step(context)),
        ]
    }

    /// The step's own key, in signs that a label may have.
    static func step(_ context: ActionContext) -> String {
        let words = context.idempotencyKey.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return String(words.joined(separator: "-").prefix(63))
    }

    /// Sets labels of a thing, and keeps those that others have set.
    static func labelling(
        _ path: String, _ thing: JSONValue, adding labels: [String: JSONValue], without: String? = nil
    )
        -> HetznerCall
    {
        var all = (thing["labels"]?.objectValue ?? [:]).merging(labels) { $1 }
        if let without { all.removeValue(forKey: without) }
        return HetznerCall("PUT", path, body: ["labels": .object(all)])
    }

    /// Throws `ActionError` when a thing does not have the pool's mark.
    static func check(_ thing: JSONValue, _ pool: String, _ title: String) throws(ActionError) {
        let found = HetznerMark.pool(of: thing)
        if found == pool { return }
        throw ActionError(
            found.map { "\(title) belongs to the pool \($0)" } ?? "\(title) is not the bot's, so it is only read",
            hint: found == nil ? "adopt it first (adopt \(pool))" : "give 'pool: \(found ?? "")', if that is meant")
    }
}
