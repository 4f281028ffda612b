import Domain
import Foundation

/// A certificate and its key in two files of the bot's own machine, for itself or for another program there. The key goes
/// first: who reads them when the certificate has come finds both.
struct FileCertificate: CertificateDestination {
    private let certificate: String
    private let key: String

    init(_ input: inout InputReader, base: String) {
        func path(_ text: String) -> String {
            URL(filePath: text, relativeTo: URL(filePath: base, directoryHint: .isDirectory)).standardizedFileURL.path
        }
        let certificate = input.text(
            "certificate", "Where the chain goes, from the folder of defimon.yaml on", pattern: FileCertificate.pattern)
        let key = input.text(
            "key", "Where the key goes, from the folder of defimon.yaml on", pattern: FileCertificate.pattern)
        self.certificate = path(certificate)
        self.key = path(key)
        if !certificate.isEmpty, self.certificate == self.key {
            input.report("certificate and key are the same file", field: "key", fix: "give each a file of its own")
        }
    }

    // The text is constant and compiles, which a test shows; without a pattern the system refuses a wrong path.
    /// Without control characters, and not ending with a slash.
    static let pattern = try? Pattern("[^\\x00-\\x1f\\x7f]*[^/\\x00-\\x1f\\x7f]")

    var title: String { "file \(certificate)" }

    func present(of name: String, _ context: ActionContext) async throws(ActionError) -> String? {
        let bytes = try OwnedFile(path: certificate).contents(atMost: CertificateBundle.largestChain)
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    func install(_ bundle: CertificateBundle, _ context: ActionContext) async throws(ActionError) {
        try OwnedFile(path: key).write(Array(bundle.key.reveal().utf8))
        try OwnedFile(path: certificate).write(Array(bundle.chain.utf8))
    }
}
