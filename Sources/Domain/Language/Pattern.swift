import CRE2

/// A regular expression in RE2's syntax, fully anchored, in linear time (github.com/google/re2/wiki/Syntax), as
/// Alertmanager and Prometheus use them.
package final class Pattern: Sendable {
    /// The longest pattern that is accepted, in UTF-8 bytes.
    package static let longest = 1024

    package let text: String
    /// Names of the named groups, in the order of their numbers.
    package let groupNames: [String]
    private let names: [(index: Int, name: String)]
    private let groupCount: Int
    // Safe: RE2 objects may be matched by several threads at once; nothing changes it between init and deinit.
    private nonisolated(unsafe) let handle: OpaquePointer

    /// What is wrong with a pattern.
    package struct Invalid: Error, Sendable {
        package var reason: String
    }

    /// Compiles a pattern. Throws `Invalid` with RE2's own words.
    package init(_ text: String) throws(Invalid) {
        guard text.utf8.count <= Pattern.longest else {
            throw Invalid(reason: "is longer than \(Pattern.longest) bytes")
        }
        let compiled = Pattern.withOldGroupNames(text).withCStringAndLength { cre2_compile($0, $1) }
        guard let compiled else { throw Invalid(reason: "could not be compiled") }
        if let error = cre2_error(compiled) {
            let reason = String(cString: error)
            cre2_free(compiled)
            throw Invalid(reason: reason)
        }
        let groupCount = Int(cre2_group_count(compiled))
        var names: [(index: Int, name: String)] = []
        for index in 1..<(groupCount + 1) {
            guard let name = cre2_group_name(compiled, Int32(index)).map({ String(cString: $0) }) else { continue }
            guard !names.contains(where: { $0.name == name }) else {
                cre2_free(compiled)
                throw Invalid(reason: "two groups are called '\(name)'")
            }
            names.append((index, name))
        }
        self.text = text
        self.groupCount = groupCount
        self.names = names
        groupNames = names.map(\.name)
        handle = compiled
    }

    deinit { cre2_free(handle) }

    /// `(?<name>…)` as `(?P<name>…)`: RE2 reads the shorter form from its release of 2023-02-01 on, Debian 12's is older.
    private static func withOldGroupNames(_ text: String) -> String {
        var result = ""
        var rest = Substring(text)
        var isInClass = false
        func take(_ part: Substring) {
            result += part
            rest = rest[part.endIndex...]
        }
        while !rest.isEmpty {
            if rest.hasPrefix("\\Q"), !isInClass {
                take(rest[..<(rest.firstRange(of: "\\E")?.upperBound ?? rest.endIndex)])
            } else if rest.hasPrefix("\\") {
                take(rest.prefix(2))
            } else if isInClass {
                if rest.hasPrefix("[:"), let end = rest.firstRange(of: ":]") {
                    take(rest[..<end.upperBound])
                } else {
                    isInClass = rest.first != "]"
                    take(rest.prefix(1))
                }
            } else if let open = ["[^]", "[]", "[^", "["].first(where: rest.hasPrefix) {
                // A bracket that closes at once is a member of the class.
                isInClass = true
                take(rest.prefix(open.count))
            } else if rest.hasPrefix("(?<"), !rest.hasPrefix("(?<="), !rest.hasPrefix("(?<!") {
                result += "(?P<"
                rest = rest.dropFirst(3)
            } else {
                take(rest.prefix(1))
            }
        }
        return result
    }

    /// Whether the whole of `subject` matches.
    package func matches(_ subject: String) -> Bool {
        subject.withCStringAndLength { cre2_full_match(handle, $0, $1, nil, 0) } == 1
    }

    /// The named groups of a match of the whole of `subject`, nil without a match. A group that took no part is "".
    package func groups(in subject: String) -> [String: String]? {
        var spans = [cre2_span](repeating: cre2_span(), count: groupCount + 1)
        let count = Int32(spans.count)
        let matched = subject.withCStringAndLength { text, length in
            spans.withUnsafeMutableBufferPointer { cre2_full_match(handle, text, length, $0.baseAddress, count) }
        }
        guard matched == 1 else { return nil }
        let bytes = Array(subject.utf8)
        var found: [String: String] = [:]
        for (index, name) in names {
            let span = spans[index]
            found[name] =
                span.offset < 0 ? "" : String(decoding: bytes[span.offset..<(span.offset + span.length)], as: UTF8.self)
        }
        return found
    }
}

extension Pattern: Hashable {
    package static func == (left: Pattern, right: Pattern) -> Bool { left.text == right.text }
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension String {
    fileprivate func withCStringAndLength<Result>(_ body: (UnsafePointer<CChar>, Int) -> Result) -> Result {
        withCString { body($0, utf8.count) }
    }
}
