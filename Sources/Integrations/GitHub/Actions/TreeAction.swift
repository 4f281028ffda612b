package import Domain
import Foundation
package import Outbound

/// `github.tree`: fetches a repository's files at one commit, so that what is applied is what was looked at.
struct TreeAction: RepeatableAction {
    /// One download, from its request to its last byte.
    static let patience = Duration.seconds(300)

    /// What it needs beside the client; nil when definitions are only checked.
    struct Means: Sendable {
        var trees: TreeStore
        /// A session of its own, so that downloads take no connection from other calls.
        var session: HTTPSession
    }

    private let target: RepositoryTarget
    private let commit: String
    private let means: Means?

    init(_ input: inout InputReader, _ client: GitHubClient?, _ means: Means?) {
        target = RepositoryTarget(&input, client)
        commit = input.commit("The full id of the commit")
        self.means = means
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        guard let means else { throw ActionError("there is no place where source trees are kept") }
        let shown = "\(target.text) at \(GitHubName.short(commit))"
        let tree = try await target.attempt("the files of \(shown) cannot be fetched") { client, repository in
            context.progress("fetching \(shown)")
            do {
                let limits = TreeLimits()
                return try await means.trees.fetch(TreeAction.id(repository, commit), limits: limits) { file in
                    let download = TreeDownload(
                        session: means.session, maxBody: limits.compressedBytes, time: context.time)
                    try await download.fetch(
                        try await client.authorizedRequest(
                            path: "\(repository.path)/tarball/\(commit)", owner: repository.owner), to: file)
                }
            } catch let error as TreeError {
                var error = error.actionError
                error.message = "the files of \(shown) cannot be fetched: \(error.message)"
                throw error
            }
        }
        var summary = "\(shown): \(tree.files) files, \(max(1, tree.bytes / 1024)) KiB"
        if tree.leftOut > 0 { summary += ", \(tree.leftOut) links left out" }
        return [
            "tree": .string(tree.id), "files": .int(Int64(tree.files)), "bytes": .int(tree.bytes),
            "summary": .string(summary),
        ]
    }

    /// `acme.api-<commit>`: owners hold no dot, commits no hyphen, and case tells no two repositories apart.
    static func id(_ repository: RepositoryName, _ commit: String) -> String {
        let id = "\(repository.owner).\(repository.name)-\(commit)".lowercased()
        guard !TreeStore.isID(id) else { return id }
        // No name that GitHub gives is as long, but some are that are taken for one.
        let hash = Hex.encode(SHA256Digest.of(Array(repository.description.lowercased().utf8)))
        return "\(hash.prefix(32))-\(commit)"
    }
}

extension GitHubActions {
    /// The action type of `github.tree`; without trees and a session it only describes itself. The session is for
    /// downloads, from GitHub's API and from where it redirects to.
    package static func tree(client: GitHubClient?, trees: TreeStore?, session: HTTPSession?) -> ActionType {
        var means: TreeAction.Means?
        if let trees, let session { means = TreeAction.Means(trees: trees, session: session) }
        let found = means
        return ActionType(
            "github.tree", "Fetches the files of a repository at one commit, within bounds", effect: .reads,
            outputs: [
                .init("tree", .text(nil), "The tree's id, for the input 'tree' of kubernetes.apply"),
                .init("files", .integer(nil), "How many files it has"),
                .init("bytes", .integer(nil), "How large they are together, in bytes"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { TreeAction(&$0, client, found) }
    }
}
