import Domain
import Foundation
import ServiceLifecycle

/// What the page's server answers.
struct SandboxPageRoutes: Sendable {
    let world: SandboxWorld
    let time: any TimeSource

    /// Adds the headers that every answer carries.
    static func secured(_ answer: SandboxAnswer) -> SandboxAnswer {
        var answer = answer
        answer.headers += [
            (
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
            ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("Cache-Control", "no-store"),
        ]
        return answer
    }

    func answer(_ request: SandboxRequest) async -> SandboxAnswer {
        switch (request.method, request.path) {
        case ("GET", "/"): file("text/html", PageMarkup.html)
        case ("GET", "/sandbox/app.css"): file("text/css", PageStyle.css)
        case ("GET", "/sandbox/app.js"): file("text/javascript", PageScript.all)
        case ("GET", "/sandbox/icon.svg"): file("image/svg+xml", PageMarkup.icon)
        case ("GET", "/sandbox/state"): await state(request)
        case ("POST", "/sandbox/type"): await change(request, type)
        case ("POST", "/sandbox/press"): await change(request, press)
        case ("POST", "/sandbox/submit"): await change(request, submit)
        case ("POST", "/sandbox/close"): await change(request, close)
        case ("POST", "/sandbox/alert"): await change(request, alert)
        case ("POST", "/sandbox/switch"): await change(request, flip)
        case ("POST", "/sandbox/restart"): await change(request, restart)
        case ("POST", "/sandbox/github"): await change(request, github)
        case (_, let path) where SandboxPageRoutes.paths.contains(path):
            .json(405, ["error": "this path does not take that method"])
        default: .json(404, ["error": "there is nothing here; the page is at /"])
        }
    }

    private static let paths: Set<String> = [
        "/", "/sandbox/app.css", "/sandbox/app.js", "/sandbox/icon.svg", "/sandbox/state", "/sandbox/type",
        "/sandbox/press", "/sandbox/submit", "/sandbox/close", "/sandbox/alert", "/sandbox/switch", "/sandbox/restart",
        "/sandbox/github",
    ]

    private func file(_ type: String, _ text: String) -> SandboxAnswer {
        SandboxAnswer(200, headers: [("Content-Type", "\(type); charset=utf-8")], body: Array(text.utf8))
    }

    /// The state, at once or, when it is still the version that the page has, as soon as it differs.
    private func state(_ request: SandboxRequest) async -> SandboxAnswer {
        let known = request.query("version")
        let end = ContinuousClock.now.advanced(by: SandboxPage.longPoll)
        while true {
            let changes = world.slack.changes.value
            let state = await SandboxState(world: world).json()
            let version = String(Hex.encode(SHA256Digest.of(state.canonicalBytes)).prefix(16))
            if version != known || ContinuousClock.now >= end {
                return .json(200, ["version": .string(version), "state": state])
            }
            do {
                try await cancelWhenGracefulShutdown { try await news(after: changes) }
            } catch {
                // The server ends: the page asks again, and finds it gone or started anew.
                return .json(503, ["error": "the sandbox ends"], headers: [("Connection", "close")])
            }
        }
    }

    /// Returns when a message came or it is time to look at the rest.
    private func news(after changes: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await world.slack.changes.next(after: changes) }
            group.addTask { try await Task.sleep(for: SandboxPage.lookEvery) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Reads the body and does it; what a person may read goes back as `error`.
    private func change(_ request: SandboxRequest, _ action: (JSONValue) async throws -> Void) async -> SandboxAnswer {
        guard request.body.count <= 64 * 1024 else { return .json(413, ["error": "the body is larger than 64 KiB"]) }
        guard let body = try? JSONValue(parsing: request.body) else {  // any parse error is the same to the page
            return .json(400, ["error": "the body is not JSON"])
        }
        do {
            try await action(body)
            return .json(200, ["ok": true])
        } catch let error as SandboxInputError {
            return .json(400, ["error": .string(error.description)])
        } catch {
            return .json(500, ["error": .string("that did not work: \(error)")])
        }
    }

    func text(_ name: String, _ body: JSONValue) throws -> String {
        guard let value = body[name]?.stringValue else { throw SandboxInputError("the body lacks the text '\(name)'") }
        return value
    }

    private func type(_ body: JSONValue) async throws {
        let line = try text("line", body)
        guard line.utf8.count <= 4000 else { throw SandboxInputError("the line is longer than 4,000 bytes") }
        try await world.slack.type(line, userID: text("user", body), channel: text("channel", body))
    }

    private func press(_ body: JSONValue) async throws {
        try await world.slack.press(
            actionID: text("action", body), blockID: text("block", body), messageTS: text("ts", body),
            channel: text("channel", body), userID: text("user", body))
    }

    private func submit(_ body: JSONValue) async throws {
        guard let values = body["values"]?.objectValue else {
            throw SandboxInputError("the body lacks 'values': an object")
        }
        try await world.slack.submit(text("view", body), values: values, userID: text("user", body))
    }

    private func close(_ body: JSONValue) async throws {
        try world.slack.close(text("view", body), userID: text("user", body))
    }

    private func alert(_ body: JSONValue) async throws {
        let id = try text("id", body)
        if body["firing"]?.boolValue == true {
            try await world.alerts.fire(id)
        } else {
            try world.alerts.resolve(id)
        }
    }

    private func flip(_ body: JSONValue) async throws {
        let id = try text("id", body)
        guard let item = world.switches.first(where: { $0.id == id }) else {
            throw SandboxInputError("there is no switch '\(id)'")
        }
        guard let isOn = body["on"]?.boolValue else { throw SandboxInputError("the body lacks 'on': true or false") }
        await item.set(isOn)
    }

    private func restart(_ body: JSONValue) async throws {
        let node = try text("node", body)
        guard world.ethereum.look(at: node) != nil else { throw SandboxInputError("there is no node '\(node)'") }
        world.ethereum.restarted(node)
    }
}
