import Domain

extension HetznerState {
    /// What a path names. Throws 404.
    func found(_ kind: HetznerKind, _ text: String) throws -> HetznerResource {
        if let id = Int(text), let resource = resources[kind]?[id] { return resource }
        // Zones go by their names too.
        if kind == .zones, let zone = all(.zones).first(where: { $0.name == text }) { return zone }
        throw HetznerError.notFound(kind, text)
    }

    /// The same, and nothing is under way on it.
    func free(_ kind: HetznerKind, _ text: String) throws -> HetznerResource {
        let resource = try found(kind, text)
        try checkFree(resource.reference)
        return resource
    }

    /// What a member of a request names, by number or by name. Throws `invalid_input` when there is none.
    func named(_ kind: HetznerKind, _ value: JSONValue, field: String) throws -> HetznerResource {
        let text = value.plainText
        if let id = Int(text), let resource = resources[kind]?[id] { return resource }
        if value.stringValue != nil, let resource = all(kind).first(where: { $0.name == text }) { return resource }
        throw HetznerError.invalid(field, "\(kind.words) '\(text)' not found")
    }

    /// What a member of a request names, by number alone. Throws 404.
    func numbered(_ kind: HetznerKind, _ id: Int) throws -> HetznerResource {
        guard let resource = resources[kind]?[id] else { throw HetznerError.notFound(kind, String(id)) }
        return resource
    }

    /// Throws `uniqueness_error` when another thing of the kind has that name.
    func checkName(_ kind: HetznerKind, _ name: String, except id: Int? = nil) throws {
        guard !all(kind).contains(where: { $0.name == name && $0.id != id && $0.kind != .images }) else {
            throw HetznerError.notUnique("name", "\(kind.words) name is already used")
        }
    }

    /// Throws `resource_limit_exceeded` when there may be no more of a kind.
    func checkLimit(_ kind: HetznerKind) throws {
        guard let limit = failures.limits[kind.rawValue], all(kind).count >= limit else { return }
        throw HetznerError.limit(kind)
    }
}
