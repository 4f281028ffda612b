import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@Suite struct RegistryStandInTests {
    private let time = VirtualTime()
    private let all = RegistryMediaType.allCases.map(\.rawValue).joined(separator: ", ")

    private func registry(_ change: (inout RegistryStandIn.Configuration) -> Void = { _ in }) -> RegistryStandIn {
        var configuration = RegistryStandIn.Configuration(username: "bot", password: Secret("pull-secret"))
        change(&configuration)
        return RegistryStandIn(configuration, time: time)
    }

    /// A token for one image, by the challenge that the registry gives.
    private func token(
        _ registry: RegistryStandIn, _ path: String, secret: String? = "bot:pull-secret"
    ) async throws -> (status: Int, token: String) {
        let challenge = try await ask("GET", try await registry.url() + path).headers["www-authenticate"] ?? ""
        func part(_ name: String) -> String {
            challenge.components(separatedBy: "\(name)=\"").dropFirst().first?.prefix { $0 != "\"" }.description ?? ""
        }
        let url = "\(part("realm"))?service=\(part("service"))&scope=\(part("scope"))"
        let headers = secret.map { [("Authorization", "Basic \(Data($0.utf8).base64EncodedString())")] } ?? []
        let answer = try await ask("GET", url, headers)
        return (answer.status, try answer.json["token"]?.stringValue ?? "")
    }

    private func manifest(
        _ registry: RegistryStandIn, _ method: String, _ path: String, accept: String? = nil
    ) async throws -> HTTPResponse {
        let token = try await token(registry, path).token
        return try await ask(
            method, try await registry.url() + path,
            [("Authorization", "Bearer \(token)"), ("Accept", accept ?? all)].filter { !$0.1.isEmpty })
    }

    @Test func theBaseSaysWhereTokensAre() async throws {
        let registry = registry()
        try await running([{ try await registry.run() }]) {
            let answer = try await ask("GET", "\(try await registry.url())/v2/")
            #expect(answer.status == 401)
            #expect(try answer.json.at(path: "errors.0.code") == "UNAUTHORIZED")
            let wanted = "Bearer realm=\"\(try await registry.url())/token\",service=\"registry.sandbox\""
            #expect(answer.headers["www-authenticate"] == wanted)
            #expect(answer.headers["docker-distribution-api-version"] == "registry/2.0")
        }
    }

    @Test(arguments: RegistryMediaType.allCases)
    func aTagIsFoundWithItsDigest(kind: RegistryMediaType) async throws {
        let registry = registry()
        try await running([{ try await registry.run() }]) {
            let digest = registry.publish(image: "acme/api", tag: "abc", kind: kind)
            let path = "/v2/acme/api/manifests/abc"
            let head = try await manifest(registry, "HEAD", path)
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head.headers["docker-content-digest"] == digest)
            #expect(head.headers["content-type"] == kind.rawValue)
            let get = try await manifest(registry, "GET", path)
            #expect("sha256:" + Hex.encode(SHA256Digest.of(get.body)) == digest)
            #expect(head.headers["content-length"] == String(get.body.count))
            #expect(try get.json["mediaType"] == .string(kind.rawValue))
            let byDigest = try await manifest(registry, "GET", "/v2/acme/api/manifests/\(digest)")
            #expect(byDigest.body == get.body)
            if let child = try get.json.at(path: "manifests.0.digest")?.stringValue {
                #expect(try await manifest(registry, "GET", "/v2/acme/api/manifests/\(child)").status == 200)
            }
        }
    }

    @Test func whatIsNotThereIsUnknown() async throws {
        let registry = registry()
        try await running([{ try await registry.run() }]) {
            registry.publish(image: "acme/api", tag: "abc")
            let answer = try await manifest(registry, "GET", "/v2/acme/api/manifests/none")
            #expect(answer.status == 404)
            #expect(try answer.json.at(path: "errors.0.code") == "MANIFEST_UNKNOWN")
            #expect(try answer.json.at(path: "errors.0.detail.Tag") == "none")
            #expect(try await manifest(registry, "HEAD", "/v2/acme/api/manifests/none").status == 404)
            let tags = try await manifest(registry, "GET", "/v2/acme/none/tags/list")
            #expect(tags.status == 404)
            #expect(try tags.json.at(path: "errors.0.code") == "NAME_UNKNOWN")
            let name = try await ask("GET", "\(try await registry.url())/v2/Acme/api/manifests/abc")
            #expect(name.status == 400)
            #expect(try name.json.at(path: "errors.0.code") == "NAME_INVALID")
            registry.remove(image: "acme/api", tag: "abc")
            #expect(try await manifest(registry, "GET", "/v2/acme/api/manifests/abc").status == 404)
        }
    }

    @Test func whoDoesNotTakeItsKindDoesNotGetAnImage() async throws {
        let registry = registry()
        try await running([{ try await registry.run() }]) {
            registry.publish(image: "acme/api", tag: "abc")
            for accept in ["", "*/*", RegistryMediaType.dockerManifest.rawValue] {
                let answer = try await manifest(registry, "GET", "/v2/acme/api/manifests/abc", accept: accept)
                #expect(answer.status == 404)
                #expect(try answer.json.at(path: "errors.0.message")?.stringValue?.contains("accept header") == true)
            }
        }
    }

    @Test func aTagMovesToAnotherDigest() async throws {
        let registry = registry()
        let first = registry.publish(image: "acme/api", tag: "main", content: "one")
        let second = registry.publish(image: "acme/api", tag: "main", content: "two")
        #expect(first != second && registry.digest(image: "acme/api", tag: "main") == second)
        try await running([{ try await registry.run() }]) {
            let old = try await manifest(registry, "GET", "/v2/acme/api/manifests/\(first)")
            #expect(old.status == 200)
        }
    }

    @Test func tagsComeByPages() async throws {
        let registry = registry()
        for tag in ["a", "b", "c"] { registry.publish(image: "acme/api", tag: tag) }
        try await running([{ try await registry.run() }]) {
            let first = try await manifest(registry, "GET", "/v2/acme/api/tags/list?n=2")
            #expect(try first.json == ["name": "acme/api", "tags": ["a", "b"]])
            #expect(first.headers["link"] == "</v2/acme/api/tags/list?last=b&n=2>; rel=\"next\"")
            let second = try await manifest(registry, "GET", "/v2/acme/api/tags/list?last=b&n=2")
            #expect(try second.json["tags"] == ["c"] && second.headers["link"] == nil)
        }
    }

    @Test func aTokenIsForOneImageAndForATime() async throws {
        let registry = registry()
        registry.publish(image: "acme/api", tag: "abc")
        registry.publish(image: "acme/other", tag: "abc")
        try await running([{ try await registry.run() }]) {
            let url = try await registry.url()
            let path = "/v2/acme/api/manifests/abc"
            let token = try await token(registry, path).token
            let headers = [("Authorization", "Bearer \(token)"), ("Accept", all)]
            #expect(try await ask("HEAD", url + path, headers).status == 200)
            let other = try await ask("HEAD", "\(url)/v2/acme/other/manifests/abc", headers)
            #expect(other.status == 401)
            #expect(other.headers["www-authenticate"]?.contains("error=\"insufficient_scope\"") == true)
            time.advance(by: .seconds(300))
            let late = try await ask("HEAD", url + path, headers)
            #expect(late.status == 401)
            #expect(late.headers["www-authenticate"]?.contains("error=\"invalid_token\"") == true)
        }
    }

    @Test func aWrongSecretGetsNoTokenAndNobodyOneWithoutScope() async throws {
        let registry = registry()
        registry.publish(image: "acme/api", tag: "abc")
        try await running([{ try await registry.run() }]) {
            let path = "/v2/acme/api/manifests/abc"
            #expect(try await token(registry, path, secret: "bot:wrong").status == 401)
            registry.refusesSecrets = true
            #expect(try await token(registry, path).status == 401)
            registry.refusesSecrets = false
            let anonymous = try await token(registry, path, secret: nil)
            #expect(anonymous.status == 200)
            let headers = [("Authorization", "Bearer \(anonymous.token)"), ("Accept", all)]
            #expect(try await ask("HEAD", try await registry.url() + path, headers).status == 401)
        }
    }

    @Test func aPublicImageNeedsNoSecret() async throws {
        let registry = registry { $0.isPublic = true }
        registry.publish(image: "acme/api", tag: "abc")
        try await running([{ try await registry.run() }]) {
            let path = "/v2/acme/api/manifests/abc"
            let token = try await token(registry, path, secret: nil).token
            let headers = [("Authorization", "Bearer \(token)"), ("Accept", all)]
            #expect(try await ask("HEAD", try await registry.url() + path, headers).status == 200)
        }
    }

    @Test func failuresAreTheRegistrys() async throws {
        let registry = registry()
        try await running([{ try await registry.run() }]) {
            let url = "\(try await registry.url())/v2/"
            registry.faults.tooManyRequests(1, retryAfter: 7)
            let limited = try await ask("GET", url)
            #expect(limited.status == 429 && limited.headers["retry-after"] == "7")
            #expect(try limited.json.at(path: "errors.0.code") == "TOOMANYREQUESTS")
            registry.faults.internalErrors(1)
            #expect(try await ask("GET", url).status == 500)
            registry.faults.slow(.seconds(20))
            async let slow = ask("GET", url)
            await time.untilSleeping(1)
            time.advance(by: .seconds(20))
            #expect(try await slow.status == 401)
            #expect(registry.received.last == "GET /v2/")
            for item in registry.failureSwitches {
                await item.set(true)
                #expect(await item.isOn(), "\(item.id)")
                await item.set(false)
                #expect(await !item.isOn(), "\(item.id)")
            }
        }
    }
}
