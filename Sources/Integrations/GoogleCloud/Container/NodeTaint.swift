import Domain

/// A taint of nodes, written as kubectl does: `nvidia.com/gpu=present:NoSchedule`.
struct NodeTaint: Sendable, Hashable {
    /// Taints of one pool.
    static let most = 50

    private static let effects = [
        "NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE",
    ]
    // The text is constant and compiles, which a test shows; without a pattern Google itself refuses a wrong taint.
    private static let pattern = try? Pattern(
        "([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?(=[-A-Za-z0-9_.]{0,63})?"
            + ":(NoSchedule|PreferNoSchedule|NoExecute)")

    var key: String
    var value: String
    /// Google's word.
    var effect: String

    static func read(_ input: inout InputReader) -> [NodeTaint] {
        let found = input.texts(
            "taints", "Taints of the nodes, such as nvidia.com/gpu=present:NoSchedule", each: pattern,
            "a taint such as nvidia.com/gpu=present:NoSchedule")
        if found.count > most { input.report("there are more than \(most) taints", field: "taints") }
        return found.compactMap(NodeTaint.init)
    }

    private init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let effect = NodeTaint.effects[String(text[text.index(after: colon)...])]
        else { return nil }
        let parts = text[..<colon].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        key = String(parts[0])
        value = parts.count == 2 ? String(parts[1]) : ""
        self.effect = effect
    }

    var json: JSONValue { ["key": .string(key), "value": .string(value), "effect": .string(effect)] }

    /// In any order, as they are written.
    static func shown(_ taints: [JSONValue]) -> JSONValue {
        Field.sortedStrings(
            taints.map { taint in
                let value = taint["value"]?.stringValue ?? ""
                let effect = effects.first { .string($0.value) == taint["effect"] }?.key ?? ""
                return (taint["key"]?.stringValue ?? "") + (value.isEmpty ? "" : "=\(value)") + ":\(effect)"
            })
    }
}
