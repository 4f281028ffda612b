import Domain
import Foundation

/// The reading half of the distribution API, version 2.
struct RegistryAPI: Sendable {
    let images: RegistryImages
    let tokens: RegistryTokens

    func answer(_ request: SandboxRequest) -> SandboxAnswer {
        if request.path == "/token" { return tokens.answer(request) }
        do {
            var answer = try read(request)
            answer.headers.append(("Docker-Distribution-Api-Version", "registry/2.0"))
            return RegistryAPI.bodyless(answer, request)
        } catch let error as RegistryError {
            return RegistryAPI.bodyless(error.answer, request)
        } catch {
            return RegistryError(500, "UNKNOWN", "\(error)").answer
        }
    }

    /// HEAD has the headers of GET, the length among them, and no body.
    private static func bodyless(_ answer: SandboxAnswer, _ request: SandboxRequest) -> SandboxAnswer {
        guard request.method == "HEAD" else { return answer }
        var answer = answer
        answer.headers.append(("Content-Length", String(answer.body.count)))
        answer.body = []
        return answer
    }

    private func read(_ request: SandboxRequest) throws -> SandboxAnswer {
        guard request.method == "GET" || request.method == "HEAD" else {
            throw RegistryError(405, "UNSUPPORTED", "The operation is unsupported.")
        }
        if request.path == "/v2/" || request.path == "/v2" {
            try tokens.check(request, scope: nil)
            return .json(200, [:])
        }
        let parts = request.path.split(separator: "/").map(String.init)
        guard parts.count >= 4, parts[0] == "v2" else { throw RegistryError(404, "NAME_UNKNOWN", "not found") }
        let (name, kind, last) = (
            parts[1..<parts.count - 2].joined(separator: "/"), parts[parts.count - 2], parts[parts.count - 1]
        )
        guard RegistryAPI.isName(name) else {
            throw RegistryError(400, "NAME_INVALID", "invalid repository name", detail: .string(name))
        }
        try tokens.check(request, scope: "repository:\(name):pull")
        switch (kind, last) {
        case ("manifests", _): return try manifest(name, last, request)
        case ("tags", "list"): return try tags(name, request)
        default: throw RegistryError(404, "NAME_UNKNOWN", "not found")
        }
    }

    private func manifest(_ name: String, _ reference: String, _ request: SandboxRequest) throws -> SandboxAnswer {
        guard let manifest = images.manifest(name, reference) else {
            throw RegistryError(
                404, "MANIFEST_UNKNOWN", "manifest unknown",
                detail: reference.hasPrefix("sha256:")
                    ? ["Name": .string(name), "Revision": .string(reference)]
                    : ["Name": .string(name), "Tag": .string(reference)])
        }
        let accepted = (request.header("accept") ?? "").split(separator: ",").map { type in
            type.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces)
        }
        // As distribution's registry does it: a wildcard does not name the newer kinds.
        guard accepted.contains(manifest.kind.rawValue) || manifest.kind == .dockerManifest else {
            throw RegistryError(404, "MANIFEST_UNKNOWN", manifest.kind.refusal)
        }
        return SandboxAnswer(
            200,
            headers: [
                ("Content-Type", manifest.kind.rawValue), ("Docker-Content-Digest", manifest.digest),
                ("ETag", "\"\(manifest.digest)\""),
            ], body: manifest.bytes)
    }

    /// By pages: `n` at a time, those after `last`.
    private func tags(_ name: String, _ request: SandboxRequest) throws -> SandboxAnswer {
        guard var tags = images.tags(name) else {
            throw RegistryError(
                404, "NAME_UNKNOWN", "repository name not known to registry", detail: ["name": .string(name)])
        }
        if let last = request.query("last") { tags.removeAll { $0 <= last } }
        let size = min(1000, max(1, request.query("n").flatMap { Int($0) } ?? 100))
        let page = Array(tags.prefix(size))
        var headers: [(String, String)] = []
        if tags.count > size, let last = page.last {
            headers = [("Link", "</v2/\(name)/tags/list?last=\(last)&n=\(size)>; rel=\"next\"")]
        }
        return .json(
            200, ["name": .string(name), "tags": .array(page.map(JSONValue.string))], headers: headers)
    }

    /// `<name>` of the distribution specification: parts of lower-case letters and digits, with separators between.
    private static func isName(_ name: String) -> Bool {
        let kept = Set("abcdefghijklmnopqrstuvwxyz0123456789._-")
        return name.count <= 255
            && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                guard let first = part.first, let last = part.last else { return false }
                return part.allSatisfy { kept.contains($0) } && (first.isLetter || first.isNumber)
                    && (last.isLetter || last.isNumber)
            }
    }
}
