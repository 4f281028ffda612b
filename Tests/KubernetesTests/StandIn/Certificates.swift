import Foundation
import NIOSSL
import TestSupport

/// Certificates and keys of a test, made by openssl in a folder of their own.
struct Certificates {
    let folder: TemporaryFolder

    /// A CA, a server's certificate for 127.0.0.1 and `kubernetes.test`, and another CA that nobody trusts.
    init() async throws {
        folder = try TemporaryFolder()
        for name in ["ca", "other"] {
            try await run(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=\(name)", "-keyout", path("\(name).key"), "-out", path("\(name).pem"))
        }
        try await sign("server", key: path("server.key"), names: "IP:127.0.0.1,DNS:kubernetes.test") {
            try await run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path("server.key"))
        }
        // Reachable by its name alone, so that tls-server-name decides.
        try await sign("named", key: path("named.key"), names: "DNS:kubernetes.test") {
            try await run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path("named.key"))
        }
    }

    func path(_ name: String) -> String { folder.path(name) }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path(name)))) }

    func base64(_ name: String) throws -> String { Data(try bytes(name)).base64EncodedString() }

    /// A client's certificate with its key in the given form: `rsa` or `ec`; `pkcs1`, `sec1`, `pkcs8`. Gives their names.
    func client(_ algorithm: String, _ form: String) async throws -> (certificate: String, key: String) {
        let name = "\(algorithm)-\(form)"
        let raw = path("\(name).raw")
        try await sign(name, key: raw, names: "DNS:client") {
            if algorithm == "rsa" {
                try await run("genrsa", "-traditional", "-out", raw, "2048")
            } else {
                try await run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", raw)
            }
        }
        if form == "pkcs8" {
            try await run("pkcs8", "-topk8", "-nocrypt", "-in", raw, "-out", path("\(name).key"))
        } else {
            try FileManager.default.copyItem(atPath: raw, toPath: path("\(name).key"))
        }
        return ("\(name).pem", "\(name).key")
    }

    private func sign(_ name: String, key: String, names: String, makeKey: () async throws -> Void) async throws {
        try await makeKey()
        try folder.write("subjectAltName=\(names)\n", to: "\(name).ext")
        try await run("req", "-new", "-key", key, "-subj", "/CN=\(name)", "-out", path("\(name).csr"))
        try await run(
            "x509", "-req", "-in", path("\(name).csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
            "-CAcreateserial", "-days", "2", "-extfile", path("\(name).ext"), "-out", path("\(name).pem"))
    }

    private func run(_ arguments: String...) async throws {
        guard try await RunningProgram.run("/usr/bin/openssl", arguments).code == 0 else {
            throw CocoaError(.executableLoad)
        }
    }

    /// A server's settings; with `asksClient` it wants a certificate of the CA.
    func server(_ name: String = "server", asksClient: Bool = false) throws -> TLSConfiguration {
        var settings = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(path("\(name).pem")).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: path("\(name).key"), format: .pem)))
        if asksClient {
            settings.certificateVerification = .noHostnameVerification
            settings.trustRoots = .file(path("ca.pem"))
        }
        return settings
    }
}
