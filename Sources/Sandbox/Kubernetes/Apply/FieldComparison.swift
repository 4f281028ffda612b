import Domain

/// Which paths differ between two values (structured-merge-diff's `Comparison`).
struct FieldComparison: Sendable {
    var added = FieldSet()
    var modified = FieldSet()
    var removed = FieldSet()

    /// What an old value must become to be the new one.
    init(_ old: JSONValue?, _ new: JSONValue?, _ schema: FieldSchema) {
        guard old != new else { return }
        switch (old, new) {
        case (.object(let left)?, .object(let right)?) where schema.rule != .atomic && !(left.isEmpty && right.isEmpty):
            compare(left, right, schema)
        case (nil, .object(let right)?) where schema.rule != .atomic && !right.isEmpty: compare([:], right, schema)
        case (.object(let left)?, nil) where schema.rule != .atomic && !left.isEmpty: compare(left, [:], schema)
        case (.array(let left)?, .array(let right)?) where !(left.isEmpty && right.isEmpty):
            compareLists(left, right, schema)
        case (nil, .array(let right)?) where !right.isEmpty: compareLists([], right, schema)
        case (.array(let left)?, nil) where !left.isEmpty: compareLists(left, [], schema)
        case (nil, _?): added = .member
        case (_?, nil): removed = .member
        default: modified = .member
        }
    }

    private mutating func compare(_ left: [String: JSONValue], _ right: [String: JSONValue], _ schema: FieldSchema) {
        for name in Set(left.keys).union(right.keys) {
            take(FieldComparison(left[name], right[name], schema.child(name)), .field(name))
        }
    }

    private mutating func compareLists(_ left: [JSONValue], _ right: [JSONValue], _ schema: FieldSchema) {
        guard let left = TypedValue.named(left, schema), let right = TypedValue.named(right, schema) else {
            if left.isEmpty { added = .member } else if right.isEmpty { removed = .member } else { modified = .member }
            return
        }
        let old = Dictionary(left, uniquingKeysWith: { first, _ in first })
        let new = Dictionary(right, uniquingKeysWith: { first, _ in first })
        for element in Set(old.keys).union(new.keys) {
            var part = FieldComparison(
                schema.rule == .set ? nil : old[element], schema.rule == .set ? nil : new[element], schema.itemSchema)
            if old[element] == nil { part.added.isMember = true }
            if new[element] == nil { part.removed.isMember = true }
            take(part, element)
        }
    }

    private mutating func take(_ part: FieldComparison, _ element: FieldElement) {
        if !part.added.isEmpty { added.children[element] = part.added }
        if !part.modified.isEmpty { modified.children[element] = part.modified }
        if !part.removed.isEmpty { removed.children[element] = part.removed }
    }
}
