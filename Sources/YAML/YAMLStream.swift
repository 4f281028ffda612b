import Domain
import Yams

/// Reads a stream of YAML documents into Yams' nodes, within bounds, with our own typing left to do: a plain scalar
/// without a tag carries the tag `plain`.
enum YAMLStream {
    /// The largest text, in UTF-8 bytes.
    static let largestText = 1024 * 1024
    /// The deepest nesting of maps and lists.
    static let deepest = 64

    /// The tag of a plain scalar whose type its text decides.
    static let plain = "plain"

    /// Calls `body` for each document. The parser lives as long as this call, and with it the nodes' anchors, which
    /// are weak references.
    static func forEachDocument(
        _ text: String, file: String, _ body: (Node) throws(Problem) -> Void
    ) throws(Problem) {
        let start = SourceLocation(file: file, line: 1, column: 1)
        guard text.utf8.count <= largestText else {
            throw Problem("the file is larger than \(largestText / 1024) KiB", at: start, fix: "split it")
        }
        let parser: Parser
        do {
            // One rule that every text meets, so that nothing but our own typing decides what a plain scalar is.
            let resolver = try Resolver.basic.appending(Tag.Name(rawValue: plain), "^")
            parser = try Parser(yaml: text, resolver: resolver, encoding: .utf8)
        } catch {
            throw problem(error, text: text, file: file)
        }
        while true {
            let node: Node?
            do { node = try parser.nextRoot() } catch { throw problem(error, text: text, file: file) }
            guard let node else { break }
            try body(node)
        }
    }

    /// Where a node stands.
    static func location(of node: Node, file: String) -> SourceLocation {
        SourceLocation(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    private static func problem(_ error: any Error, text: String, file: String) -> Problem {
        func place(_ line: Int, _ column: Int) -> SourceLocation {
            SourceLocation(file: file, line: max(1, line), column: max(1, column))
        }
        let start = SourceLocation(file: file, line: 1, column: 1)
        guard let error = error as? YamlError else { return Problem("this is not YAML: \(error)", at: start) }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let doing = context.map { $0.text.trimmed }.map { $0.isEmpty ? "" : " \($0)" } ?? ""
            return Problem("this is not YAML: \(problem)\(doing)", at: place(mark.line, mark.column), fix: fix(problem))
        case .reader(let problem, let offset, _, _):
            return Problem(
                "this is not YAML: \(problem)",
                at: offset.map { SourceLocation(of: $0, in: text, file: file) } ?? start,
                fix: "remove the control character")
        case .duplicatedKeysInMapping(let names, let context):
            let first = place(context.mark.line, context.mark.column)
            let second = DuplicateKey.second(after: context.mark, in: text).map { place($0.line, $0.column) }
            return Problem(
                "'\(names.first ?? "")' is written twice in one map", at: second ?? first,
                fix: second == nil ? "remove one of them" : "remove one of them; the first is on line \(first.line)")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return Problem("this is not YAML: \(error)", at: start)
        }
    }

    /// What would be right, for the mistakes that are made most.
    private static func fix(_ problem: String) -> String? {
        if problem.contains("cannot start any token") {
            return "indent with spaces, and put values in quotes that begin with @, ` or %"
        }
        if problem.contains("mapping values are not allowed") {
            return "put a text that holds ': ' in quotes, and look at the indentation"
        }
        if problem.contains("did not find expected key") { return "look at the indentation" }
        return nil
    }
}

extension SourceLocation {
    /// The place of a byte.
    fileprivate init(of offset: Int, in text: String, file: String) {
        let before = String(decoding: text.utf8.prefix(offset), as: UTF8.self).unicodeScalars
        let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
        self.init(file: file, line: lines.count, column: (lines.last?.count ?? 0) + 1)
    }
}
