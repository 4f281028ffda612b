/// Text with `{{dotted.path}}` and nothing else. A text that is one whole template keeps the type of what it names.
package struct Template: Sendable, Hashable {
    package enum Part: Sendable, Hashable {
        case text(String)
        case path(String)
    }

    package let parts: [Part]

    /// What is wrong with a template's text.
    package struct Invalid: Error, Sendable {
        package var reason: String
    }

    /// A template names something that is not there.
    package struct Missing: Error, Sendable {
        package var path: String
    }

    /// Reads a template.
    package init(parsing text: String) throws(Invalid) {
        var parts: [Part] = []
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{{") {
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                throw Invalid(reason: "'{{' is never closed by '}}'")
            }
            if open.lowerBound > rest.startIndex { parts.append(.text(String(rest[..<open.lowerBound]))) }
            let path = rest[open.upperBound..<close.lowerBound].trimmed
            guard Template.isPath(path) else {
                throw Invalid(reason: "'{{\(path)}}' is not a dotted path of letters, digits, '_' and '-'")
            }
            parts.append(.path(String(path)))
            rest = rest[close.upperBound...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
    }

    /// Text that stands for itself.
    package init(literal text: String) { parts = text.isEmpty ? [] : [.text(text)] }

    private static func isPath(_ path: Substring) -> Bool {
        !path.isEmpty
            && path.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty
                    && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
            }
    }

    /// The paths it names, in order.
    package var paths: [String] { parts.compactMap { if case .path(let path) = $0 { path } else { nil } } }

    /// Whether it is text alone.
    package var isLiteral: Bool { paths.isEmpty }

    /// The path of a text that is one whole template.
    package var wholePath: String? {
        if parts.count == 1, case .path(let path) = parts[0] { path } else { nil }
    }

    /// Fills it in. Throws `Missing` for a path that `scope` does not provide.
    package func render(_ scope: JSONValue) throws(Missing) -> JSONValue {
        if let wholePath {
            guard let value = scope.at(path: wholePath) else { throw Missing(path: wholePath) }
            return value
        }
        var text = ""
        for part in parts {
            switch part {
            case .text(let literal): text += literal
            case .path(let path):
                guard let value = scope.at(path: path) else { throw Missing(path: path) }
                text += value.plainText
            }
        }
        return .string(text)
    }
}

extension LocatedValue {
    /// Every text in it as a template, filled in from `scope`; places stay.
    package func rendered(_ scope: JSONValue) throws -> LocatedValue {
        switch content {
        case .string(let text):
            guard text.contains("{{") else { return self }
            return LocatedValue(try Template(parsing: text).render(scope), at: location)
        case .array(let items):
            return LocatedValue(.array(try items.map { try $0.rendered(scope) }), at: location)
        case .object(let members):
            return LocatedValue(
                .object(
                    try members.map {
                        Member(name: $0.name, location: $0.location, value: try $0.value.rendered(scope))
                    }), at: location)
        default: return self
        }
    }

    /// Every template in it with its place; problems for texts that are no templates.
    package func templates(_ problems: inout [Problem]) -> [(template: Template, location: SourceLocation)] {
        switch content {
        case .string(let text):
            guard text.contains("{{") else { return [] }
            do { return [(try Template(parsing: text), location)] } catch {
                problems.append(Problem(error.reason, at: location))
                return []
            }
        case .array(let items): return items.flatMap { $0.templates(&problems) }
        case .object(let members): return members.flatMap { $0.value.templates(&problems) }
        default: return []
        }
    }
}
