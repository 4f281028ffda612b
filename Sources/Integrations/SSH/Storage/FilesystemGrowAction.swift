import Domain

/// Lets a filesystem of a host fill its disk: partition, LVM and filesystem grow, while it is in use. Looks before each
/// step what is left to do, so that it goes on where an earlier try ended.
struct FilesystemGrowAction: RepeatableAction, Plannable {
    /// More steps than any layout has.
    private static let mostSteps = 40
    /// How long a host may take to see that its disk has another size.
    private static let patience = 24
    private static let pause = Duration.seconds(5)

    private let target: HostTarget
    private let mount: String?
    private let device: String?
    private let atLeast: Int64?

    static func type(_ hosts: any HostAccess) -> ActionType {
        ActionType(
            "ssh.filesystem-grow",
            "Lets a filesystem of a host fill its disk: grows partition, LVM and ext4 or xfs while it is mounted",
            effect: .changes,
            outputs: [
                .init("before", .integer(nil), "Bytes, as the filesystem reported it before"),
                .init("after", .integer(nil), "Bytes, as the filesystem reports it now"),
                .init("device", .text(nil), "What it is on, such as /dev/sda1"),
                .init("mount", .text(nil), "Where it is mounted; empty: nowhere"),
                .init("filesystem", .text(nil), "Its type, such as ext4"),
                .init("changed", .flag, "False when it filled its disk already"),
            ]
        ) { FilesystemGrowAction(&$0, hosts) }
    }

    init(_ input: inout InputReader, _ hosts: any HostAccess) {
        target = HostTarget(&input, hosts)
        mount = input.optionalText("mount", "Where it is mounted, such as /var/lib/geth", pattern: HostPath.pattern)
        device = input.optionalText(
            "device", "Instead of 'mount': what it is on, such as /dev/sdb", pattern: HostPath.device)
        atLeast =
            input.optionalQuantity(
                "at_least", "The size that the disk has by now; waits up to 2 minutes until the host sees it")?.bytes
        if input.isGiven("mount") == input.isGiven("device") {
            input.report(
                "which filesystem is meant is not clear", field: "mount", fix: "give one of 'mount' and 'device'")
        }
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        let layout = try await look(context).layout()
        var later: [String] = []
        if let atLeast, layout.diskSize < atLeast {
            later.append(
                "host \(target.host): \(layout.title) grows when its disk has \(ByteText.human(atLeast)), and has "
                    + "\(ByteText.human(layout.size)) now")
        }
        let steps = layout.steps
        guard !steps.isEmpty else {
            let present = "host \(target.host): \(layout.title) has \(ByteText.human(layout.size)) now"
            return ActionPlan(changes: [], knownLater: later, notes: later.isEmpty ? [present] : [])
        }
        let change =
            "host \(target.host): \(layout.title) has \(ByteText.human(layout.size)) and grows to fill "
            + "\(ByteText.human(layout.diskSize)): \(steps.map(\.words).joined(separator: ", "))"
        return ActionPlan(changes: [change], knownLater: later)
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let look = look(context)
        let before = try await seen(look, context)
        var now = before
        var last: GrowthStep?
        var done: [String] = []
        while let step = now.steps.first {
            guard step != last, done.count < FilesystemGrowAction.mostSteps else {
                throw ActionError(
                    "host \(target.host): \(now.title) does not fill its disk, although \(step.words)",
                    mayHaveTakenEffect: true, hint: "look at it there: lsblk, df -h",
                    details: done.joined(separator: "\n"))
            }
            context.progress("host \(target.host): \(step.words)")
            for command in step.commands { try await target.change(command.arguments, codes: command.codes, context) }
            done.append(step.words)
            last = step
            now = try await look.layout()
        }
        return outputs(before, now, done)
    }

    private func look(_ context: ActionContext) -> FilesystemLook {
        FilesystemLook(
            target: target, place: mount.map { .mount($0) } ?? .device(device ?? ""), context: context)
    }

    /// How it is once its disk has the size that it should have.
    private func seen(_ look: FilesystemLook, _ context: ActionContext) async throws -> FilesystemLayout {
        var tries = 0
        while true {
            let layout = try await look.layout()
            guard let atLeast, layout.diskSize < atLeast else { return layout }
            tries += 1
            guard tries < FilesystemGrowAction.patience else {
                throw ActionError(
                    "host \(target.host): its disk has \(ByteText.human(layout.diskSize)), and should have "
                        + "\(ByteText.human(atLeast)) by now",
                    hint:
                        "was it resized? A host may need to look again: echo 1 > /sys/class/block/<disk>/device/rescan")
            }
            context.progress("host \(target.host): waits until it sees that its disk has \(ByteText.human(atLeast))")
            try await context.time.sleep(for: FilesystemGrowAction.pause)
        }
    }

    private func outputs(_ before: FilesystemLayout, _ after: FilesystemLayout, _ done: [String]) -> JSONValue {
        let summary =
            done.isEmpty
            ? "\(after.title) fills its disk: \(ByteText.human(after.size))"
            : "\(after.title): \(ByteText.human(before.size)) → \(ByteText.human(after.size))"
        return [
            "before": .int(before.size), "after": .int(after.size), "device": .string(after.device.path),
            "mount": .string(after.mount ?? ""), "filesystem": .string(after.type), "changed": .bool(!done.isEmpty),
            "summary": .string("\(target.host): \(summary)"), "details": .string(done.joined(separator: "\n")),
        ]
    }
}
