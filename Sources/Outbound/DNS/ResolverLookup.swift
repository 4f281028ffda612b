package import Domain
import NIOPosix

/// Asks name servers by glibc's resolver.
package struct ResolverLookup: DNSLookup {
    /// CNAMEs that are followed.
    static let mostAliases = 8
    /// Name servers of a zone that are asked; a zone seldom has more than 13.
    static let mostServers = 16
    /// Texts of one name; an answer with more is refused.
    static let mostTexts = 64

    /// The resolver blocks, so it has threads of its own: silent servers keep nobody else waiting. They live as long as the
    /// process.
    private static let threads = {
        let threads = NIOThreadPool(numberOfThreads: 4)
        threads.start()
        return threads
    }()

    private let resolver: ListenAddress?
    private let given: [ListenAddress]
    private let port: Int
    private let seconds: Int32

    /// `resolver` is the usual one (nil: the machine's); `servers` are asked instead of those that have the zone.
    package init(resolver: ListenAddress? = nil, servers: [ListenAddress] = []) {
        self.init(resolver: resolver, servers: servers, port: 53)
    }

    /// For tests: where the servers of a zone listen, and how long each try may take.
    init(
        resolver: ListenAddress?, servers: [ListenAddress] = [], port: Int, seconds: Int32 = DNSQuestion.seconds
    ) {
        self.resolver = resolver
        given = Array(servers.prefix(ResolverLookup.mostServers))
        self.port = port
        self.seconds = seconds
    }

    package func canonicalName(of name: String) async throws(ActionError) -> String {
        var present = ResolverLookup.plain(name)
        for _ in 0...ResolverLookup.mostAliases {
            guard let next = try await ask(present, .cname).first.map(ResolverLookup.plain) else { return present }
            present = next
        }
        throw ActionError(
            "\(name) leads over more than \(ResolverLookup.mostAliases) CNAMEs", hint: "let its CNAME name the last one"
        )
    }

    package func servers(of zone: String) async throws(ActionError) -> [ListenAddress] {
        guard given.isEmpty else { return given }
        var found: [ListenAddress] = []
        let names = try await ask(zone, .ns).map(ResolverLookup.plain).sorted()
        for name in names.prefix(ResolverLookup.mostServers) {
            // One address each: they lead to the same server, and not every machine reaches IPv6.
            var address = try await ask(name, .a).min()
            if address == nil { address = try await ask(name, .aaaa).min() }
            guard let address else { continue }
            let server = ListenAddress(host: address, port: port)
            if !found.contains(server) { found.append(server) }
        }
        guard !found.isEmpty else {
            throw ActionError(
                names.isEmpty
                    ? "the zone \(zone) has no name servers (NS records)"
                    : "the name servers of \(zone) have no addresses: \(names.prefix(4).joined(separator: ", "))",
                retry: .later(afterMilliseconds: nil), hint: "is \(zone) registered, and delegated to its provider?")
        }
        return found
    }

    package func texts(of name: String, at server: ListenAddress) async throws(ActionError) -> [String] {
        let texts = try await ask(ResolverLookup.plain(name), .txt, at: server)
        guard texts.count <= ResolverLookup.mostTexts else {
            throw ActionError(
                "\(name) has \(texts.count) TXT records, of which \(ResolverLookup.mostTexts) are looked at",
                hint: "remove those that nobody needs")
        }
        return texts
    }

    /// Asks the usual resolver, or one server of a zone for what it has itself.
    private func ask(_ name: String, _ kind: DNSQuestion.Kind, at server: ListenAddress? = nil)
        async throws(ActionError) -> [String]
    {
        let question = DNSQuestion(
            name: name, kind: kind, server: server ?? resolver, isRecursive: server == nil, seconds: seconds)
        let answer: Result<[String], DNSQuestion.Failure>
        do {
            answer = try await ResolverLookup.threads.runIfActive {
                do throws(DNSQuestion.Failure) { return .success(try question.ask()) } catch { return .failure(error) }
            }
        } catch {
            throw ActionError("the question for \(name) was broken off", retry: .later(afterMilliseconds: nil))
        }
        switch answer {
        case .success(let values): return values
        case .failure(let failure):
            let who =
                server.map { "the name server \($0)" } ?? resolver.map { "the resolver \($0)" }
                ?? "the machine's resolver"
            throw ActionError(
                "\(who) \(failure.words), asked for \(kind) of \(name)", retry: .later(afterMilliseconds: nil))
        }
    }

    /// Without the dot at its end, in lower case.
    private static func plain(_ name: String) -> String {
        (name.hasSuffix(".") ? String(name.dropLast()) : name).lowercased()
    }
}
