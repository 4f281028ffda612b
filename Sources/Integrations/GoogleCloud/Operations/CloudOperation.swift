package import Domain

/// Something that Google does after it has answered: of Compute Engine (zone, region, global) or of Kubernetes Engine.
package struct CloudOperation: Sendable, Hashable {
    package var service: GoogleCall.Service
    /// `projects/acme/zones/europe-west3-a/operations/operation-1`: by this it is found again.
    package var path: String
    package var isDone: Bool
    /// Of 100; nil when Google does not say.
    package var progress: Int?
    /// Why it failed; nil while it runs and when it did what it should.
    package var failure: GoogleFailure?
    /// What people should know although it worked.
    package var warnings: [String]

    /// Reads Google's answer; `parent` is where its operations are: `projects/acme/zones/europe-west3-a`. Throws
    /// `GoogleFailure` when the answer is no operation.
    package init(_ answer: JSONValue, _ service: GoogleCall.Service, parent: String) throws(GoogleFailure) {
        guard let name = answer["name"]?.stringValue, !name.isEmpty, let status = answer["status"]?.stringValue else {
            var failure = GoogleFailure("Google's answer is no operation")
            failure.mayHaveTakenEffect = true
            throw failure
        }
        self.service = service
        path = "\(parent)/operations/\(ResourcePath.name(name))"
        isDone = status == "DONE"
        progress = answer["progress"]?.intValue
        failure = isDone ? GoogleFailure(operation: answer) : nil
        warnings = (answer["warnings"]?.arrayValue ?? []).prefix(10).compactMap { $0["message"]?.stringValue }
            .map { OneLine.of($0, atMost: 300) }
    }

    /// What a step's handle has of it.
    package var handle: JSONValue { ["service": .string(service.rawValue), "operation": .string(path)] }

    /// The call that looks at the operation of a handle; nil when the value is none.
    package static func call(_ handle: JSONValue) -> GoogleCall? {
        guard let service = handle["service"]?.stringValue.flatMap(GoogleCall.Service.init(rawValue:)),
            let path = handle["operation"]?.stringValue, path.hasPrefix("projects/")
        else { return nil }
        return GoogleCall(service, "GET", path)
    }

    /// Where it belongs: its path without the last two parts.
    static func parent(_ path: String) -> String { path.split(separator: "/").dropLast(2).joined(separator: "/") }
}
