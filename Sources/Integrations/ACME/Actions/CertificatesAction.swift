import Domain
import Foundation

/// `acme.certificates`: lists the certificates of the settings. Reads what is kept, and asks nobody.
struct CertificatesAction: RepeatableAction {
    private let keeper: CertificateKeeper?

    static func type(_ keeper: CertificateKeeper?) -> ActionType {
        ActionType(
            "acme.certificates", "Lists certificates with their issuers, their days left, and where they are installed",
            effect: .reads,
            outputs: [
                .init("count", .integer(nil), "How many they are"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { CertificatesAction(&$0, keeper) }
    }

    init(_ input: inout InputReader, _ keeper: CertificateKeeper?) { self.keeper = keeper }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let keeper = try keeper.get()
        var table = TextTable(["NAME", "HOSTS", "ISSUER", "DAYS LEFT", "RENEWED ON", "WHERE"])
        var notes: [String] = []
        for wish in try keeper.wishes("") {
            let record = try await CertificateRecord.read(wish.name, context.kept)
            table.add(row(wish, record, context.time.now))
            notes += CertificatesAction.notes(wish.name, record, context.time.now)
        }
        let count = keeper.wishes.count
        return [
            "count": .int(Int64(count)),
            "summary": .string(count == 1 ? "1 certificate" : "\(count) certificates"),
            "table": .string(([table.text] + notes).joined(separator: "\n")),
        ]
    }

    private func row(_ wish: CertificateWish, _ record: CertificateRecord, _ now: Date) -> [String] {
        let hosts =
            wish.names.count > 2
            ? "\(wish.names[0]) and \(wish.names.count - 1) more" : wish.names.joined(separator: ", ")
        guard let current = record.current ?? record.next else {
            return [wish.name, hosts, "none yet", "-", "-", "nowhere"]
        }
        let days = Int((current.notAfter.timeIntervalSince(now) / 86_400).rounded(.down))
        let places = wish.destinations.map { destination in
            record.places[destination.name]?.serialNumber == current.serialNumber
                ? destination.name : "\(destination.name) (not yet)"
        }
        return [
            wish.name, hosts, current.issuer, current.notAfter <= now ? "ended" : "\(days)",
            String(RenewalWindow.renewal(of: current, record.window).rfc3339.prefix(10)),
            places.isEmpty ? "nowhere" : places.joined(separator: ", "),
        ]
    }

    private static func notes(_ name: String, _ record: CertificateRecord, _ now: Date) -> [String] {
        var notes: [String] = []
        if record.current != nil, record.next != nil { notes.append("\(name): a new one is on its way to its places") }
        if let wait = record.wait, wait.until > now { notes.append("\(name): \(CertificateKeeper.words(wait))") }
        if let failure = record.failure {
            let since = failure.since == failure.at ? "" : ", the first time \(failure.since.rfc3339.prefix(10))"
            notes.append("\(name): failed on \(failure.at.rfc3339.prefix(10))\(since): \(failure.why)")
        }
        if let explanation = record.window?.explanation {
            notes.append("\(name): the CA says why it is renewed early: \(OneLine.of(explanation, atMost: 200))")
        }
        return notes
    }
}
