import Foundation
import TestSupport
import Testing

@testable import Outbound

struct ChildProgramTests {
    private func shell(_ script: String, _ environment: [String: String] = [:]) -> ChildProgram {
        ChildProgram("/bin/sh", ["-c", script], environment: environment)
    }

    @Test func `a program has the environment that it is given and nothing else`() async throws {
        let result = try await shell("echo $MINE; echo $HOME >&2; exit 3", ["MINE": "x"]).run(within: .seconds(60))
        #expect(!result.isSuccess)
        #expect(result.output == "x\n")
        #expect(result.errors == "\n")
    }

    @Test func `it may write as much as its bound, and not a byte more`() async throws {
        var program = shell("printf 1234567890")
        program.longestOutput = 10
        #expect(try await program.run(within: .seconds(60)).output == "1234567890")
        program.longestOutput = 9
        await #expect(throws: ChildProgram.Failure.wroteTooMuch) { _ = try await program.run(within: .seconds(60)) }
    }

    @Test func `it reads the file that it is given, and nothing without one`() async throws {
        let folder = try TemporaryFolder()
        var program = shell("cat")
        #expect(try await program.run(within: .seconds(60)).output == "")
        program.inputFile = try folder.write("given", to: "input")
        #expect(try await program.run(within: .seconds(60)).output == "given")
    }

    @Test func `of what is too long the beginning and the end are kept, whatever became of it`() async throws {
        let output = ProgramOutput(bound: 8)
        let errors = ProgramOutput(bound: 8)
        let isSuccess = try await shell("printf 12345678; printf 123456789 >&2; exit 1").run(
            within: .seconds(60), output: output, errors: errors)
        #expect(!isSuccess)
        #expect(String(decoding: output.parts.beginning, as: UTF8.self) == "12345678")
        #expect(output.leftOut == 0)
        #expect(String(decoding: errors.parts.beginning, as: UTF8.self) == "12")
        #expect(String(decoding: errors.parts.end, as: UTF8.self) == "456789")
        #expect(errors.leftOut == 1)
    }

    @Test func `what was written is kept of one that takes too long`() async throws {
        let output = ProgramOutput(bound: 100)
        await #expect(throws: ChildProgram.Failure.tookTooLong) {
            _ = try await shell("echo begun; exec sleep 600").run(
                within: .seconds(1), output: output, errors: ProgramOutput(bound: 100))
        }
        #expect(String(decoding: output.parts.beginning, as: UTF8.self) == "begun\n")
    }

    @Test func `one that takes too long is ended, with all that it started`() async throws {
        let folder = try TemporaryFolder()
        let program = shell("sleep 600 & echo $! > \(folder.path("child")); wait")
        await #expect(throws: ChildProgram.Failure.tookTooLong) { _ = try await program.run(within: .seconds(1)) }
        let text = try String(contentsOfFile: folder.path("child"), encoding: .utf8)
        let child = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        let isGone: Bool? = await eventually { kill(child, 0) != 0 ? true : nil }
        #expect(isGone == true)
    }

    @Test(arguments: ["no-such-program", "/no/such/program"])
    func `one that is not there is told`(name: String) async {
        await #expect(throws: ChildProgram.Failure.notRun("there is no program '\(name)'")) {
            _ = try await ChildProgram(name, [], environment: [:]).run(within: .seconds(60))
        }
    }
}
