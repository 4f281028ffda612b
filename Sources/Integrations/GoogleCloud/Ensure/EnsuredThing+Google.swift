import Domain

extension EnsuredThing {
    /// What every ensure action puts out, beside its own outputs.
    func outputs(_ own: [String: JSONValue], title: String, path: String) -> [String: JSONValue] {
        var own = own
        own["self_link"] = .string(resource["selfLink"]?.stringValue ?? path)
        return outputs(own, title: title)
    }
}
