import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

/// Values by their kinds: HMAC keys, key pairs for JWTs, certificates.
struct SecretKindTests {
    private static let path = "/api/v1/namespaces/n/secrets/keys"

    private func store() -> ObjectStore {
        let store = ObjectStore()
        store.put(["kind": "Namespace", "metadata": ["name": "n"]], at: "/api/v1/namespaces/n")
        return store
    }

    private func value(_ store: ObjectStore, _ key: String) -> String? {
        SecretValue.decode(store[SecretKindTests.path]?["data"]?[key])?.reveal()
    }

    private func ensure(
        _ store: ObjectStore, _ inputs: [String: JSONValue], told: Recorder<String> = Recorder()
    ) async throws -> JSONValue {
        try await withCluster({ store.answer($0) }) { clusters in
            let all = inputs.merging(["namespace": "n", "name": "keys"]) { $1 }
            let made = try action("kubernetes.secret-ensure", all, clusters: clusters) { told.add($0.reveal()) }
            return try await made.perform(context())
        }
    }

    private func openssl(_ arguments: String...) async throws -> (code: Int32, text: String) {
        try await RunningProgram.run("/usr/bin/openssl", arguments)
    }

    @Test func anHMACKeyHas32BytesInBase64URL() async throws {
        let store = store()
        let told = Recorder<String>()
        _ = try await ensure(store, ["hmac": ["signing"]], told: told)
        let key = try #require(value(store, "signing"))
        let padded = key.replacing("-", with: "+").replacing("_", with: "/") + "="
        #expect(Data(base64Encoded: padded)?.count == 32)
        #expect(told.all == [key])
    }

    @Test func aHexadecimalKeyHas32Bytes() async throws {
        let store = store()
        let told = Recorder<String>()
        _ = try await ensure(store, ["hex": ["jwt.hex"]], told: told)
        let key = try #require(value(store, "jwt.hex"))
        #expect(key.wholeMatch(of: /[0-9a-f]{64}/) != nil)
        #expect(told.all == [key])
    }

