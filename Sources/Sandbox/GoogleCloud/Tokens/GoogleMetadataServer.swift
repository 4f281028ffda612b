import Domain
import Foundation

/// The metadata server, as a machine at Google finds it (cloud.google.com/compute/docs/metadata/querying-metadata).
struct GoogleMetadataServer: Sendable {
    let tokens: GoogleTokens
    let configuration: GoogleCloudStandIn.Configuration

    /// Answers what asks for metadata; nil for anything else.
    func answer(_ request: SandboxRequest) -> SandboxAnswer? {
        let root = "/computeMetadata/v1/"
        // Libraries look there whether there is one.
        if request.method == "GET", request.path == "/" || request.path == "/computeMetadata/" {
            return text(200, request.path == "/" ? "computeMetadata/\n" : "v1/\n")
        }
        guard request.method == "GET", request.path.hasPrefix(root) else { return nil }
        guard request.header("metadata-flavor") == "Google" else {
            return text(403, "Missing Metadata-Flavor:Google header.\n")
        }
        guard request.header("x-forwarded-for") == nil else {
            return text(403, "Request contains X-Forwarded-For header.\n")
        }
        return value(String(request.path.dropFirst(root.count)), isRecursive: request.query("recursive") == "true")
    }

    private func text(_ status: Int, _ text: String, type: String = "application/text") -> SandboxAnswer {
        SandboxAnswer(
            status,
            headers: [
                ("Content-Type", type), ("Metadata-Flavor", "Google"), ("Server", "Metadata Server for VM"),
            ], body: Array(text.utf8))
    }

    private func value(_ path: String, isRecursive: Bool) -> SandboxAnswer {
        let zone = configuration.regions.values.flatMap { $0 }.min() ?? ""
        switch path {
        case "project/project-id": return text(200, configuration.project)
        case "project/numeric-project-id": return text(200, String(configuration.projectNumber))
        case "instance/zone": return text(200, "projects/\(configuration.projectNumber)/zones/\(zone)")
        case "instance/id": return text(200, "4520031799277581759")
        case "instance/name": return text(200, "defimon")
        default: return account(path, isRecursive)
        }
    }

    private func account(_ path: String, _ isRecursive: Bool) -> SandboxAnswer {
        let start = "instance/service-accounts/"
        let email = configuration.metadataAccount
        guard path.hasPrefix(start), !email.isEmpty else { return text(404, "404 page not found\n") }
        let rest = path.dropFirst(start.count).split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        if rest.isEmpty { return text(200, "default/\n\(email)/\n") }
        guard rest[0] == "default" || rest[0] == email else { return text(404, "404 page not found\n") }
        switch rest.dropFirst().first {
        case nil where isRecursive:
            let all: JSONValue = [
                "aliases": ["default"], "email": .string(email),
                "scopes": ["https://www.googleapis.com/auth/cloud-platform"],
            ]
            return text(200, all.canonicalText, type: "application/json")
        case nil: return text(200, "aliases\nemail\nidentity\nscopes\ntoken\n")
        case "email": return text(200, email)
        case "scopes": return text(200, "https://www.googleapis.com/auth/cloud-platform\n")
        case "aliases": return text(200, "default\n")
        case "token":
            let permissions = configuration.accounts.first { $0.email == email }?.permissions
            let issued = tokens.issue(email, permissions)
            let answer: JSONValue = [
                "access_token": .string(issued.token), "expires_in": .int(Int64(issued.seconds)),
                "token_type": "Bearer",
            ]
            return text(200, answer.canonicalText, type: "application/json")
        default: return text(404, "404 page not found\n")
        }
    }
}
