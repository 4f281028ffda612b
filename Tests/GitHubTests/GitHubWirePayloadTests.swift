import Domain
import Foundation
import TestSupport
import Testing

@testable import GitHub

@Suite(.enabled(if: WireData.isThere)) struct GitHubWirePayloadTests {
    /// Every recorded delivery and its kind.
    static let payloads: [(file: String, kind: String)] = {
        var found: [(String, String)] = []
        for kind in WireData.files(in: "github/webhooks") {
            found += WireData.files(in: "github/webhooks/\(kind)", suffix: ".json").map {
                ("webhooks/\(kind)/\($0)", kind)
            }
        }
        let others = [
            "webhooks-go-playground/issue_comment.created.on_pull_request.json": "issue_comment",
            "webhooks-go-scm/branch_delete.json": "delete", "webhooks-go-scm/comment.json": "issue_comment",
            "webhooks-go-scm/deployment.json": "deployment",
            "webhooks-go-scm/merge_group_checks_requested.json": "merge_group",
            "webhooks-go-scm/pr_ready_for_review.json": "pull_request", "webhooks-go-scm/pr_sync.json": "pull_request",
            "webhooks-go-scm/push_branch_create.json": "push", "webhooks-go-scm/push_branch_delete.json": "push",
            "webhooks-go-scm/push_tag.json": "push", "webhooks-go-scm/push_tag_delete.json": "push",
            "webhooks-go-scm/tag_create.json": "create",
            "webhooks-woodpecker/pull_request.closed.merged.json": "pull_request",
            "webhooks-woodpecker/pull_request.closed.unmerged.json": "pull_request",
            "webhooks-woodpecker/pull_request.reopened.json": "pull_request",
            "webhooks-woodpecker/push.forced.json": "push", "webhooks-woodpecker/push.json": "push",
            "webhooks-woodpecker/push_or_create.tag.json": "push",
            "webhooks-woodpecker/release.released.json": "release",
        ]
        return found + others.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }()

    @Test func everyPayloadIsDecodedAndSmall() async throws {
        #expect(Self.payloads.count >= 115)
        let fields = GitHubEventDecoder().fields
        for (file, kind) in Self.payloads {
            let event = try await Fixture.wireEvent(file, kind: kind)
            let attributes = event.attributes.objectValue ?? [:]
            #expect(event.attributes.canonicalBytes.count < 2000, "\(file)")
            #expect(event.kind == kind)
            #expect(event.subject.hasPrefix(kind) && event.subject.count <= 200, "\(file)")
            for name in attributes.keys {
                let field = fields.first { $0.path == name }
                #expect(field?.kinds.isEmpty == true || field?.kinds.contains(kind) == true, "\(file): \(name)")
            }
            if !["security_advisory", "installation", "installation_repositories", "ping"].contains(kind) {
                #expect(attributes["repository"]?.stringValue?.contains("/") == true, "\(file)")
                #expect(attributes["owner"]?.stringValue?.isEmpty == false, "\(file)")
            }
        }
    }

    @Test func everyPayloadIsAcceptedByTheRoute() throws {
        let settings = try Fixture.settings(["token": ["env": "TOKEN"], "webhook_secrets": [["env": "HOOK"]]])
        let verifier = try GitHubVerifier(settings, secrets: Fixture.secrets)
        let route = GitHubRoute.route(verifier: verifier)
        for (file, kind) in Self.payloads {
            let delivery = Fixture.delivery(try WireData.bytes("github/\(file)"), kind: kind)
            #expect(throws: Never.self, "\(file)") {
                _ = try verifier.verify(delivery)
                try route.inspect(delivery)
            }
        }
    }

    @Test func everyPayloadNamesItsOwner() throws {
        for (file, kind) in Self.payloads where kind != "security_advisory" {
            // The names in these examples were changed by hand, and not all alike.
            if kind == "workflow_job" { continue }
            let owners = DeliveryOwners(json: try WireData.bytes("github/\(file)"))
            #expect(owners?.names.isEmpty == false, "\(file)")
            #expect(owners.map { Set($0.names.map { $0.lowercased() }).count } == 1, "\(file)")
        }
    }

    @Test func everyFieldOfAKindIsThere() async throws {
        // What a rule may name must be there, or the rule could not even be matched.
        let optional: Set = [
            "number", "branch", "tag", "comment", "label", "job", "review_state", "reviewer", "hook_id", "deployment",
        ]
        for (file, kind) in Self.payloads {
            let attributes = try await Fixture.wireEvent(file, kind: kind).attributes
            for field in GitHubEventDecoder().fields
            where field.kinds.isEmpty || (field.kinds.contains(kind) && !optional.contains(field.path)) {
                #expect(attributes[field.path] != nil, "\(file): \(field.path)")
            }
        }
    }

    @Test func aPushSaysItsBranchOrTag() async throws {
        let push = try await Fixture.wireEvent("webhooks-woodpecker/push.json", kind: "push").attributes
        #expect(push["branch"]?.stringValue?.isEmpty == false)
        #expect(push["tag"] == nil)
        #expect(push["commit"]?.stringValue?.count == 40)
        let tag = try await Fixture.wireEvent("webhooks-go-scm/push_tag.json", kind: "push").attributes
        #expect(tag["tag"] == "v0.0.1")
        #expect(tag["branch"] == nil)
        #expect(tag["is_default_branch"] == false)
        let forced = try await Fixture.wireEvent("webhooks-woodpecker/push.forced.json", kind: "push").attributes
        #expect(forced["forced"] == true)
        let new = try await Fixture.wireEvent("webhooks/push/with-new-branch.payload.json", kind: "push").attributes
        #expect(new["created"] == true)
        #expect(new["is_default_branch"] == true)
        #expect(new["message"] == "Initial commit")
        let deleted = try await Fixture.wireEvent("webhooks-go-scm/push_branch_delete.json", kind: "push").attributes
        #expect(deleted["deleted"] == true)
    }

    @Test func aMergedPullRequestIsMerged() async throws {
        let merged = try await Fixture.wireEvent(
            "webhooks-woodpecker/pull_request.closed.merged.json", kind: "pull_request")
        #expect(merged.attributes["merged"] == true)
        #expect(merged.attributes["state"] == "closed")
        let not = try await Fixture.wireEvent(
            "webhooks-woodpecker/pull_request.closed.unmerged.json", kind: "pull_request")
        #expect(not.attributes["merged"] == false)
    }

    @Test func contentKeysAreMadeOfWhatTheTableSays() async throws {
        let pull = try await Fixture.wireEvent("webhooks/pull_request/opened.payload.json", kind: "pull_request")
        #expect(
            pull.contentKey
                == "pull_request|186853002|2|opened|ec26c3e57ca3a959ca5aad62de7213c562f8c821|2019-05-15T15:20:33Z|")
        let push = try await Fixture.wireEvent("webhooks/push/payload.json", kind: "push")
        #expect(
            push.contentKey
                == "push|186853002|refs/tags/simple-tag|6113728f27ae82c7b1a177c8d03f9e96e0adf246|"
                + "0000000000000000000000000000000000000000")
        let run = try await Fixture.wireEvent("webhooks/workflow_run/completed.payload.json", kind: "workflow_run")
        #expect(run.contentKey == "workflow_run|289782451|1|completed")
    }

    @Test func newsOfACommitHasATopic() async throws {
        let run = try await Fixture.wireEvent(
            "webhooks/workflow_run/completed.with-pull-requests.payload.json", kind: "workflow_run")
        #expect(run.topics == ["github/octo-org/octo-repo@3484a3fb816e0859fd6e1cea078d76385ff50625"])
        #expect(run.attributes["number"] == 2)
        #expect(run.attributes["workflow"]?.stringValue != nil)
        for kind in ["check_suite", "check_run"] {
            let event = try await Fixture.wireEvent("webhooks/\(kind)/completed.payload.json", kind: kind)
            #expect(event.topics == ["github/Codertocat/Hello-World@ec26c3e57ca3a959ca5aad62de7213c562f8c821"])
        }
        let status = try await Fixture.wireEvent("webhooks/deployment_status/payload.json", kind: "deployment_status")
        #expect(status.topics.count == 1)
        #expect(try await Fixture.wireEvent("webhooks/push/1.payload.json", kind: "push").topics.isEmpty)
    }

    @Test func aRealCommentOnAPullRequestIsReadAsOne() async throws {
        let file = "webhooks-go-playground/issue_comment.created.on_pull_request.json"
        let event = try await Fixture.wireEvent(file, kind: "issue_comment")
        #expect(event.attributes["is_pull_request"] == true)
        #expect(event.attributes["comment"] == "/build")
        #expect(event.origin == .notice)
        // The same comment with our word.
        let text = String(decoding: try WireData.bytes("github/\(file)"), as: UTF8.self)
            .replacing("\"/build\"", with: "\"/defimon preview\"")
        let asked = try await GitHubEventDecoder().events(in: Fixture.delivery(text.utf8, kind: "issue_comment"))
        guard case .request(let request) = asked.first?.origin else {
            Issue.record("it is no request")
            return
        }
        #expect(request.text == "preview")
        #expect(request.identity.userID == "4643017")
        #expect(request.reportTo?.address == "chhsia0/knative-route-demo#3")
    }
}
