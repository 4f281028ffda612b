import Domain
import Foundation

/// `http.check`.
struct HTTPCheck: RepeatableAction {
    private static let longestPause = Duration.seconds(10)

    private let url: String
    private let status: Int
    private let bodyPattern: Pattern?
    private let daysLeft: Int?
    private let within: Duration
    private let trustedCertificates: [UInt8]?

    init(_ input: inout InputReader, trustedCertificates: [UInt8]?) {
        url = input.text("url", "The URL; it is asked with GET, and redirects are not followed")
        status = input.integer("status", "The status it must answer", in: 100...599, default: 200)
        let pattern = input.optionalText(
            "body_matches", "A regular expression (RE2) that the first 64 KiB of the body must match as a whole")
        daysLeft = input.optionalInteger(
            "certificate_days_left", "Days that the certificate must still be valid", in: 0...3650)
        within = input.duration("within", "How long it is tried again until it passes", default: .seconds(60))
        self.trustedCertificates = trustedCertificates
        var compiled: Pattern?
        if let pattern {
            do { compiled = try Pattern(pattern) } catch {
                input.report("the regular expression is not valid: \(error.reason)", field: "body_matches")
            }
        }
        bodyPattern = compiled
        // Empty: it is not given, or a template whose value is not known yet.
        guard !url.isEmpty else { return }
        do {
            let checked = try CheckedURL(url)
            if daysLeft != nil, !checked.isTLS {
                input.report("http:// shows no certificate", field: "certificate_days_left", fix: "use https://")
            }
        } catch {
            input.report(error.message, field: "url", fix: error.fix)
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let target: CheckedURL
        do { target = try CheckedURL(url) } catch { throw ActionError(error.message, hint: error.fix) }
        if daysLeft != nil, !target.isTLS { throw ActionError("http:// shows no certificate", hint: "use https://") }
        let visit = Visit(
            target: target, status: status, bodyPattern: bodyPattern, daysLeft: daysLeft,
            trustedCertificates: trustedCertificates, time: context.time)
        let end = context.time.now.advanced(by: within)
        var pause = Duration.seconds(1)
        for attempt in 1... {
            let disappointment: Visit.Disappointment
            switch try await visit.run(attempt: attempt) {
            case .passed(let outputs): return outputs
            case .failed(let why): disappointment = why
            }
            let now = context.time.now
            guard !disappointment.isFinal, now.advanced(by: pause) < end else {
                throw error(disappointment, target, attempts: attempt)
            }
            context.progress("try \(attempt): \(disappointment.message); again in \(DurationText.human(pause))")
            try await context.time.sleep(for: pause)
            pause = min(pause * 2, HTTPCheck.longestPause)
        }
        throw CancellationError()  // never reached: the loop has no end of its own
    }

    private func error(_ why: Visit.Disappointment, _ target: CheckedURL, attempts: Int) -> ActionError {
        let effort = attempts == 1 ? "" : " (\(attempts) tries within \(DurationText.human(within)))"
        return ActionError(
            "\(target.shown): \(why.message)\(effort)", retry: why.isFinal ? .never : .later(afterMilliseconds: nil),
            hint: why.hint, details: why.details)
    }
}
