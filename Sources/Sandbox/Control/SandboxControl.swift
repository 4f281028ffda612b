import Domain

/// Failures that can be read and set from outside.
protocol ControlledFailures: Sendable {
    init()
    var json: JSONValue { get }
    /// Takes the members that are there. Throws for what is not understood.
    mutating func read(_ json: JSONValue) throws
}

/// `/_sandbox/` of a cloud: failures and what was received, from outside.
struct SandboxControl<Failures: ControlledFailures>: Sendable {
    let watchers: SandboxWatchers
    let failures: @Sendable () -> Failures
    let set: @Sendable (Failures) -> Void
    /// A refusal as this cloud says it: status and words.
    let refuse: @Sendable (Int, String) -> SandboxAnswer

    func answer(_ request: SandboxRequest) -> SandboxAnswer {
        switch (request.method, request.path) {
        case ("GET", "/_sandbox/failures"): return .json(200, failures().json)
        case ("PUT", "/_sandbox/failures"): return change(request, from: Failures())
        case ("PATCH", "/_sandbox/failures"): return change(request, from: failures())
        case ("DELETE", "/_sandbox/failures"):
            set(Failures())
            return .json(200, failures().json)
        case ("GET", "/_sandbox/requests"):
            return .json(200, .array(watchers.received.map { .string($0) }))
        case ("DELETE", "/_sandbox/requests"):
            watchers.forget()
            return .json(200, [:])
        default: return refuse(404, "There is no \(request.path).")
        }
    }

    private func change(_ request: SandboxRequest, from start: Failures) -> SandboxAnswer {
        // What is no JSON object is no set of failures.
        guard let body = try? JSONValue(parsing: request.body), body.objectValue != nil else {
            return refuse(400, "failures are a map")
        }
        do {
            var new = start
            try new.read(body)
            set(new)
            return .json(200, new.json)
        } catch let error as FailureReadingError {
            return refuse(400, error.description)
        } catch {
            return refuse(400, "\(error)")
        }
    }
}

/// Why a text about failures is not understood.
struct FailureReadingError: Error, CustomStringConvertible {
    let description: String

    init(_ name: String, _ wanted: String, _ value: JSONValue) {
        description = "\(name): \(wanted) is wanted, not \(value.canonicalText)"
    }

    init(noFailure name: String, of failures: some ControlledFailures) {
        let names = failures.json.objectValue?.keys.sorted().joined(separator: ", ") ?? ""
        description = "\(name) is no failure; there are \(names)"
    }
}
