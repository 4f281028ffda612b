import Domain

/// The status of a thing, for an error.
enum StatusText {
    static func of(_ value: JSONValue) -> String {
        value["status"]?.stringValue.map { "'\(OneLine.of($0, atMost: 40))'" } ?? "none"
    }
}
