import Domain
import Foundation
import Outbound

/// Why GitHub did not do what it was asked.
struct GitHubFailure: Error, Sendable, Hashable {
    /// The status of the answer; nil when there was none, or none that could be read.
    var status: Int?
    /// With GitHub's own words; people read it.
    var message: String
    /// Whether it passes by itself.
    var isTransient = false
    /// When the next try makes sense, if that is known.
    var retryAfter: Duration?
    /// Whether GitHub may have done it.
    var mayHaveTakenEffect = false
    /// What a person could try.
    var hint: String?

    /// Something that stays as it is.
    init(_ message: String, status: Int? = nil, hint: String? = nil) {
        self.message = message
        self.status = status
        self.hint = hint
    }

    /// A limit: nothing may be asked before that.
    static func limited(_ message: String, after wait: Duration, status: Int? = nil) -> GitHubFailure {
        var failure = GitHubFailure(message, status: status)
        failure.isTransient = true
        failure.retryAfter = wait
        return failure
    }

    /// No answer.
    static func unreachable(_ error: HTTPError) -> GitHubFailure {
        var failure = GitHubFailure("GitHub cannot be reached: \(error.message)")
        failure.isTransient = true
        failure.mayHaveTakenEffect = error.kind == .maybeSent
        return failure
    }

    /// An answer that says no and is no limit.
    init(_ response: HTTPResponse, now: Date) {
        status = response.status
        message = "GitHub answers \(response.status)" + GitHubFailure.words(of: response)
        switch response.status {
        case 500...599:
            isTransient = true
            mayHaveTakenEffect = true
            retryAfter = response.retryAfter(now: now)
        case 408: isTransient = true
        case 300...399:
            message += ", a redirect that is not followed"
            hint = "correct github.api_url, or the repository's name if it was moved"
        case 401: hint = "give the present secret in github.token, or the app's own id and private key in github.app"
        case 403: hint = "the token or app may not do this: give it the permission on GitHub"
        case 404, 410: hint = "it is not there, or the token or app may not see it"
        default: break
        }
    }

    /// `: Validation Failed: PullRequest base: missing`, after GitHub's own error bodies; "" when there are no words.
    static func words(of response: HTTPResponse) -> String {
        struct Words: Decodable {
            struct Detail: Decodable {
                @Tolerant var resource: String?
                @Tolerant var field: String?
                @Tolerant var code: String?
                @Tolerant var message: String?
            }
            @Tolerant var message: String?
            @Tolerant var errors: [Detail]?
            @Tolerant var texts: [String]?
            @Tolerant var text: String?
            private enum CodingKeys: String, CodingKey { case message, errors }

            init(from decoder: any Decoder) throws {
                let members = try decoder.container(keyedBy: CodingKeys.self)
                _message = try members.decode(Tolerant<String>.self, forKey: .message)
                // The same member comes as a list of objects, a list of texts, or one text.
                _errors = try members.decode(Tolerant<[Detail]>.self, forKey: .errors)
                _texts = try members.decode(Tolerant<[String]>.self, forKey: .errors)
                _text = try members.decode(Tolerant<String>.self, forKey: .errors)
            }
        }
        guard let said = try? JSONDecoder().decode(Words.self, from: Data(response.body)) else {
            let text = GitHubText.line(String(decoding: response.body.prefix(400), as: UTF8.self), atMost: 100)
            return text.isEmpty ? "" : ": \(text)"  // not JSON: a proxy's own page
        }
        let details = (said.errors ?? []).prefix(10).map { detail in
            detail.message
                ?? [detail.resource, detail.field, detail.code].compactMap { $0 }.joined(separator: " ")
        }
        let parts =
            [said.message].compactMap { $0 } + details + (said.texts ?? []).prefix(10) + [said.text].compactMap { $0 }
        let line = GitHubText.line(parts.filter { !$0.isEmpty }.joined(separator: ": "), atMost: 500)
        return line.isEmpty ? "" : ": \(line)"
    }

    /// As an action says it: `doing` is what cannot be done.
    func actionError(_ doing: String, changes: Bool) -> ActionError {
        ActionError(
            "\(doing): \(message)", retry: isTransient ? .later(afterMilliseconds: retryAfter?.milliseconds) : .never,
            mayHaveTakenEffect: changes && mayHaveTakenEffect, hint: hint)
    }

    /// As an outlet says it.
    var outletError: OutletError {
        OutletError(isTransient ? .later(after: retryAfter) : .never, message + (hint.map { " (\($0))" } ?? ""))
    }
}
