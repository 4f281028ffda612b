import Domain
import Foundation

/// A resource that is about to be.
struct ComputeDraft: Sendable {
    let call: GoogleCall
    let path: String
    let now: Date
    var body: [String: JSONValue]
    /// What happens when its operation begins and ends, besides its own coming.
    var onStart: (@Sendable (inout GoogleState, Date) -> Void)?
    var onEnd: (@Sendable (inout GoogleState, Date) throws -> Void)?
    var warnings: [JSONValue] = []

    var project: String { call.project }

    func text(_ name: String) -> String? { body[name]?.stringValue }

    mutating func fill(_ name: String, _ value: JSONValue) {
        if body[name] == nil { body[name] = value }
    }

    /// The path of what a member refers to. Throws when the member is missing or what it names is not there.
    mutating func resolve(_ member: String, _ state: GoogleState, field: String? = nil) throws -> String {
        let field = field ?? "resource.\(member)"
        guard let text = text(member) else { throw GoogleError.required(field) }
        let found = try ComputeReference.resolve(text, field: field, scope: call.scope, state)
        body[member] = .string(ComputeReference.link(found))
        return found
    }
}
