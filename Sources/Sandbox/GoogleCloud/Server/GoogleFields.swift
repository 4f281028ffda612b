import Domain

/// A `fields` mask: `items(name,status/state),nextPageToken` (developers.google.com, "partial response").
struct GoogleFields {
    /// Members by name; an empty one stands for everything below.
    private indirect enum Node {
        case all
        case members([String: Node])
    }

    private let root: Node

    /// Throws Google's error for a mask that is no mask.
    init(_ text: String) throws {
        var rest = text[...]
        guard let node = GoogleFields.read(&rest), rest.isEmpty else {
            throw GoogleError(400, "invalidParameter", "Invalid field selection \(text)")
        }
        root = node
    }

    func cut(_ value: JSONValue) -> JSONValue { GoogleFields.cut(value, root) }

    private static func read(_ rest: inout Substring) -> Node? {
        var members: [String: Node] = [:]
        repeat {
            let name = String(rest.prefix { !",()/".contains($0) })
            guard !name.isEmpty else { return nil }
            rest = rest.dropFirst(name.count)
            var node = Node.all
            if rest.first == "/" {
                rest = rest.dropFirst()
                // One path goes on; a comma behind it belongs to this level.
                let end = end(of: rest)
                var path = rest[..<end]
                guard let below = read(&path), path.isEmpty else { return nil }
                node = below
                rest = rest[end...]
            } else if rest.first == "(" {
                rest = rest.dropFirst()
                guard let below = read(&rest), rest.first == ")" else { return nil }
                node = below
                rest = rest.dropFirst()
            }
            members[name] = merged(members[name], node)
            guard rest.first == "," else { break }
            rest = rest.dropFirst()
        } while true
        return .members(members)
    }

    /// Where a path of slashes ends: at a comma or a parenthesis of this level.
    private static func end(of text: Substring) -> Substring.Index {
        var depth = 0
        for index in text.indices {
            switch text[index] {
            case "(": depth += 1
            case ")" where depth == 0: return index
            case ")": depth -= 1
            case "," where depth == 0: return index
            default: break
            }
        }
        return text.endIndex
    }

    private static func merged(_ first: Node?, _ second: Node) -> Node {
        guard let first else { return second }
        guard case .members(let one) = first, case .members(let other) = second else { return .all }
        return .members(one.merging(other) { merged($0, $1) })
    }

    private static func cut(_ value: JSONValue, _ node: Node) -> JSONValue {
        guard case .members(let wanted) = node else { return value }
        switch value {
        case .array(let items): return .array(items.map { cut($0, node) })
        case .object(let members):
            var kept: [String: JSONValue] = [:]
            for (name, member) in members {
                guard let below = wanted[name] ?? wanted["*"] else { continue }
                kept[name] = cut(member, below)
            }
            return .object(kept)
        default: return value
        }
    }
}
