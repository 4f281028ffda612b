import Domain
import Foundation
import SSH
import TestSupport
import Testing

@Suite(.enabled(if: SSHServer.isThere)) struct RunActionTests {
    @Test func `A program runs, and its output is for later steps`() async throws {
        let scene = try await HostScene.start()
        let output = try await scene.perform(
            "ssh.run", ["argv": ["sh", "-c", "cat; echo \"$1\"", "sh", "a b"], "input": "in "])
        #expect(output["output"] == "in a b")
        #expect(output["exit_code"] == 0)
        #expect(output["changed"] == true)
        #expect(output["summary"] == "web: sh ended with exit code 0")
        await scene.end()
    }

    @Test func `Another code than those that are fine fails, with what the program said`() async throws {
        let scene = try await HostScene.start()
        let inputs: JSONValue = ["argv": ["sh", "-c", "echo out; echo 'no disk' >&2; exit 3"]]
        let error = try await scene.error("ssh.run", inputs)
        #expect(error?.message == "host web: sh ended with exit code 3: no disk")
        #expect(error?.details == "out\n\nno disk\n")
        #expect(error?.mayHaveTakenEffect == true)
        #expect(error?.retry == .never)
        let fine = try await scene.perform(
            "ssh.run", .object((inputs.objectValue ?? [:]).merging(["exit_codes": [0, 3]]) { $1 }))
        #expect(fine["exit_code"] == 3)
        await scene.end()
    }

    @Test func `A program that may not run twice is not known after a crash`() async throws {
        let scene = try await HostScene.start()
        let action = try #require(try scene.action("ssh.run", ["argv": ["true"]]) as? any RemoteOperation)
        guard case .cannotTell = try await action.find(scene.context()) else {
            Issue.record("it tells")
            return
        }
        #expect(try scene.action("ssh.run", ["argv": ["true"], "repeatable": true]) is any RepeatableAction)
        #expect(try scene.action("ssh.run", ["argv": ["true"], "done_when": ["true"]]) is any RepeatableAction)
        await scene.end()
    }

    @Test func `A host that is not there is tried again within the step, since nothing ran, and then told`()
        async throws
    {
        let scene = try await HostScene.start()
        await scene.server.stop()
        let time = VirtualTime()
        let action = try #require(try scene.action("ssh.run", ["argv": ["true"]]) as? any RemoteOperation)
        let context = ActionContext(jobID: 1, idempotencyKey: scene.key, attempt: 1, time: time) { _ in }
        async let ended = action.start(context)
        for pause in [5, 15, 30] {
            await time.untilSleeping(1)
            time.advance(by: .seconds(pause))
        }
        do {
            _ = try await ended
            Issue.record("it ran")
        } catch let error as ActionError {
            #expect(error.message.contains("Connection refused"))
            #expect(error.retry == .never)
            #expect(!error.mayHaveTakenEffect)
        }
        await scene.end()
    }

    @Test func `What is done already is not done again, and what is not done then has failed`() async throws {
        let scene = try await HostScene.start()
        let mark = scene.server.folder.path("mark")
        let inputs: JSONValue = [
            "argv": ["sh", "-c", "echo x >>\"$1\"", "sh", .string(mark)], "done_when": ["test", "-e", .string(mark)],
        ]
        #expect(
            try await scene.plan("ssh.run", inputs).changes == ["host web: runs sh -c 'echo x >>\"$1\"' sh \(mark)"])
        #expect(!FileManager.default.fileExists(atPath: mark))
        #expect(try await scene.perform("ssh.run", inputs)["changed"] == true)
        #expect(try await scene.plan("ssh.run", inputs).changes == [])
        #expect(try await scene.perform("ssh.run", inputs)["changed"] == false)
        #expect(try String(contentsOfFile: mark, encoding: .utf8) == "x\n")
        let error = try await scene.error("ssh.run", ["argv": ["true"], "done_when": ["false"]])
        #expect(
            error?.message == "host web: true ended with exit code 0, and what it should have done is not done")
        // A question that cannot be asked is not an answer.
        let unasked = try await scene.error("ssh.run", ["argv": ["true"], "done_when": ["no-such-program"]])
        #expect(unasked?.message.contains("no-such-program ended with exit code 127") == true)
        await scene.end()
    }

    @Test func `When the step is cut off what it began is ended there, and nothing else`() async throws {
        let scene = try await HostScene.start()
        let action = try scene.action("ssh.run", ["argv": ["sh", "-c", "sleep 311 & sleep 311; wait"]])
        let stoppable = try #require(action as? any StoppableAction)
        let other = UUID().uuidString.lowercased()
        let run = Task { try await scene.perform("ssh.run", ["argv": ["sh", "-c", "sleep 311 & sleep 311; wait"]]) }
        let others = Task {
            try await scene.perform("ssh.run", ["argv": ["sleep", "311"]], scene.context(key: other))
        }
        func isRunning(_ key: String) async throws -> Bool {
            try await scene.hosts.isRunning(key, on: "web", for: 1)
        }
        let began: Bool? = try await eventually {
            let isMine = try await isRunning(scene.key)
            return isMine ? (try await isRunning(other) ? true : nil) : nil
        }
        #expect(began == true)
        run.cancel()
        _ = await run.result
        // The bot does not wait for it any more, and it runs on.
        #expect(try await isRunning(scene.key))
        try await stoppable.stop(scene.context())
        #expect(try await !isRunning(scene.key))
        #expect(try await isRunning(other))
        others.cancel()
        _ = await others.result
        try await scene.hosts.end(other, on: "web", for: 1)
        await scene.end()
    }

    @Test func `A repeated run waits for the end of what an earlier one has begun`() async throws {
        let scene = try await HostScene.start()
        let log = scene.server.folder.path("log")
        let inputs: JSONValue = [
            "argv": ["sh", "-c", "echo begin >>\"$1\"; sleep 3; echo end >>\"$1\"", "sh", .string(log)],
            "repeatable": true,
        ]
        let first = Task { try await scene.perform("ssh.run", inputs) }
        let began: Bool? = await eventually { FileManager.default.fileExists(atPath: log) ? true : nil }
        #expect(began == true)
        first.cancel()
        _ = await first.result
        try await scene.perform("ssh.run", inputs)
        #expect(try String(contentsOfFile: log, encoding: .utf8) == "begin\nend\nbegin\nend\n")
        await scene.end()
    }

    @Test(
        arguments: [
            (["argv": [""]], "there is no program to run"), (["argv": ["a", "\0"]], "an argument holds a NUL"),
            (["argv": ["a"], "exit_codes": [256]], "'exit_codes' must be numbers from 0 to 255, none twice"),
            (["argv": ["a"], "done_when": [""]], "there is no program to run"),
            (["argv": .array(Array(repeating: "a", count: 201))], "there are 201 arguments, more than 200"),
        ] as [(JSONValue, String)])
    func `Inputs that cannot be are refused`(inputs: JSONValue, message: String) async throws {
        var reader = InputReader.reading(
            LocatedValue(.object((inputs.objectValue ?? [:]).merging(["host": "web"]) { $1 }), at: .none))
        _ = SSHActions.types(NoHosts(), root: "/").first { $0.name == "ssh.run" }?.make(&reader)
        #expect(reader.problems.map(\.message) == [message])
    }
}
