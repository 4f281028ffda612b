import Foundation
import TestSupport

/// A certificate authority and a server's certificate, made by openssl.
struct Certificates: Sendable {
    let folder: TemporaryFolder
    var authority: String { folder.path("ca.pem") }
    var certificate: String { folder.path("server.pem") }
    var key: String { folder.path("server.key") }

    /// `names` as in a certificate: `DNS:localhost,IP:127.0.0.1`.
    static func make(names: String = "DNS:localhost,IP:127.0.0.1") async throws -> Certificates {
        let made = Certificates(folder: try TemporaryFolder())
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        try await made.openssl(
            ["req", "-x509", "-subj", "/CN=Test authority", "-addext", "keyUsage=critical,keyCertSign"] + key
                + ["-keyout", made.folder.path("ca.key"), "-out", made.authority])
        try await made.openssl(
            ["req", "-x509", "-CA", made.authority, "-CAkey", made.folder.path("ca.key"), "-subj", "/CN=Test server"]
                + ["-addext", "subjectAltName=\(names)", "-addext", "basicConstraints=critical,CA:FALSE"] + key
                + ["-keyout", made.key, "-out", made.certificate])
        return made
    }

    func authorityBytes() throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: authority))) }

    private func openssl(_ arguments: [String]) async throws {
        let program = try await RunningProgram("/usr/bin/openssl", arguments, in: folder)
        guard await program.ended() == 0 else { throw Failure(words: program.text) }
    }

    struct Failure: Error { var words: String }
}
