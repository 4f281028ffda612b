import Domain

extension InputReader {
    /// The pool that a thing belongs to.
    mutating func pool() -> String {
        text(
            "pool", "The pool that it belongs to; it is marked with it", pattern: HetznerName.label,
            default: "analytics")
    }

    mutating func location() -> String? {
        optionalText("location", "Its location; the settings' when it is left out", pattern: HetznerName.location)
    }

    /// The name of another thing that may be left out.
    mutating func reference(_ name: String, _ help: String) -> String? {
        optionalText(name, help, pattern: HetznerName.thing)
    }

    /// Texts that must each match.
    mutating func texts(_ name: String, _ help: String, each pattern: Pattern?, _ requirement: String) -> [String] {
        let found = texts(name, help)
        for text in found where pattern?.matches(text) == false {
            report("'\(text.prefix(80))' in '\(name)' is not \(requirement)", field: name)
        }
        return found
    }

    /// Labels of a thing beside the mark (docs.hetzner.cloud, Labels).
    mutating func labels() -> [String: String] {
        let found = textMap("labels", "Labels beside the mark; others that it has stay")
        for (key, value) in found.sorted(by: { $0.key < $1.key }) {
            let isKey = HetznerName.key?.matches(key) == true && !key.hasPrefix("hetzner.cloud/")
            let isValue = value.isEmpty || HetznerName.label?.matches(value) == true
            if !isKey || !isValue || HetznerMark.own.contains(key) {
                report(
                    "'\(key.prefix(80)): \(value.prefix(80))' is no label", field: "labels",
                    fix: "letters, digits, '-', '_' and '.', no more than 63, and none of the mark's own")
            }
        }
        return found
    }

    /// A list whose items are maps that `read` reads.
    mutating func sections<Section>(
        _ name: String, _ help: String, isRequired: Bool = false, atMost most: Int,
        read: (inout InputReader) -> Section
    ) -> [Section] {
        let items = list(name, help, isRequired: isRequired)
        if items.count > most { report("'\(name)' has \(items.count) items, more than \(most)", field: name) }
        return items.prefix(most).enumerated().map { index, item in
            var reader = InputReader.reading(LocatedValue(item))
            let section = read(&reader)
            reader.finish()
            for problem in reader.problems {
                report("item \(index + 1) of '\(name)': \(problem.message)", field: name, fix: problem.fix)
            }
            return section
        }
    }
}
