import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@testable import App

/// Previews of pull requests, from outside: what authors and maintainers see on GitHub, and what is left in the cluster.
@Suite(.serialized) struct PreviewTests {
    @Test
    func `A pull request gets its preview when its image exists, is updated by a push, and is gone after the close`()
        async throws
    {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            let number = try await world.open("faster-queries")
            let first = try world.head(number)
            let waiting = try #require(await world.comment(on: number, "waits for the workflow"), "\(bot.text)")
            #expect(waiting.contains(String(first.prefix(7))))
            #expect(world.namespaces.isEmpty)

            try await world.build(first)
            let done = try #require(await world.comment(on: number, " is at ", "/pr-\(number)-"), "\(bot.text)")
            #expect(done.contains(String(first.prefix(7))))
            let states = try #require(world.deployments(number).last).statuses.map(\.state)
            #expect(states == ["in_progress", "success"])
            #expect(world.images(number).contains { $0.hasSuffix(world.digest(of: first)) })
            #expect(world.namespaces == ["pr-\(number)-analytics-api"])

            let second = try await world.github.push(number, repository: world.repository)
            _ = try #require(
                await world.comment(on: number, "waits for the workflow", String(second.prefix(7))), "\(bot.text)")
            try await world.build(second)
            _ = try #require(await world.comment(on: number, "The preview of \(second.prefix(7)) is at"), "\(bot.text)")
            #expect(world.images(number).contains { $0.hasSuffix(world.digest(of: second)) })
            #expect(!world.images(number).contains { $0.hasSuffix(world.digest(of: first)) })
            #expect(world.botComments(number).count == 1)

