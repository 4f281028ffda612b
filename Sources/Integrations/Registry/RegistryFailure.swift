import Domain
import Foundation
import Outbound

/// What a registry's refusals and outages mean.
struct RegistryFailure: Sendable {
    /// Characters of a registry's own words that are shown.
    private static let longestWords = 200
    /// How long to wait when a registry says "too fast" without saying how long.
    private static let usualWait = Duration.seconds(60)

    /// The registry's name in the settings.
    var registry: String
    var repository: String

    /// `who` is who answered: the registry, or who gives tokens for it.
    func status(_ response: HTTPResponse, of who: String, hasCredentials: Bool, now: Date) -> ActionError {
        let words = RegistryFailure.words(response)
        let says = "\(who) answers \(response.status)" + (words.isEmpty ? "" : ": \(words)")
        switch response.status {
        case 401, 403:
            return ActionError(
                "\(who) does not let us look at \(repository) (\(response.status))"
                    + (words.isEmpty ? "" : ": \(words)"),
                hint: hasCredentials
                    ? "check registries.\(registry).username and password; the account must be allowed to pull \(repository)"
                    : "set registries.\(registry).username and password of an account that may pull \(repository)")
        case 429:
            let wait = response.retryAfter(now: now) ?? RegistryFailure.usualWait
            return ActionError(says, retry: .later(afterMilliseconds: wait.milliseconds))
        case 408, 500...599:
            return ActionError(
                says, retry: .later(afterMilliseconds: response.retryAfter(now: now).map(\.milliseconds)))
        case 300...399:
            return ActionError(
                "\(who) redirects (\(response.status)), which is not followed",
                hint: "correct registries.\(registry).url")
        default: return ActionError(says, hint: "check registries.\(registry).url")
        }
    }

    func unreachable(_ error: any Error) -> ActionError {
        let words = (error as? HTTPError)?.message ?? "it was broken off"
        return ActionError(
            "the registry \(registry) cannot be reached: \(words)", retry: .later(afterMilliseconds: nil),
            hint: "check registries.\(registry).url, and that the bot may reach it")
    }

    /// The first error of the body (distribution-spec, "Error Codes"), in one line.
    private static func words(_ response: HTTPResponse) -> String {
        // A body that is no JSON has no words for people.
        guard let answer = try? JSONValue(parsing: response.body) else { return "" }
        let error = answer["errors"]?.arrayValue?.first
        let parts = [error?["code"]?.stringValue, (error?["message"] ?? answer["details"])?.stringValue]
        return line(parts.compactMap { $0 }.joined(separator: " "))
    }

    private static func line(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(longestWords).map { scalar -> Unicode.Scalar in
            switch scalar.value {
            case 0..<0x20, 0x7f...0x9f, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff: " "
            default: scalar
            }
        }
        return String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
    }
}
