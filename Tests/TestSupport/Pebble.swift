import Foundation
package import Outbound

/// Let's Encrypt's test server, Pebble, on free ports of 127.0.0.1. Its own API is behind TLS with a certificate made
/// for it; each start makes a new CA.
package final class Pebble: Sendable {
    /// Whether it can be started here; in CI it must be.
    package static var isThere: Bool { Project.program("pebble") != nil || Project.isCI }

    /// What went wrong while it was set up.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    /// How it behaves.
    package struct Options: Sendable {
        /// Of 100 good nonces, those that are refused.
        package var refusedNonces = 0
        /// Whether it waits up to a second before it looks at a challenge.
        package var sleeps = false
        /// Of 100 proven names, those that need no new proof.
        package var reusedAuthorizations = 0
        /// Further roots.
        package var alternateRoots = 0
        /// Seconds for which certificates are good; nil: five years.
        package var validity: Int?
        /// Keys of accounts outside of ACME by their ids, base64url; empty: none is needed.
        package var externalKeys: [String: String] = [:]
        /// Names for which it issues nothing.
        package var blocked: [String] = []
        /// The port at which it asks for HTTP-01 answers; nil: that of its own answerer.
        package var httpPort: Int?
        /// Where it looks up names, `127.0.0.1:8053`; nil: at its own answerer, where every name is 127.0.0.1.
        package var resolver: String?

        package init() {}
    }

    package let folder: TemporaryFolder
    /// The URL of the directory.
    package let directory: String
    /// The certificate that is trusted for the directory: a file in PEM.
    package let ca: String
    /// What sets the answers of HTTP-01 and DNS-01; nil where both a port and a resolver are given.
    package let answerer: ChallengeAnswerer?
    private let management: String
    private let program: RunningProgram
    private let own: HTTPSession

    private init(
        folder: TemporaryFolder, ports: (api: Int, management: Int), answerer: ChallengeAnswerer?,
        program: RunningProgram
    ) throws {
        self.folder = folder
        directory = "https://localhost:\(ports.api)/dir"
        management = "https://localhost:\(ports.management)"
        ca = folder.path("ca.pem")
        self.answerer = answerer
        self.program = program
        own = try Pebble.session(trusting: folder.path("ca.pem"))
    }

    /// Runs one for as long as `body` runs.
    package static func run<Value: Sendable>(
        _ options: Options = Options(), _ body: (Pebble) async throws -> Value
    ) async throws -> Value {
        let pebble = try await start(options)
        let result: Result<Value, any Error>
        do { result = .success(try await body(pebble)) } catch { result = .failure(error) }
        await pebble.stop()
        return try result.get()
    }

    /// Starts it, and waits until it answers.
    package static func start(_ options: Options = Options()) async throws -> Pebble {
        let folder = try TemporaryFolder()
        try await makeCertificates(folder)
        let answerer: ChallengeAnswerer? =
            options.httpPort == nil || options.resolver == nil ? try await ChallengeAnswerer.start(in: folder) : nil
        let ports = (api: try FreePort.take(), management: try FreePort.take())
        let settings = try folder.write(
            try settings(options, folder, ports, httpPort: options.httpPort ?? answerer?.httpPort ?? 0),
            to: "pebble.json")
        let program = try await RunningProgram(
            try found("pebble"),
            ["-config", settings, "-strict", "-dnsserver", options.resolver ?? answerer?.resolver ?? ""],
            environment: environment(options), in: folder)
        let pebble = try Pebble(folder: folder, ports: ports, answerer: answerer, program: program)
        let isUp: Bool? = await eventually(within: .seconds(30)) {
            if !program.isRunning { return false }
            return (try? await pebble.get(pebble.directory)) == nil ? nil : true  // not yet
        }
        guard isUp == true else {
            await pebble.stop()
            throw Failure(description: program.text)
        }
        return pebble
    }

    /// Ends it and its answerer.
    package func stop() async {
        await program.end()
        await answerer?.stop()
        await own.shutdown()
    }

    /// What it has written so far.
    package var log: String { program.text }

    /// A session that trusts its API's certificate.
    package func session() throws -> HTTPSession { try Pebble.session(trusting: ca) }

    /// A root of its CA, PEM: 0 is its own, others are the alternate ones.
    package func root(_ index: Int = 0) async throws -> String { try await get("\(management)/roots/\(index)") }

    /// `Valid` or `Revoked`, by a serial number in hexadecimal.
    package func status(_ serialNumber: String) async throws -> String {
        let text = try await get("\(management)/cert-status-by-serial/\(serialNumber)")
        let status = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return status?["Status"] as? String ?? text
    }

    private func get(_ url: String) async throws -> String {
        let answer = try await own.send(HTTPRequest(url: url))
        guard answer.status == 200 else { throw Failure(description: "\(url): \(answer.status) \(answer.text)") }
        return answer.text
    }

    private static func session(trusting file: String) throws -> HTTPSession {
        var configuration = HTTPSession.Configuration()
        configuration.trustedCertificates = Array(try Data(contentsOf: URL(filePath: file)))
        return try HTTPSession(configuration)
    }

    private static func settings(
        _ options: Options, _ folder: TemporaryFolder, _ ports: (api: Int, management: Int), httpPort: Int
    ) throws -> String {
        var values: [String: Any] = [
            "listenAddress": "127.0.0.1:\(ports.api)", "managementListenAddress": "127.0.0.1:\(ports.management)",
            "certificate": folder.path("api.pem"), "privateKey": folder.path("api.key"), "httpPort": httpPort,
            "tlsPort": httpPort, "ocspResponderURL": "", "domainBlocklist": options.blocked,
            "externalAccountBindingRequired": !options.externalKeys.isEmpty,
            "externalAccountMACKeys": options.externalKeys,
        ]
        if let validity = options.validity { values["certificateValidityPeriod"] = validity }
        return String(decoding: try JSONSerialization.data(withJSONObject: ["pebble": values]), as: UTF8.self)
    }

    private static func environment(_ options: Options) -> [String: String] {
        var values = [
            "PEBBLE_WFE_NONCEREJECT": "\(options.refusedNonces)",
            "PEBBLE_AUTHZREUSE": "\(options.reusedAuthorizations)",
            "PEBBLE_ALTERNATE_ROOTS": "\(options.alternateRoots)", "PEBBLE_WFE_ORDERS_PER_PAGE": "3",
        ]
        values[options.sleeps ? "PEBBLE_VA_SLEEPTIME" : "PEBBLE_VA_NOSLEEP"] = "1"
        return values
    }

    /// A CA and a certificate for `localhost`, of which Debian's package has none.
    private static func makeCertificates(_ folder: TemporaryFolder) async throws {
        let extensions = try folder.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n", to: "api.ext")
        let path = folder.path
        let elliptic = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        for arguments in [
            ["req", "-x509"] + elliptic + [
                "-keyout", path("ca.key"), "-out", path("ca.pem"), "-subj", "/CN=API", "-days", "30",
            ],
            ["req"] + elliptic + ["-keyout", path("api.key"), "-out", path("api.csr"), "-subj", "/CN=localhost"],
            [
                "x509", "-req", "-in", path("api.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
                "-CAcreateserial", "-out", path("api.pem"), "-days", "30", "-extfile", extensions,
            ],
        ] {
            let made = try await RunningProgram.run(try found("openssl"), arguments)
            guard made.code == 0 else { throw Failure(description: made.text) }
        }
    }

    static func found(_ name: String) throws -> String {
        guard let path = Project.program(name) else { throw Failure(description: "there is no \(name)") }
        return path
    }
}
