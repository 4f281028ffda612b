import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import App

@Suite(.serialized, .timeLimit(.minutes(5))) struct RollbackFromOutsideTests {
    private func image(_ world: BotFromOutside) -> String? {
        world.standIns.kubernetes.object(
            apiVersion: "apps/v1", kind: "Deployment", namespace: "analytics", name: "analytics-api")?
            .at(path: "spec.template.spec.containers.0.image")?.stringValue
    }

    @Test func `A broken image stalls, is explained, and the last good manifests come back`() async throws {
        let root = try TemporaryFolder()
        for name in ["commands", "webhooks", "deploy"] {
            try FileManager.default.copyItem(atPath: "\(Project.root)/\(name)", toPath: root.path(name))
        }
        let settings = root.path("deploy/analytics-pool/deployment/settings.yaml")
        let good = try String(contentsOfFile: settings, encoding: .utf8)
        let line = try #require(good.split(separator: "\n").first { $0.contains("analytics-api:") })
        try await BotFromOutside.run { world in
            let bot = try await world.start(root: root.url.path)
            let first = try await world.command("run", "deploy analytics")
            try #require(first.code == 0, "\(first.text)")
            let before = try #require(image(world))

            let broken = String(line.split(separator: ":").dropLast().joined(separator: ":")) + ":broken"
            try good.replacing(String(line), with: broken).write(toFile: settings, atomically: true, encoding: .utf8)
            world.standIns.kubernetes.setFailures { $0.imagePull = [":broken"] }
            let planned = try await world.command("run", "deploy analytics --plan")
            #expect(planned.text.contains("image: \(before) → "), "\(planned.text)")

            try await world.type("/defimon deploy analytics --back_on_failure")
            let failed = try #require(await world.message("deploy analytics", "· failed"), "\(bot.text)")
            #expect(failed.contains("cannot pull its image (ImagePullBackOff)"), "\(failed)")
            #expect(failed.contains("Back to the last good manifests (after the failure)"), "\(failed)")
            #expect(failed.contains("back to what was proven good, set by olivia on "), "\(failed)")
            #expect(image(world) == before)

            // Without the flag it stays, and a person goes back.
            let again = try await world.command("run", "deploy analytics")
            #expect(again.code == 1)
            #expect(image(world)?.hasSuffix(":broken") == true)
            let back = try await world.command("run", "rollback analytics")
            #expect(back.code == 0, "\(back.text)")
            #expect(back.text.contains("left as they are: databases, replicas"), "\(back.text)")
            #expect(image(world) == before)
            await bot.end()
        }
    }
}
