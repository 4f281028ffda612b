import Domain
import Foundation
import Outbound

/// Writes a file on a host, wholly or not at all.
struct UploadAction: RepeatableAction, Plannable {
    private let target: HostTarget
    private let path: String
    private let content: String?
    private let file: String?
    private let mode: String
    private let owner: String?
    private let folder: DefinitionsFolder

    static func type(_ hosts: any HostAccess, root: String) -> ActionType {
        ActionType(
            "ssh.upload", "Writes a file on a host, wholly or not at all", effect: .changes,
            outputs: [
                .init("digest", .text(nil), "SHA-256 of the file, 64 hexadecimal digits"),
                .init("changed", .flag, "False when it was there already, with this mode and owner"),
            ]
        ) { UploadAction(&$0, hosts, root: root) }
    }

    init(_ input: inout InputReader, _ hosts: any HostAccess, root: String) {
        target = HostTarget(&input, hosts)
        path = input.text(
            "path", "Where it goes: absolute, in a folder that is there",
            pattern: HostPath.file)
        content = input.optionalText("content", "What it holds")
        file = input.optionalText("file", "Instead of 'content': a file, from the folder of defimon.yaml on")
        let mode = input.text(
            "mode", "Its permissions, such as 0644", pattern: HostPath.mode, default: "0644")
        self.mode = mode.count == 3 ? "0" + mode : mode
        owner = input.optionalText(
            "owner", "Its user, or user:group; who connects unless said",
            pattern: HostPath.owner)
        folder = DefinitionsFolder(root: root)
        if input.isGiven("content") == input.isGiven("file") {
            input.report("what it holds is not clear", field: "content", fix: "give one of 'content' and 'file'")
        }
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        let file = try wanted()
        guard let there = try await state(context) else {
            return ActionPlan(changes: [
                "\(title): new, \(ByteText.human(Int64(file.contents.count))), sha256:\(UploadAction.short(file.digest)), mode \(mode)"
                    + (owner.map { ", owner \($0)" } ?? "")
            ])
        }
        return ActionPlan(changes: differences(there, file))
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let file = try wanted()
        let there = try await state(context)
        let isThere = there?.fits(file) == true
        if !isThere {
            try await target.attempt(changes: true) {
                try await target.hosts.upload(
                    file, to: target.host, within: HostTarget.limit(context), for: context.jobID)
            }
        }
        return [
            "digest": .string(file.digest), "changed": .bool(!isThere),
            "summary": .string(
                isThere ? "\(title): is there already" : "\(title): \(ByteText.human(Int64(file.contents.count)))"),
        ]
    }

    private var title: String { "host \(target.host): \(path)" }

    private func state(_ context: ActionContext) async throws -> HostFileState? {
        try await target.attempt {
            try await target.hosts.state(of: path, on: target.host, within: .seconds(60), for: context.jobID)
        }
    }

    private func differences(_ there: HostFileState, _ file: HostFile) -> [String] {
        var words: [String] = []
        if there.digest != file.digest {
            words.append("sha256:\(UploadAction.short(there.digest)) → sha256:\(UploadAction.short(file.digest))")
        }
        if there.mode != mode { words.append("mode \(there.mode) → \(mode)") }
        if let owner, !there.fits(owner: owner) { words.append("owner \(there.owner) → \(owner)") }
        return words.isEmpty ? [] : ["\(title): \(words.joined(separator: ", "))"]
    }

    private func wanted() throws(ActionError) -> HostFile {
        let contents: [UInt8]
        if let file {
            contents = try folder.contents(file, atMost: HostFile.largest)
        } else {
            contents = Array((content ?? "").utf8)
        }
        let wanted = HostFile(path: path, contents: contents, mode: mode, owner: owner)
        if let complaint = wanted.complaint { throw ActionError("host \(target.host): \(complaint)") }
        return wanted
    }

    private static func short(_ digest: String) -> Substring { digest.prefix(12) }
}
