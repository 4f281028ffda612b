import Domain

/// The operations of structured-merge-diff on a value and the schema of its place.
enum TypedValue {
    /// The paths that a value sets.
    static func fields(_ value: JSONValue, _ schema: FieldSchema) -> FieldSet {
        switch value {
        case .object(let members) where schema.rule != .atomic && !members.isEmpty:
            var set = FieldSet()
            for (name, member) in members { set.children[.field(name)] = fields(member, schema.child(name)) }
            return set
        case .array(let items) where !items.isEmpty:
            guard let named = TypedValue.named(items, schema) else { return .member }
            var set = FieldSet()
            for (element, item) in named {
                var part = schema.rule == .set ? FieldSet() : fields(item, schema.itemSchema)
                part.isMember = true
                set.children[element] = part
            }
            return set
        default: return .member
        }
    }

    /// The value that results when `new` is laid over `old`.
    static func merge(_ old: JSONValue?, _ new: JSONValue, _ schema: FieldSchema) -> JSONValue {
        switch (old, new) {
        case (.object(let left)?, .object(let right)) where schema.rule != .atomic:
            var merged = left
            for (name, value) in right { merged[name] = merge(left[name], value, schema.child(name)) }
            return .object(merged)
        case (.array(let left)?, .array(let right)):
            guard let left = named(left, schema), let right = named(right, schema) else { return new }
            return .array(mergeItems(left, right, schema))
        default: return new
        }
    }

    /// The new items' order wins; items that only the old list has keep their place between them.
    private static func mergeItems(
        _ left: [(FieldElement, JSONValue)], _ right: [(FieldElement, JSONValue)], _ schema: FieldSchema
    ) -> [JSONValue] {
        let old = Dictionary(left, uniquingKeysWith: { first, _ in first })
        let new = Set(right.map(\.0))
        var done: Set<FieldElement> = []
        var merged: [JSONValue] = []
        var next = 0
        func takeNew() {
            let (element, item) = right[next]
            next += 1
            guard done.insert(element).inserted else { return }
            merged.append(schema.rule == .set ? item : merge(old[element], item, schema.itemSchema))
        }
        for (element, item) in left {
            if !new.contains(element) {
                merged.append(item)
            } else {
                while !done.contains(element), next < right.count { takeNew() }
            }
        }
        while next < right.count { takeNew() }
        return merged
    }

    /// The value without the members of a set; nil when nothing is left.
    static func remove(_ set: FieldSet, from value: JSONValue, _ schema: FieldSchema) -> JSONValue? {
        switch value {
        case .object(let members) where schema.rule != .atomic:
            var kept: [String: JSONValue] = [:]
            for (name, member) in members {
                guard let part = set.children[.field(name)] else {
                    kept[name] = member
                    continue
                }
                if !part.isMember { kept[name] = remove(part, from: member, schema.child(name)) }
            }
            return kept.isEmpty ? nil : .object(kept)
        case .array(let items):
            guard let named = named(items, schema) else { return value }
            let kept = named.compactMap { element, item -> JSONValue? in
                guard let part = set.children[element] else { return item }
                return part.isMember ? nil : remove(part, from: item, schema.itemSchema)
            }
            return kept.isEmpty ? nil : .array(kept)
        default: return value
        }
    }

    /// The items of a list with their names; nil when the list is one value by its schema.
    static func named(_ items: [JSONValue], _ schema: FieldSchema) -> [(FieldElement, JSONValue)]? {
        switch schema.rule {
        case .items(let keys): items.map { (FieldElement.name(of: $0, keys: keys), $0) }
        case .set: items.map { (.value($0), $0) }
        case .natural, .atomic: nil
        }
    }
}

extension FieldSchema {
    /// The schema of a list's items: the fields below it.
    var itemSchema: FieldSchema { FieldSchema(rule: .natural, children: children) }
}
