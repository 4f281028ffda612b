import Domain
import Foundation

/// The host keys that are trusted for one host, as the settings give them: keys alone, or lines of a known_hosts file
/// (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
struct KnownHosts: Sendable, Hashable {
    static let mostLines = 50

    /// Lines as they are written, comments left out.
    let lines: [String]

    /// Throws `KnownHosts.Complaint` when there is no key in it.
    init(_ text: String) throws(Complaint) {
        let lines = text.split(whereSeparator: \.isNewline).map {
            $0.trimmingCharacters(in: .whitespaces)
        }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard !lines.isEmpty else { throw Complaint(description: "it holds no key") }
        guard lines.count <= KnownHosts.mostLines else {
            throw Complaint(description: "it holds \(lines.count) lines, more than \(KnownHosts.mostLines)")
        }
        for (index, line) in lines.enumerated() where KnownHosts.key(in: line) == nil {
            throw Complaint(description: "its line \(index + 1) is no host key")
        }
        self.lines = lines
    }

    struct Complaint: Error, Sendable, Hashable, CustomStringConvertible {
        var description: String
    }

    /// As a file for `ssh`: a line that is a key alone gets the name by which `ssh` looks for it.
    func file(address: String, port: Int) -> String {
        let name = port == 22 ? address : "[\(address)]:\(port)"
        return lines.map { line in
            KnownHosts.isKeyType(String(line.prefix { !$0.isWhitespace })) ? "\(name) \(line)\n" : "\(line)\n"
        }.joined()
    }

    /// The index of the word that is the key's type, when its data stands behind it.
    private static func key(in line: String) -> Int? {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        // `[marker] [hosts] type data`
        return words.indices.prefix(3).first { index in
            isKeyType(words[index]) && index + 1 < words.count
                && (Data(base64Encoded: words[index + 1])?.count ?? 0) >= 32
        }
    }

    private static func isKeyType(_ word: String) -> Bool {
        ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].contains { word.hasPrefix($0) }
    }
}
