/// Prometheus' text format 0.0.4.
enum PrometheusText {
    /// Values of labels are cut off here, in characters.
    static let longestValue = 256

    /// `# HELP` and `# TYPE`.
    static func header(_ name: String, _ type: String, _ help: String, into text: inout String) {
        let escaped = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        text += "# HELP \(name) \(escaped)\n# TYPE \(name) \(type)\n"
    }

    /// One line with a value.
    static func sample(_ name: String, _ labels: String, _ value: String, into text: inout String) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    /// A number as Prometheus reads it; whole ones without a fraction.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if value.magnitude < 1e15, let whole = Int64(exactly: value) { return String(whole) }
        return String(value)
    }

    /// A valid name with the suffix that its kind asks for.
    static func name(_ label: String, _ kind: MetricKind) -> String {
        let name = identifier(label, isLabel: false)
        switch kind {
        case .counter: return name.hasSuffix("_total") ? name : name + "_total"
        case .timer: return name.hasSuffix("_seconds") ? name : name + "_seconds"
        case .gauge, .distribution: return name
        }
    }

    /// `a="1",b="2"`, sorted by name, escaped. Of two labels of one name the last one counts.
    static func labels(_ dimensions: [(String, String)]) -> String {
        var byName: [String: String] = [:]
        for (name, value) in dimensions {
            let name = identifier(name, isLabel: true)
            // `le` belongs to histograms.
            byName[name == "le" ? "exported_le" : name] = value
        }
        return byName.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escaped($0.value))\"" }.joined(separator: ",")
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value.prefix(longestValue).unicodeScalars {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }

    /// What is not allowed becomes an underscore; a colon is allowed in names of metrics only.
    private static func identifier(_ text: String, isLabel: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "a"..."z", "A"..."Z", "_", "0"..."9": result.unicodeScalars.append(character)
            case ":" where !isLabel: result += ":"
            default: result += "_"
            }
        }
        if result.isEmpty || ("0"..."9").contains(result.unicodeScalars[result.startIndex]) { result = "_" + result }
        return result
    }
}
