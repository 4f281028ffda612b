import Domain

/// `/_sandbox/`: failures and what was received, from outside.
struct GoogleControl: Sendable {
    let world: GoogleWorld
    let watchers: GoogleWatchers

    func answer(_ request: SandboxRequest) -> SandboxAnswer {
        switch (request.method, request.path) {
        case ("GET", "/_sandbox/failures"): return .json(200, world.failures.json)
        case ("PUT", "/_sandbox/failures"): return set(request, from: GoogleCloudFailures())
        case ("PATCH", "/_sandbox/failures"): return set(request, from: world.failures)
        case ("DELETE", "/_sandbox/failures"):
            world.failures = GoogleCloudFailures()
            return .json(200, world.failures.json)
        case ("GET", "/_sandbox/requests"):
            return .json(200, .array(watchers.received.map { .string($0) }))
        case ("DELETE", "/_sandbox/requests"):
            watchers.forget()
            return .json(200, [:])
        default: return GoogleError(404, "notFound", "There is no \(request.path).").answer(.reasons)
        }
    }

    private func set(_ request: SandboxRequest, from start: GoogleCloudFailures) -> SandboxAnswer {
        // What is no JSON object is no set of failures.
        guard let body = try? JSONValue(parsing: request.body), body.objectValue != nil else {
            return GoogleError(400, "invalid", "failures are a map").answer(.reasons)
        }
        do {
            var new = start
            try new.read(body)
            world.failures = new
            return .json(200, new.json)
        } catch let error as GoogleError {
            return error.answer(.reasons)
        } catch {
            return GoogleError(400, "invalid", "\(error)").answer(.reasons)
        }
    }
}
