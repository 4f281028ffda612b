import Domain
import Foundation

/// A kind of Compute Engine resource: where its collection is, and what is particular about it.
struct ComputeKind: Sendable {
    enum Scope: String, Sendable { case zone, region, global }

    enum Verb: Sendable { case get, list, aggregatedList, insert, delete, patch, update, setLabels }

    /// As method ids name it: `globalAddresses`.
    let name: String
    /// As paths name it: `addresses`.
    let collection: String
    /// As `kind` and parameters name it: `address`.
    let word: String
    let scope: Scope
    let verbs: Set<Verb>
    /// `compute.disks` of the permission `compute.disks.create`.
    var permission: String
    /// The name of the parameter in paths: `forwardingRule`, `instanceGroupManager`.
    var parameter: String
    /// Members that a patch may change; others must stay as they are.
    var patchable: Set<String> = []
    /// Whether patches must carry the fingerprint of what they change.
    var isFingerprinted = false
    /// Whether it has labels, and their fingerprint.
    var isLabelled = false
    /// `READY`, when it has a status.
    var status: (creating: String, ready: String)?
    /// Checks a new one and adds what Google adds.
    var prepare: @Sendable (inout GoogleState, ComputeDraft) throws -> ComputeDraft = { $1 }
    /// Checks what a patch makes of one.
    var check: @Sendable (GoogleState, GoogleResource, [String: JSONValue]) throws -> Void = { _, _, _ in }
    /// Who uses it, so that it cannot be deleted: paths.
    var users: @Sendable (GoogleState, GoogleResource) -> [String] = { _, _ in [] }
    /// Throws when one may not be deleted for another reason.
    var mayGo: @Sendable (GoogleResource) throws -> Void = { _ in }
    /// Permissions that an insert needs besides.
    var insertPermissions: @Sendable (GoogleCall) -> [GooglePermission] = { _ in [] }
    /// What happens when one has come, or has changed.
    var settled: @Sendable (inout GoogleState, String, Date) throws -> Void = { _, _, _ in }
    /// What happens before one goes.
    var leaves: @Sendable (inout GoogleState, GoogleResource, Date) -> Void = { _, _, _ in }

    init(
        _ name: String, collection: String? = nil, _ word: String, _ scope: Scope,
        _ verbs: Set<Verb> = [.get, .list, .insert, .delete]
    ) {
        self.name = name
        self.collection = collection ?? name
        self.word = word
        self.scope = scope
        self.verbs = verbs
        permission = "compute.\(collection ?? name)"
        parameter = word
    }

    /// The same with more said about it.
    func with(_ change: (inout ComputeKind) -> Void) -> ComputeKind {
        var copy = self
        change(&copy)
        return copy
    }

    /// `projects/{project}/zones/{zone}/disks`.
    var path: String {
        switch scope {
        case .zone: "projects/{project}/zones/{zone}/\(collection)"
        case .region: "projects/{project}/regions/{region}/\(collection)"
        case .global: "projects/{project}/global/\(collection)"
        }
    }

    /// `compute#disk`.
    var kind: String { "compute#\(word)" }
}
