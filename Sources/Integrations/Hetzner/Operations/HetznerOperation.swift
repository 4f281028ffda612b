package import Domain

/// Something that Hetzner does after it has answered. Hetzner calls it an action (docs.hetzner.cloud, Actions), which is
/// another word here.
package struct HetznerOperation: Sendable, Hashable {
    /// By this it is found again.
    package var id: Int
    /// `start_server`
    package var command: String
    package var isDone: Bool
    /// Of 100.
    package var progress: Int
    /// Why it failed; nil while it runs and when it did what it should.
    package var failure: HetznerFailure?

    /// Reads one action; nil when it is none.
    package init?(_ action: JSONValue) {
        guard let id = action["id"]?.intValue, let status = action["status"]?.stringValue else { return nil }
        self.id = id
        command = action["command"]?.stringValue ?? ""
        isDone = status != "running"
        progress = action["progress"]?.intValue ?? 0
        failure = HetznerFailure(operation: action)
    }

    /// All that an answer holds: one, several, and what follows by itself.
    package static func all(in answer: JSONValue) -> [HetznerOperation] {
        let found = [answer["action"]].compactMap { $0 } + (answer["actions"]?.arrayValue ?? [])
        return (found + (answer["next_actions"]?.arrayValue ?? [])).compactMap(HetznerOperation.init)
    }
}