    @Test func aKeyPairForJWTsIsOneThatOpenSSLReads() async throws {
        let store = store()
        let told = Recorder<String>()
        let output = try await ensure(store, ["jwt": ["service"]], told: told)
        #expect(output["added"] == ["service.jwks.json", "service.pem"])
        let pem = try #require(value(store, "service.pem"))
        #expect(pem.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        #expect(told.all == [pem])
        let folder = try TemporaryFolder()
        try folder.write(pem, to: "key.pem")
        let text = try await openssl("pkey", "-in", folder.path("key.pem"), "-noout", "-text")
        #expect(text.code == 0)
        #expect(text.text.contains("prime256v1"))
        let set = try JSONValue(parsing: Array(try #require(value(store, "service.jwks.json")).utf8))
        let key = try #require(set["keys"]?.arrayValue?.first)
        #expect(set["keys"]?.arrayValue?.count == 1)
        #expect(key["kty"] == "EC" && key["crv"] == "P-256" && key["alg"] == "ES256" && key["d"] == nil)
        // The public point as openssl prints it: 04, x, y.
        let hex = text.text.filter(\.isHexDigit)
        for part in ["x", "y"] {
            let encoded = try #require(key[part]?.stringValue)
            let bytes = Data(
                base64Encoded: encoded.replacing("-", with: "+").replacing("_", with: "/") + "=")
            #expect(bytes?.count == 32)
            #expect(hex.contains(Hex.encode(bytes ?? Data())))
        }
    }

    @Test func theIdOfAKeyIsItsThumbprint() throws {
        // The P-256 key of RFC 7517 appendix A.2 as PKCS#8; its thumbprint was computed by another program.
        let pem = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg870MB6gfuTJ4HtUn
            UvYMyJpr5eUZNP4Bk43bVdj3eAGhRANCAAQwoEJM0hwpRIOKLXXJKzfnbqINnwCJ
            OjtO7oo8Cq/sPuBLZekkVtmIi1Kzeb371R7oae8fD8ZbZllpW2zOCBcj
            -----END PRIVATE KEY-----
            """
        let set = try JSONValue(parsing: Array(try #require(KeyMaking.publicKeys(of: pem)).utf8))
        let key = try #require(set["keys"]?.arrayValue?.first)
        #expect(key["kid"] == "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s")
        #expect(key["x"] == "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4")
        #expect(key["y"] == "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM")
    }

    @Test func aLostSetOfPublicKeysIsMadeOfThePrivateKeyThatIsThere() async throws {
        let store = store()
        _ = try await ensure(store, ["jwt": ["service"]])
        let pem = value(store, "service.pem")
        let publics = value(store, "service.jwks.json")
        var object = try #require(store[SecretKindTests.path]?.objectValue)
        object["data"] = ["service.pem": object["data"]?["service.pem"] ?? .null]
        store.put(.object(object), at: SecretKindTests.path)
        _ = try await ensure(store, ["jwt": ["service"]])
        #expect(value(store, "service.pem") == pem)
        #expect(value(store, "service.jwks.json") == publics)
    }

    @Test(
        arguments: [
            (["jwt": ["a"]], "a.jwks.json", "'a.pem'"), (["tls_names": ["x.test"]], "tls.crt", "'tls.key'"),
            (["tls_names": ["x.test"]], "tls.key", "'tls.crt'"),
        ] as [([String: JSONValue], String, String)])
    func halfAPairIsNotMadeWholeByAnotherOne(
        _ inputs: [String: JSONValue], _ there: String, _ missing: String
    ) async throws {
        let store = store()
        store.put(
            ["kind": "Secret", "metadata": ["name": "keys"], "data": .object([there: "eA=="])],
            at: SecretKindTests.path)
        let error = await refusal { _ = try await ensure(store, inputs) }
        #expect(error?.message.contains(missing) == true)
        #expect(store.changes.isEmpty)
    }

    @Test func aCertificateSignsItselfForItsNamesAndTime() async throws {
        let store = store()
        let told = Recorder<String>()
        _ = try await ensure(store, ["tls_names": ["api.test", "*.api.test"], "tls_days": 30], told: told)
        #expect(store[SecretKindTests.path]?["type"] == "kubernetes.io/tls")
        #expect(told.all == [try #require(value(store, "tls.key"))])
        let folder = try TemporaryFolder()
        try folder.write(try #require(value(store, "tls.crt")), to: "tls.crt")
        try folder.write(try #require(value(store, "tls.key")), to: "tls.key")
        let path = folder.path("tls.crt")
        #expect(try await openssl("verify", "-CAfile", path, "-verify_hostname", "a.api.test", path).code == 0)
        #expect(try await openssl("x509", "-in", path, "-noout", "-checkend", "\(30 * 86_400 - 600)").code == 0)
        #expect(try await openssl("x509", "-in", path, "-noout", "-checkend", "\(30 * 86_400 + 600)").code == 1)
        let ofCertificate = try await openssl("x509", "-in", path, "-noout", "-pubkey").text
        let ofKey = try await openssl("pkey", "-in", folder.path("tls.key"), "-pubout").text
        #expect(!ofKey.isEmpty && ofCertificate == ofKey)
    }

    @Test(
        arguments: [
            (["hmac": ["a"], "generate": ["a"]], "the key 'a' is named twice"),
            (["jwt": ["a"], "hmac": ["a.pem"]], "the key 'a.pem' is named twice"),
            (["jwt": ["a/b"]], "'a/b.pem' cannot be a key"),
            (["tls_names": ["x"], "tls_days": 826], "input 'tls_days' is '826'"),
            (["tls_names": ["ü.test"]], "'ü.test' is no DNS name"),
        ] as [([String: JSONValue], String)])
    func wrongInputsAreSaid(_ inputs: [String: JSONValue], _ words: String) {
        let all = inputs.merging(["namespace": "n", "name": "keys"]) { $1 }
        let problem = #expect(throws: Problem.self) {
            try action("kubernetes.secret-ensure", all, clusters: ClusterDirectory())
        }
        #expect(problem?.message.contains(words) == true, "\(problem?.message ?? "")")
    }
}
