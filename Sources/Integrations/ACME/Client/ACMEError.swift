package import Domain
import Outbound

/// Why a CA did not do what it was asked.
package struct ACMEError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// The CA says no, with a type of RFC 8555 §6.7 by its short name: `rateLimited`.
        case problem(type: String)
        /// No whole answer.
        case unreachable
        /// An answer that is none.
        case strange
        /// It knows no such thing (404).
        case missing
        /// What was given to the bot, or asked of it, cannot be used.
        case unusable
        /// The CA was not done in time.
        case unfinished
    }

    /// With the CA's own words; people read it.
    package var message: String
    package var kind: Kind
    /// When the next try makes sense, as the CA said it.
    package var retryAfter: Duration?
    /// False when it is certain that the CA has done nothing.
    package var mayHaveTakenEffect = false
    /// Whether it passes by itself.
    package var isTransient = false
    /// What a person could try.
    package var hint: String?

    package var description: String { message }

    private init(_ message: String, _ kind: Kind) {
        self.message = message
        self.kind = kind
    }

    /// As a step says it.
    package var actionError: ActionError {
        ActionError(
            message, retry: isTransient ? .later(afterMilliseconds: retryAfter?.milliseconds) : .never,
            mayHaveTakenEffect: mayHaveTakenEffect, hint: hint)
    }
}

extension ACMEError {
    /// What was given to the bot cannot be used; nothing was sent.
    package static func unusable(_ message: String, hint: String? = nil) -> ACMEError {
        var error = ACMEError(message, .unusable)
        error.hint = hint
        return error
    }

    /// An answer that is none, and would be none again.
    static func strange(_ message: String) -> ACMEError { ACMEError(message, .strange) }

    /// The CA was not done in time.
    static func unfinished(_ message: String, retryAfter: Duration?) -> ACMEError {
        var error = ACMEError(message, .unfinished)
        error.isTransient = true
        error.retryAfter = retryAfter
        error.mayHaveTakenEffect = true
        return error
    }

    static func unreachable(_ host: String, _ cause: HTTPError) -> ACMEError {
        // The session's words begin with the host where a connection failed.
        let said =
            cause.message.hasPrefix("\(host): ") ? String(cause.message.dropFirst(host.count + 2)) : cause.message
        var error = ACMEError("the CA \(host) cannot be reached: \(said)", .unreachable)
        error.isTransient = true
        error.mayHaveTakenEffect = cause.kind == .maybeSent
        return error
    }

    /// An answer that says no. `doing` is what it refuses: `the order for api.example.org`.
    static func refused(_ host: String, _ doing: String, _ answer: ACMEAnswer) -> ACMEError {
        let status = answer.status
        guard let problem = answer.problem else {
            var error = ACMEError("the CA \(host) answers \(doing) with status \(status) and no reason", .strange)
            if status == 404 { error.kind = .missing }
            error.isTransient = status >= 500 || status == 429 || status == 408
            error.mayHaveTakenEffect = status >= 500
            error.retryAfter = answer.retryAfter
            return error
        }
        var error = ACMEError(problem: problem, "the CA \(host) refuses \(doing)", retryAfter: answer.retryAfter)
        if status == 404, ["malformed", "about:blank"].contains(problem.type) { error.kind = .missing }
        error.isTransient = error.isTransient || status >= 500 || status == 429
        error.mayHaveTakenEffect = status >= 500 && problem.type != "rateLimited"
        return error
    }

    /// What the CA says of a name or an order that it has given up.
    init(problem: ACMEProblem, _ beginning: String, retryAfter: Duration? = nil) {
        self.init("\(beginning): \(problem.words)", .problem(type: problem.type))
        // A compound problem is as its parts are.
        let type = ProblemType.known[problem.type]
        hint = type?.hint ?? problem.parts.compactMap { ProblemType.known[$0.type]?.hint }.first
        isTransient = type?.isTransient ?? false
        self.retryAfter = retryAfter
        if problem.type == "rateLimited", let retryAfter {
            hint = "it says to ask again in \(DurationText.human(retryAfter)); each try before that counts too"
        }
        if problem.type == "userActionRequired" {
            hint = problem.instance.map { "open \($0) and do what it says" } ?? "look into the CA's console"
        }
    }
}
