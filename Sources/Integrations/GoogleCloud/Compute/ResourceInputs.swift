import Domain

extension InputReader {
    /// The name of a thing.
    mutating func cloudName(_ help: String) -> String { text("name", help, pattern: CloudName.resource) }

    /// The pool that a thing belongs to.
    mutating func pool() -> String {
        text(
            "pool", "The pool that it belongs to; it is marked with it", pattern: CloudName.pool,
            default: "infrastructure")
    }

    mutating func zone() -> String? {
        optionalText("zone", "Its zone; the settings' when it is left out", pattern: CloudName.zone)
    }

    mutating func region() -> String? {
        optionalText("region", "Its region; the settings' when it is left out", pattern: CloudName.region)
    }

    /// Texts that must each match.
    mutating func texts(_ name: String, _ help: String, each pattern: Pattern?, _ requirement: String) -> [String] {
        let found = texts(name, help)
        for text in found where pattern?.matches(text) == false {
            report("'\(text.prefix(80))' in '\(name)' is not \(requirement)", field: name)
        }
        return found
    }

    /// Labels of a thing beside the mark (cloud.google.com/compute/docs/labeling-resources).
    mutating func labels() -> [String: String] {
        let found = textMap("labels", "Labels beside the mark; others that it has stay")
        for (key, value) in found.sorted(by: { $0.key < $1.key }) {
            let isValue = value.isEmpty || CloudName.pool?.matches(value) == true
            if CloudName.resource?.matches(key) != true || !isValue || key == PoolMark.word {
                report(
                    "'\(key.prefix(80)): \(value.prefix(80))' is no label", field: "labels",
                    fix:
                        "a key begins with a letter, both have a-z, 0-9, '-', '_', and '\(PoolMark.word)' is the mark's"
                )
            }
        }
        return found
    }
}
