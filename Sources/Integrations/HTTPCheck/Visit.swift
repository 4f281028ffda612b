import Domain
import Foundation
import Outbound

/// One try of a check.
struct Visit: Sendable {
    /// Why a try did not pass.
    struct Disappointment: Error, Sendable {
        var message: String
        var hint: String?
        var details: String?
        /// Another try gives the same.
        var isFinal = false
    }

    enum Verdict: Sendable {
        case passed(JSONValue)
        case failed(Disappointment)
    }

    /// Of the body, in bytes.
    static let maxBody = 64 * 1024
    /// How long one try may take.
    private static let patience = Duration.seconds(10)

    var target: CheckedURL
    var status: Int
    var bodyPattern: Pattern?
    var daysLeft: Int?
    var trustedCertificates: [UInt8]?
    var time: any TimeSource

    func run(attempt: Int) async throws -> Verdict {
        do {
            let addresses = try await resolve()
            // One address a try: the one that was looked at is the one that is asked, whatever the name says next.
            let address = addresses[(attempt - 1) % addresses.count]
            let started = time.now
            let answer = try await ask(address)
            let milliseconds = time.now.since(started).milliseconds
            try judge(answer)
            let days = try await certificateDays(address)
            return .passed(outputs(milliseconds: milliseconds, days: days))
        } catch let disappointment as Disappointment {
            return .failed(disappointment)
        }
    }

    private func outputs(milliseconds: Int64, days: Int?) -> JSONValue {
        let certificate = days.map { ", certificate good for \($0) days" } ?? ""
        return [
            "status": .int(Int64(status)), "milliseconds": .int(milliseconds),
            "certificate_days": days.map { .int(Int64($0)) } ?? .null,
            "summary": .string("\(target.shown) answers \(status) in \(milliseconds) ms\(certificate)"),
        ]
    }

    private func resolve() async throws -> [HostAddress] {
        do {
            return try await HostAddress.resolve(target.host)
        } catch let failure as HostAddress.Failure {
            var disappointment = Disappointment(message: failure.words(target.host))
            if case .refused = failure { disappointment.isFinal = true }
            throw disappointment
        }
    }

    // MARK: HTTP

    private struct Answer: Sendable {
        var status: Int
        var location: String?
        var body: [UInt8]
    }

    private func ask(_ address: HostAddress) async throws -> Answer {
        var configuration = HTTPSession.Configuration()
        configuration.trustedCertificates = trustedCertificates
        configuration.connectTimeout = Visit.patience
        configuration.readTimeout = Visit.patience
        configuration.connections = 1
        // The name as it stands in the URL, whose case is kept there.
        if target.host != address.text { configuration.connectTo = [target.host: address.text] }
        let session: HTTPSession
        do { session = try HTTPSession(configuration) } catch {
            throw Disappointment(message: error.message, hint: "look at http_check.ca in the settings", isFinal: true)
        }
        let result: Result<Answer, any Error>
        do { result = .success(try await exchange(session)) } catch { result = .failure(error) }
        await session.shutdown()
        do { return try result.get() } catch let error as HTTPError {
            throw try await explained(error, address)
        }
    }

    private func exchange(_ session: HTTPSession) async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            group.addTask {
                let request = HTTPRequest(
                    url: target.text, headers: [("User-Agent", "defimon"), ("Accept", "*/*")])
                let stream = try await session.stream(request, timeout: Visit.patience)
                var answer = Answer(status: stream.status, location: stream.headers["location"], body: [])
                guard bodyPattern != nil, stream.status == status else { return answer }
                for try await part in stream.body {
                    answer.body += part.prefix(Visit.maxBody - answer.body.count)
                    if answer.body.count >= Visit.maxBody { break }
                }
                return answer
            }
            group.addTask {
                // As the session's own time-outs, by the machine's clock: it guards against a server, not a decision.
                try await Task.sleep(for: Visit.patience)
                throw HTTPError(.maybeSent, "no complete answer within \(DurationText.human(Visit.patience))")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private func judge(_ answer: Answer) throws(Disappointment) {
        guard answer.status == status else {
            let wanted = "answers \(answer.status), not \(status)"
            guard (300...399).contains(answer.status) else { throw Disappointment(message: wanted) }
            let place = answer.location.map { ": it redirects to \(Visit.line($0))" } ?? ""
            throw Disappointment(
                message: wanted + place + ", and redirects are not followed", hint: "check the other URL itself")
        }
        guard let bodyPattern else { return }
        let body = String(decoding: answer.body, as: UTF8.self)
        guard bodyPattern.matches(body) else {
            throw Disappointment(
                message: "answers \(status), but its body does not match \(bodyPattern.text)",
                hint: "the pattern must match the whole body; (?s).*text.* finds a text in it",
                details: String(body.prefix(500)))
        }
    }

    private static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value > 0x20 && $0.value != 0x7f }).prefix(200))
    }

    // MARK: Certificate

    private func certificateDays(_ address: HostAddress) async throws -> Int? {
        guard target.isTLS else { return nil }
        let certificate: PeerCertificate
        do {
            certificate = try await TLSProbe.certificate(address: address, port: target.port, serverName: target.host)
        } catch let failure as TLSProbe.Failure {
            guard daysLeft != nil else { return nil }
            throw Disappointment(message: "its certificate cannot be seen: \(failure.message)")
        }
        let days = certificate.daysLeft(at: time.now)
        if let daysLeft, days < daysLeft {
            throw Disappointment(
                message: "its certificate is good for \(days) more days, fewer than \(daysLeft)",
                hint: "renew it; its issuer is \(certificate.issuer)")
        }
        return days
    }

    /// A failed handshake is told by what is wrong with the certificate, where that is it. The session's error does not
    /// tell handshakes from other failures, so the certificate itself is looked at.
    private func explained(_ error: HTTPError, _ address: HostAddress) async throws -> Disappointment {
        let plain = Disappointment(message: error.message)
        guard target.isTLS else { return plain }
        do {
            let certificate = try await TLSProbe.certificate(
                address: address, port: target.port, serverName: target.host)
            // The server shows a certificate without fault, and still nothing was sent: its issuer is not trusted.
            let distrust = error.kind == .notSent ? "its issuer is not one that is trusted here" : nil
            guard let complaint = complaint(certificate) ?? distrust else { return plain }
            return Disappointment(
                message: "its certificate is not accepted: \(complaint)",
                hint: "issuer \(certificate.issuer); a CA of your own is set by http_check.ca", details: error.message)
        } catch is TLSProbe.Failure {
            return plain
        }
    }

    private func complaint(_ certificate: PeerCertificate) -> String? {
        let now = time.now
        if certificate.notAfter < now {
            return "it ended \(DurationText.human(now.since(certificate.notAfter))) ago"
        }
        if certificate.notBefore > now {
            return "it begins in \(DurationText.human(certificate.notBefore.since(now)))"
        }
        guard !certificate.covers(target.host) else { return nil }
        let names = certificate.names.prefix(5).joined(separator: ", ")
        return "it is for \(names.isEmpty ? certificate.subject : names), not for \(target.host)"
    }
}
