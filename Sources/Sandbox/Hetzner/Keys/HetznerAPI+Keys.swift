import Crypto
import Domain
import Foundation

extension HetznerAPI {
    var keyMethods: [HetznerMethod] {
        readsAndUpdate(.sshKeys) + [
            HetznerMethod("create_ssh_key", "POST", "ssh_keys") { call in
                try world.change { state, now in
                    let name = try call.needText("name")
                    try HetznerName.check(name, .sshKeys)
                    try state.checkName(.sshKeys, name)
                    let key = try call.needText("public_key").trimmingCharacters(in: .whitespacesAndNewlines)
                    let fingerprint = try HetznerAPI.fingerprint(key)
                    guard !state.all(.sshKeys).contains(where: { $0.text("fingerprint") == fingerprint }) else {
                        throw HetznerError.notUnique("public_key", "SSH key with the same fingerprint already exists")
                    }
                    let labels = try call.labels() ?? [:]
                    try state.checkLimit(.sshKeys)
                    let made = state.add(
                        .sshKeys,
                        [
                            "name": .string(name), "public_key": .string(key), "fingerprint": .string(fingerprint),
                            "labels": labels,
                        ], now)
                    return HetznerAPI.made(state, made, nil, now)
                }
            },
            deletion(.sshKeys),
        ]
    }

    /// MD5 of the key's bytes, by colons, as OpenSSH showed it once (RFC 4716 §4).
    private static func fingerprint(_ key: String) throws -> String {
        let parts = key.split(separator: " ")
        guard parts.count >= 2, parts[0].wholeMatch(of: /(ssh|ecdsa|sk)-[A-Za-z0-9@.-]+/) != nil,
            let bytes = Data(base64Encoded: String(parts[1])), bytes.dropFirst(4).starts(with: parts[0].utf8)
        else { throw HetznerError.invalid("public_key", "SSH key is invalid") }
        return Insecure.MD5.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
            .joined(separator: ":")
    }
}
