import Domain
import Foundation
import Synchronization

/// The registry's token service: a pull secret goes in, a short-lived token for one image comes out.
final class RegistryTokens: Sendable {
    /// The registry's name in challenges.
    static let service = "registry.sandbox"
    /// Tokens that hold at a time; the oldest go first.
    static let keptTokens = 1000

    private struct Issued {
        var token: String
        var scopes: Set<String>
        var until: Int64
    }

    private let configuration: RegistryStandIn.Configuration
    private let time: any TimeSource
    private let issued = Mutex<[Issued]>([])
    private let refuses = Mutex(false)

    init(_ configuration: RegistryStandIn.Configuration, time: any TimeSource) {
        self.configuration = configuration
        self.time = time
    }

    var refusesSecrets: Bool {
        get { refuses.withLock { $0 } }
        set { refuses.withLock { $0 = newValue } }
    }

    /// Answers `GET /token?service=…&scope=repository:acme/api:pull`.
    func answer(_ request: SandboxRequest) -> SandboxAnswer {
        guard request.query("service") == RegistryTokens.service else {
            return RegistryError(400, "UNSUPPORTED", "the service is not known").answer
        }
        let scopes = Set(request.query.filter { $0.name == "scope" }.flatMap { $0.value.split(separator: " ") })
        let isAnonymous = request.header("authorization") == nil
        guard isAnonymous || isRight(request.header("authorization") ?? "") else {
            return RegistryError(401, "UNAUTHORIZED", "authentication required").answer
        }
        // Who may not have a scope gets a token without it, and is refused later.
        let granted = isAnonymous && !configuration.isPublic ? [] : scopes.compactMap(RegistryTokens.readable)
        let now = time.now
        let token = (0..<64).map { _ in String(UInt8.random(in: 0...15), radix: 16) }.joined()
        issued.withLock { issued in
            issued.append(
                Issued(
                    token: token, scopes: Set(granted), until: now.advanced(by: configuration.tokenLife).microseconds))
            if issued.count > RegistryTokens.keptTokens { issued.removeFirst() }
        }
        return .json(
            200,
            [
                "token": .string(token), "access_token": .string(token),
                "expires_in": .int(configuration.tokenLife.components.seconds),
                "issued_at": .string(now.formatted(Date.ISO8601FormatStyle())),
            ])
    }

    /// Refuses a request that carries no token for a scope (RFC 6750 §3 in the registry's words).
    func check(_ request: SandboxRequest, scope: String?) throws {
        let now = time.now.microseconds
        let token = request.bearerToken
        let found = issued.withLock { issued in issued.first { $0.token == token && now < $0.until } }
        if let found, scope.map({ found.scopes.contains($0) }) ?? true { return }
        var challenge =
            "Bearer realm=\"http://\(request.host)/token\",service=\"\(RegistryTokens.service)\""
        if let scope { challenge += ",scope=\"\(scope)\"" }
        if token != nil { challenge += found == nil ? ",error=\"invalid_token\"" : ",error=\"insufficient_scope\"" }
        var error = RegistryError(401, "UNAUTHORIZED", "authentication required")
        if let scope {
            let parts = scope.split(separator: ":").map(String.init)
            error.detail = [["Type": "repository", "Class": "", "Name": .string(parts[1]), "Action": "pull"]]
        }
        error.headers = [("WWW-Authenticate", challenge), ("Docker-Distribution-Api-Version", "registry/2.0")]
        throw error
    }

    private func isRight(_ header: String) -> Bool {
        guard !refusesSecrets, header.lowercased().hasPrefix("basic "),
            let data = Data(base64Encoded: String(header.dropFirst(6)))
        else { return false }
        return Secret(String(decoding: data, as: UTF8.self))
            == Secret("\(configuration.username):\(configuration.password.reveal())")
    }

    /// `repository:acme/api:pull,push` → `repository:acme/api:pull`; nil for what cannot be read.
    private static func readable(_ scope: Substring) -> String? {
        let parts = scope.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "repository", parts[2].split(separator: ",").contains("pull") else {
            return nil
        }
        return "repository:\(parts[1]):pull"
    }
}
