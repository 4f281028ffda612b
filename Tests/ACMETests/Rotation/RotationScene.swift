import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import ACME

/// A CA, a bot that keeps certificates for two places, and a clock that jumps over every wait. The bot may die.
final class RotationScene: Sendable {
    static let names = ["api.example.com", "www.example.com"]

    /// A sleep moves the time at once, and with it what the CA is doing.
    private struct HastyTime: TimeSource {
        let clock: VirtualTime
        var now: Date { clock.now }

        func sleep(for duration: Duration) async throws {
            try Task.checkCancellation()
            clock.advance(by: duration)
        }
    }

    /// Ends a life after so many exchanges with the CA or changes of the ledger.
    private final class Watch: Sendable {
        private let left = Mutex<(count: Int, die: @Sendable () -> Void)?>(nil)
        let told = Mutex("")

        func begin(_ count: Int, _ die: @escaping @Sendable () -> Void) { left.withLock { $0 = (count, die) } }
        func end() { left.withLock { $0 = nil } }

        func step() {
            let die = left.withLock { left -> (@Sendable () -> Void)? in
                guard let (count, die) = left else { return nil }
                left = count > 1 ? (count - 1, die) : nil
                return count > 1 ? nil : die
            }
            die?()
        }
    }

    /// No DNS: names are proven by HTTP.
    private struct NoLookup: DNSLookup {
        func canonicalName(of name: String) async throws(ActionError) -> String { name }
        func servers(of zone: String) async throws(ActionError) -> [ListenAddress] { [] }
        func texts(of name: String, at server: ListenAddress) async throws(ActionError) -> [String] { [] }
    }

    let authority: ACMEStandIn
    let clock: VirtualTime
    let kept = MemoryKeptValues()
    let secrets = MemorySecretStore()
    let first = MemoryPlace("the first place")
    let second = MemoryPlace("the second place")
    private let keeper: CertificateKeeper
    private let watch: Watch

    private init(
        _ authority: ACMEStandIn, _ clock: VirtualTime, _ watch: Watch, url: String, session: HTTPSession,
        answers: ChallengeAnswers, key: CertificateKey.Kind
    ) {
        (self.authority, self.clock, self.watch) = (authority, clock, watch)
        var reader = InputReader.reading(
            LocatedValue([
                "directory": .string(url), "agree_to_terms": true, "contact": ["admin@example.com"],
            ]))
        let settings = ACMESettings(&reader)
        var certificates = CertificateSettings(
            &reader, CertificateWish.Types(destinations: [], routes: [], zones: []))
        certificates.wishes = [
            CertificateWish(
                name: "api", names: RotationScene.names, key: key, profile: nil, preferredIssuer: nil,
                proof: .http(nil),
                destinations: [
                    CertificateWish.Destination(name: "first", place: first, endpoints: []),
                    CertificateWish.Destination(name: "second", place: second, endpoints: []),
                ])
        ]
        keeper = CertificateKeeper(
            settings, certificates, session: session, external: nil,
            safe: CertificateSafe(secrets) { _ in }, answers: answers, lookup: NoLookup(), zones: [:])
    }

    static func run<Value: Sendable>(
        key: CertificateKey.Kind = .p256, _ body: @escaping @Sendable (RotationScene) async throws -> Value
    ) async throws -> Value {
        let clock = VirtualTime()
        let answers = ChallengeAnswers()
        return try await ScriptedServer.run(answering: { request in
            let token = request.path.split(separator: "/").last.map(String.init) ?? ""
            guard let answer = answers.answer(to: token) else { return ScriptedServer.Answer(status: 404) }
            return ScriptedServer.Answer(headers: ["Content-Type": "application/octet-stream"], body: answer)
        }) { web in
            let port = web.port
            let authority = try ACMEStandIn(
                ACMEStandIn.Configuration(web: { _ in ListenAddress(host: "127.0.0.1", port: port) }), time: clock)
            let watch = Watch()
            authority.onExchange { _ in watch.step() }
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await authority.run() }
                let url = try await authority.url()
                let value = try await withSession { session in
                    try await body(
                        RotationScene(
                            authority, clock, watch, url: url, session: session, answers: answers, key: key))
                }
                group.cancelAll()
                return value
            }
        }
    }

    // MARK: The bot

    private func action(_ name: String, _ inputs: JSONValue) throws -> any Action {
        let type = try #require(ACMEActions.types(keeper).first { $0.name == name })
        var reader = InputReader.reading(LocatedValue(inputs))
        let action = type.make(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return action
    }

    private func context(_ step: Int) -> ActionContext {
        ActionContext(
            jobID: JobID(7), idempotencyKey: "6f1c2d3e-0000-4000-8000-0000000000\(10 + step)", attempt: 1,
            time: HastyTime(clock: clock), timeLimit: .seconds(1200), kept: kept
        ) { [watch] words in watch.told.withLock { $0 += words + "\n" } }
    }

    /// One try of a step.
    @discardableResult func perform(_ name: String = "acme.rotate", _ inputs: JSONValue = [:], step: Int = 1)
        async throws -> JSONValue
    {
        let action = try #require(try action(name, inputs) as? any RepeatableAction)
        return try await action.perform(context(step))
    }

    func plan(_ inputs: JSONValue = [:]) async throws -> ActionPlan {
        let action = try #require(try action("acme.rotate", inputs) as? any Plannable)
        return try await action.plan(context(9))
    }

    /// What a step that fails says.
    func failure(_ inputs: JSONValue = [:], step: Int = 1) async -> ActionError? {
        await #expect(throws: ActionError.self) { try await self.perform("acme.rotate", inputs, step: step) }
    }

    /// One life of the bot, which goes on at the step where it was; true when the step has ended. It dies after so many
    /// exchanges with the CA, whether their last answer has been read or not.
    func live(_ exchanges: Int?, _ inputs: JSONValue, step: Int) async throws -> Bool {
        let life = Task {
            for attempt in 1... {
                do {
                    try await self.perform("acme.rotate", inputs, step: step)
                    return true
                } catch let error as ActionError {
                    guard error.retry != .never, attempt < 20 else { throw error }
                    self.clock.advance(by: .seconds(10))
                }
            }
            return false
        }
        if let exchanges { watch.begin(exchanges) { life.cancel() } }
        defer { watch.end() }
        do { return try await life.value } catch  where life.isCancelled { return false }
    }

    // MARK: What is there

    var told: String { watch.told.withLock { $0 } }

    func record() async throws -> CertificateRecord { try await CertificateRecord.read("api", kept) }

    /// Serial numbers of what the CA has issued, the oldest first.
    var serials: [String] { authority.issued.map(\.serialNumber) }

    /// The serial number of what a place holds.
    static func serial(_ place: MemoryPlace) -> String? {
        place.chain.flatMap { try? IssuedCertificate(chain: $0) }?.serialNumber
    }
}
