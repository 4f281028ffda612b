import Domain

/// Where a thing is.
enum HetznerPlace {
    static func name(_ thing: JSONValue) -> String? {
        (thing.at(path: "location.name") ?? thing.at(path: "datacenter.location.name"))?.stringValue
    }

    static func field(_ location: String) -> WantedField {
        WantedField(
            name: "location", wanted: .string(location), present: { name($0).map(JSONValue.string) ?? .null },
            change: .replacement())
    }
}

extension HetznerClient {
    /// The location that a step names, or else the settings'. Throws `ActionError` when there is none.
    func location(_ given: String?) throws(ActionError) -> String {
        guard let location = given ?? settings.location else {
            throw ActionError(
                "no location is named", hint: "give the step 'location', or the settings hetzner.location")
        }
        return location
    }
}
