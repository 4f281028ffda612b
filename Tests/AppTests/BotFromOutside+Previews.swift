import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport

@testable import App

/// What authors, CI and maintainers do on GitHub, and what is to be seen there and in the cluster.
extension BotFromOutside {
    var github: GitHubStandIn { standIns.pullRequests.github }
    var repository: String { SandboxPullRequests.repository }

    func open(_ branch: String, fromFork: Bool = false, author: String = "olivia") async throws -> Int {
        try await github.openPullRequest(repository: repository, branch: branch, fromFork: fromFork, author: author)
    }

    /// The head commit of a pull request.
    func head(_ number: Int) throws -> String {
        guard let pull = github.pullRequest(number, repository: repository) else {
            throw SandboxMissing("there is no pull request \(number)")
        }
        return pull.headSHA
    }

    /// CI builds a commit, and its image is there.
    func build(_ commit: String) async throws {
        try await github.finishWorkflow(repository: repository, commit: commit)
    }

    func say(_ text: String, on number: Int, by login: String) async throws {
        try await github.comment(on: number, repository: repository, by: login, text: text)
    }

    func botComments(_ number: Int) -> [String] {
        let bots = Set(github.botUsers.map(\.login))
        return github.comments(on: number, repository: repository).filter { bots.contains($0.author.login) }.map(\.body)
    }

    /// Waits for a comment of the bot that holds all of these texts.
    func comment(on number: Int, within limit: Duration = .seconds(60), _ texts: String...) async -> String? {
        await eventually(within: limit) {
            botComments(number).last { comment in texts.allSatisfy(comment.contains) }
        }
    }

    func deployments(_ number: Int) -> [GitHubStandIn.Deployment] {
        github.deployments(in: repository, environment: "preview/pr-\(number)")
    }

    /// The digest under which a commit's image was published; unlike any other when it was not.
    func digest(of commit: String) -> String {
        standIns.pullRequests.registry.digest(image: repository, tag: commit) ?? "no image of \(commit)"
    }

    /// The namespaces of previews.
    var namespaces: [String] {
        standIns.kubernetes.objects(apiVersion: "v1", kind: "Namespace").compactMap {
            $0.at(path: "metadata.name")?.stringValue
        }.filter { $0.hasPrefix("pr-") }.sorted()
    }

    /// The images of the API's Deployment of a preview.
    func images(_ number: Int) -> [String] {
        let namespace = "pr-\(number)-analytics-api"
        return standIns.kubernetes.objects(apiVersion: "apps/v1", kind: "Deployment", namespace: namespace)
            .compactMap { $0.at(path: "spec.template.spec.containers.0.image")?.stringValue }
    }

    /// Puts a ConfigMap with these finalizers into a preview's namespace.
    func setFinalizers(_ finalizers: [String], _ number: Int) async throws {
        let base = try await standIns.kubernetes.url()
        let change: JSONValue = [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["name": "kept", "finalizers": .array(finalizers.map(JSONValue.string))],
        ]
        let answer = try await session.send(
            HTTPRequest(
                method: "PATCH",
                url: "\(base)/api/v1/namespaces/pr-\(number)-analytics-api/configmaps/kept?fieldManager=test",
                headers: [("Content-Type", "application/apply-patch+yaml")], body: change.canonicalBytes))
        guard (200..<300).contains(answer.status) else { throw SandboxMissing(answer.text) }
    }

    func breakGitHub(_ kind: GitHubStandIn.Failures.Kind) {
        github.failures.clear()
        github.failures.set(kind)
    }

    func mendGitHub() { github.failures.clear() }

    /// Waits until the audit holds that many records of a kind.
    func audit(_ kind: String, count: Int) async throws -> Bool? {
        try await eventually(within: .seconds(30)) {
            let listed = try await command("audit", "list", "--kind", kind)
            return listed.text.components(separatedBy: kind).count - 1 >= count ? true : nil
        }
    }

    /// Waits until the bot has looked at all that was delivered and no job is under way.
    func settle() async throws {
        _ = try await eventually(within: .seconds(30)) {
            let listed = try await command("jobs", "list")
            let isBusy = ["queued", "running", "held"].contains { listed.text.contains($0) }
            return isBusy ? nil : true
        }
    }
}

/// Something that a test counts on is not there.
struct SandboxMissing: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
