import Foundation

/// A self-signed certificate and its key.
package struct OpenSSLCertificate: Sendable {
    package var certificatePath: String
    package var keyPath: String

    /// Made by `openssl req`; `days` may be negative for one that has ended.
    package static func make(in folder: String, names: String, days: Int) async throws -> OpenSSLCertificate {
        let made = OpenSSLCertificate(certificatePath: folder + "/cert.pem", keyPath: folder + "/key.pem")
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            String(days),
            "-subj", "/O=Defimon tests/CN=test server", "-addext", "subjectAltName=\(names)", "-keyout", made.keyPath,
            "-out", made.certificatePath,
        ]
        guard try await RunningProgram.run("/usr/bin/openssl", arguments).code == 0 else {
            throw CocoaError(.executableLoad)
        }
        return made
    }

    /// The certificate in PEM.
    package var pem: [UInt8] { get throws { Array(try Data(contentsOf: URL(filePath: certificatePath))) } }
}