            try await world.github.close(number, repository: world.repository)
            _ = try #require(await world.comment(on: number, "is gone"), "\(bot.text)")
            #expect(world.namespaces.isEmpty)
            #expect(world.deployments(number).allSatisfy { $0.state == "inactive" })
            #expect(world.botComments(number).count == 1)
            await bot.end()
        }
    }

    @Test func `A fork's pull request does nothing until a maintainer names its newest commit`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            let number = try await world.open("from-outside", fromFork: true, author: "uma")
            let first = try world.head(number)
            _ = try #require(await world.comment(on: number, "comes from a fork", first), "\(bot.text)")
            try await world.build(first)
            // A stranger and a reader.
            try await world.say("/defimon preview \(first)", on: number, by: "uma")
            try await world.say("/defimon preview \(first)", on: number, by: "victor")
            _ = try #require(await world.comment(on: number, "needs the role operator"), "\(bot.text)")
            let denied = try await world.audit("authorization.denied", count: 2)
            #expect(denied == true)
            #expect(world.namespaces.isEmpty)
            #expect(world.botComments(number).count == 2)

            let second = try await world.github.push(number, repository: world.repository)
            _ = try #require(await world.comment(on: number, "comes from a fork", second), "\(bot.text)")
            try await world.build(second)
            try await world.say("/defimon preview \(first.prefix(7))", on: number, by: "olivia")
            _ = try #require(await world.comment(on: number, "is not the newest commit"), "\(bot.text)")
            #expect(world.namespaces.isEmpty)

            // Another commit can be made that begins alike.
            try await world.say("/defimon preview \(second.prefix(7))", on: number, by: "olivia")
            _ = try #require(await world.comment(on: number, "must be named in full"), "\(bot.text)")
            #expect(world.namespaces.isEmpty)

            try await world.say("/defimon preview \(second)", on: number, by: "olivia")
            _ = try #require(await world.comment(on: number, " is at ", "/pr-\(number)-"), "\(bot.text)")
            #expect(world.images(number).contains { $0.hasSuffix(world.digest(of: second)) })
            // The next commit needs it again.
            let third = try await world.github.push(number, repository: world.repository)
            _ = try #require(await world.comment(on: number, "comes from a fork", third), "\(bot.text)")
            #expect(world.images(number).contains { $0.hasSuffix(world.digest(of: second)) })
            await bot.end()
        }
    }

    @Test func `Ten sweeps while GitHub is broken or empty delete nothing; one that is told of the close does`()
        async throws
    {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            let number = try await world.open("kept")
            try await world.build(try world.head(number))
            _ = try #require(await world.comment(on: number, " is at "), "\(bot.text)")
            for round in 1...10 {
                world.breakGitHub(round.isMultiple(of: 2) ? .internalError : .emptyList)
                let sweep = try await world.command("run", "preview sweep")
                #expect(sweep.code == 0, "\(sweep.text)")
                #expect(world.namespaces == ["pr-\(number)-analytics-api"])
            }
            world.mendGitHub()
            // Its close was never delivered.
            world.github.isHoldingDeliveries = true
            try await world.github.close(number, repository: world.repository)
            let sweep = try await world.command("run", "preview sweep")
            #expect(sweep.code == 0, "\(sweep.text)")
            _ = try #require(await world.comment(on: number, "is gone"), "\(bot.text)")
            #expect(world.namespaces.isEmpty)
            await bot.end()
        }
    }

    // MARK: Races

    @Test func `A push while it deploys stops the old commit's job, and the new one's comes up`() async throws {
        try await BotFromOutside.run { world in
            world.standIns.kubernetes.setFailures { $0.stalledRollout = ["*"] }
            let bot = try await world.start()
            let number = try await world.open("busy")
            try await world.build(try world.head(number))
            _ = try #require(await world.comment(on: number, "◐ All workloads rolled out"), "\(bot.text)")
            let second = try await world.github.push(number, repository: world.repository)
            _ = try #require(await world.comment(on: number, "waits for the workflow"), "\(bot.text)")
            world.standIns.kubernetes.setFailures { $0.stalledRollout = [] }
            try await world.build(second)
            _ = try #require(await world.comment(on: number, "The preview of \(second.prefix(7)) is at"), "\(bot.text)")
            let states = world.deployments(number).map(\.state)
            #expect(states == ["inactive", "success"])
            let jobs = try await world.command("jobs", "list")
            #expect(jobs.text.contains("superseded"))
            await bot.end()
        }
    }

    @Test func `A close while it deploys takes down what there is`() async throws {
        try await BotFromOutside.run { world in
            world.standIns.kubernetes.setFailures { $0.stalledRollout = ["*"] }
            let bot = try await world.start()
            let number = try await world.open("given-up")
            try await world.build(try world.head(number))
            _ = try #require(await world.comment(on: number, "◐ All workloads rolled out"), "\(bot.text)")
            try await world.github.close(number, repository: world.repository)
            _ = try #require(await world.comment(on: number, "is gone"), "\(bot.text)")
            #expect(world.namespaces.isEmpty)
            await bot.end()
        }
    }

    @Test func `Events in the wrong order, twice, or long after the close leave what is true now`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            // The close comes before the open.
            world.github.isHoldingDeliveries = true
            let closed = try await world.open("short-lived")
            try await world.build(try world.head(closed))
            try await world.github.close(closed, repository: world.repository)
            await world.github.release(world.github.heldDeliveries.reversed())
            // Two pushes, the newer one first.
            let number = try await world.open("twice")
            let first = try await world.github.push(number, repository: world.repository)
            let second = try await world.github.push(number, repository: world.repository)
            for commit in [first, second] { try await world.build(commit) }
            await world.github.release(world.github.heldDeliveries.reversed())
            world.github.isHoldingDeliveries = false
            _ = try #require(await world.comment(on: number, "The preview of \(second.prefix(7)) is at"), "\(bot.text)")
            #expect(world.images(number).contains { $0.hasSuffix(world.digest(of: second)) })
            #expect(world.namespaces == ["pr-\(number)-analytics-api"])
            // The old open once more, under its id and after the close.
            try await world.github.close(number, repository: world.repository)
            _ = try #require(await world.comment(on: number, "is gone"), "\(bot.text)")
            let opened = try #require(
                world.github.deliveries.last { $0.event == "pull_request" && $0.action == "opened" })
            try await world.github.redeliver(opened.id)
            try await world.settle()
            #expect(world.namespaces.isEmpty)
            #expect(world.botComments(closed).isEmpty)
            await bot.end()
        }
    }

    @Test func `Killed while it waits for the image, it goes on after the next start`() async throws {
        try await BotFromOutside.run { world in
            let first = try await world.start()
            let number = try await world.open("patient")
            _ = try #require(await world.comment(on: number, "waits for the workflow"), "\(first.text)")
            await first.end(SIGKILL)
            world.github.isHoldingDeliveries = true
            try await world.build(try world.head(number))
            let second = try await world.start()
            _ = try #require(await world.comment(on: number, " is at "), "\(second.text)")
            #expect(world.botComments(number).count == 1)
            #expect(world.deployments(number).count == 1)
            await second.end()
        }
    }

    @Test func `A build that fails is the comment's reason, and nothing was made`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            let number = try await world.open("red")
            _ = try #require(await world.comment(on: number, "waits for the workflow"), "\(bot.text)")
            try await world.github.finishWorkflow(
                repository: world.repository, commit: try world.head(number), conclusion: "failure")
            _ = try #require(await world.comment(on: number, "failed", "did not succeed (failure)"), "\(bot.text)")
            #expect(world.namespaces.isEmpty)
            #expect(world.deployments(number).isEmpty)
            await bot.end()
        }
    }

    @Test func `An image that does not appear is waited for, and somebody may give it up`() async throws {
        try await BotFromOutside.run { world in
            let lost = try #require(world.standIns.pullRequests.switches.first { $0.id == "registry.never" })
            await lost.set(true)
            let bot = try await world.start()
            let number = try await world.open("unpublished")
            try await world.build(try world.head(number))
            _ = try #require(await world.comment(on: number, "waits for", "registry.example.com"), "\(bot.text)")
            #expect(world.namespaces.isEmpty)
            let job = try #require(try await world.job("preview create"))
            try await world.say("/defimon cancel \(job)", on: number, by: "olivia")
            _ = try #require(await world.comment(on: number, "cancelled by olivia"), "\(bot.text)")
            #expect(world.namespaces.isEmpty)
            #expect(world.deployments(number).isEmpty)
            await bot.end()
        }
    }

    @Test func `A teardown that hangs on a finalizer says so, and ends when it is let go`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            let number = try await world.open("hung")
            try await world.build(try world.head(number))
            _ = try #require(await world.comment(on: number, " is at "), "\(bot.text)")
            try await world.setFinalizers(["example.com/backup"], number)
            try await world.github.close(number, repository: world.repository)
            // On the pull request it is told when the step's time is over; the job tells it at once.
            let isTold = try await eventually(within: .seconds(30)) { () -> Bool? in
                guard let job = try await world.job("preview remove") else { return nil }
                return try await world.command("jobs", "show", job).text.contains("example.com/backup") ? true : nil
            }
            #expect(isTold == true, "\(bot.text)")
            #expect(world.namespaces == ["pr-\(number)-analytics-api"])
            try await world.setFinalizers([], number)
            _ = try #require(await world.comment(on: number, "is gone"), "\(bot.text)")
            #expect(world.namespaces.isEmpty)
            await bot.end()
        }
    }
}
