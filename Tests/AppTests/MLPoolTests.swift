import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import App

/// The pool whose provider a team chooses later, from outside.
@Suite(.serialized) struct MLPoolTests {
    @Test func `The ML pool is deployed from nothing, and its API answers`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            try await world.type("/defimon deploy ml")
            let message = try #require(await world.message("deploy ml", "succeeded"), "\(bot.text)")
            #expect(message.contains("62 objects applied"), "\(message)")
            let cluster = world.standIns.kubernetes
            for (name, keys) in [
                ("postgresql-secrets", ["password", "replication-password", "username"]),
                ("redis-secrets", ["password"]),
                ("mlflow-secrets", ["password", "username"]), ("grafana-secrets", ["admin-password"]),
            ] {
                let secret = cluster.object(apiVersion: "v1", kind: "Secret", namespace: "ml", name: name)
                #expect(secret?["data"]?.objectValue?.keys.sorted() == keys, "\(name)")
            }
            // What only the other pool has is not made here.
            #expect(
                cluster.object(apiVersion: "v1", kind: "Secret", namespace: "ml", name: "clickhouse-secrets") == nil)
            let training = cluster.object(
                apiVersion: "batch/v1", kind: "CronJob", namespace: "ml", name: "training")
            #expect(training?.at(path: "spec.suspend") == true)
            #expect(training?.at(path: "spec.concurrencyPolicy") == "Forbid")
            let number = try #require(try await world.job("deploy ml"))
            let shown = try await world.command("jobs", "show", number).text
            #expect(shown.contains("✓ The API answers"), "\(shown)")
            await bot.end()
        }
    }

    @Test func `A pool without a cluster says what to set, before anything runs and for a plan too`() async throws {
        try await BotFromOutside.run { world in
            try world.changeSettings("cluster: ml\n", to: "cluster: \"\"\n")
            let bot = try await world.start()
            try await world.type("/defimon deploy ml")
            _ = try #require(
                await world.message("the pool ml has no cluster yet", "Set pools.ml.cluster", "to how it is reached"),
                "\(bot.text)")
            let plan = try await world.command("run", "deploy ml --plan")
            #expect(plan.code == 1)
            #expect(plan.text.contains("Set pools.ml.cluster"), "\(plan.text)")
            let status = try await world.command("run", "status ml")
            #expect(status.text.contains("no cluster yet"), "\(status.text)")
            #expect(try await world.job("deploy ml") == nil)
            #expect(
                world.standIns.kubernetes.object(apiVersion: "v1", kind: "Namespace", namespace: "", name: "ml") == nil)
            // The others go on.
            let other = try await world.command("run", "deploy analytics --plan")
            #expect(other.code == 0, "\(other.text)")
            await bot.end()
        }
    }
}
