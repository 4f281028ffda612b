import Crypto
import Domain

/// A certificate and its key in two files of a host. The key goes first, then the certificate; whoever reads them is told
/// by a command when both are there, also when a crash came between.
struct HostCertificate: CertificateDestination {
    private let target: HostTarget
    private let certificate: String
    private let key: String
    private let mode: String
    private let owner: String?
    private let reload: [String]

    init(_ input: inout InputReader, _ hosts: any HostAccess) {
        target = HostTarget(&input, hosts)
        certificate = input.text(
            "certificate", "Where the chain goes: absolute, in a folder that is there", pattern: HostPath.file)
        key = input.text("key", "Where the key goes: absolute, in a folder that is there", pattern: HostPath.file)
        let mode = input.text("mode", "Permissions of both, such as 0640", pattern: HostPath.mode, default: "0600")
        self.mode = mode.count == 3 ? "0" + mode : mode
        owner = input.optionalText(
            "owner", "User of both, or user:group; who connects unless said", pattern: HostPath.owner)
        reload = input.texts(
            "reload", "Program and arguments that let their reader take new ones: [systemctl, reload, nginx]")
        if !certificate.isEmpty, certificate == key {
            input.report("certificate and key are the same file", field: "key", fix: "give each a file of its own")
        }
    }

    var title: String { "\(certificate) on host \(target.host)" }

    func present(of name: String, _ context: ActionContext) async throws(ActionError) -> String? {
        try await ActionError.telling("\(title) cannot be read") {
            try await target.attempt {
                try await target.hosts.contents(
                    of: certificate, atMost: CertificateBundle.largestChain, on: target.host, within: .seconds(60),
                    for: context.jobID)
            }
        }
    }

    func install(_ bundle: CertificateBundle, _ context: ActionContext) async throws(ActionError) {
        try await ActionError.telling("the certificate cannot be put on host \(target.host)") {
            let files = [(key, bundle.key.reveal()), (certificate, bundle.chain)].map { path, text in
                HostFile(path: path, contents: Array(text.utf8), mode: mode, owner: owner)
            }
            var missing: [HostFile] = []
            for file in files where try await !isThere(file, context) { missing.append(file) }
            if !reload.isEmpty, missing.isEmpty, try await context.kept.value(mark)?.value == nil { return }
            if !reload.isEmpty { try await context.kept.set(mark, ["serial_number": .string(bundle.serialNumber)]) }
            for file in missing {
                try await target.attempt(changes: true) {
                    try await target.hosts.upload(
                        file, to: target.host, within: HostTarget.limit(context), for: context.jobID)
                }
            }
            guard !reload.isEmpty else { return }
            try await target.change(reload, context)
            try await context.kept.remove(mark)
        }
    }

    private func isThere(_ file: HostFile, _ context: ActionContext) async throws -> Bool {
        try await target.attempt {
            try await target.hosts.state(
                of: file.path, on: target.host, within: .seconds(60), for: context.jobID)?.fits(file) == true
        }
    }

    /// Where it is kept, from before the first file is written until the reader was told, that it has to be told. A path
    /// may hold signs that a key may not.
    private var mark: String {
        let path = Hex.encode(SHA256.hash(data: Array(certificate.utf8))).prefix(32)
        return "certificate-reload/\(target.host)/\(path)"
    }
}
