import Domain
import Testing

struct HostCommandTests {
    private func complaint(_ change: (inout HostCommand) -> Void) -> String? {
        var command = HostCommand(["true"], limit: .seconds(1))
        change(&command)
        return command.complaint
    }

    @Test func `A command within its bounds is fine, at their edge too`() {
        #expect(complaint { _ in } == nil)
        #expect(complaint { $0.arguments = Array(repeating: "a", count: 200) } == nil)
        #expect(complaint { $0.arguments = ["a", String(repeating: "b", count: 64 * 1024 - 1)] } == nil)
        #expect(complaint { $0.limit = .seconds(24 * 3600) } == nil)
        #expect(complaint { $0.input = [UInt8](repeating: 0, count: 64 << 20) } == nil)
        #expect(complaint { $0.tag = String(repeating: "a", count: 100) } == nil)
    }

    @Test func `What goes past a bound is told with the bound`() {
        #expect(complaint { $0.arguments = [] } == "there is no program to run")
        #expect(
            complaint { $0.arguments = Array(repeating: "a", count: 201) } == "there are 201 arguments, more than 200")
        #expect(
            complaint { $0.arguments = ["a", String(repeating: "b", count: 64 * 1024)] }
                == "the arguments are 65537 bytes together, more than 65536")
        #expect(complaint { $0.arguments = ["a", "\0"] } == "an argument holds a NUL")
        #expect(complaint { $0.arguments = ["A=b", "c"] } == "the program's name holds '='")
        #expect(complaint { $0.limit = .milliseconds(999) } == "its time limit must be from 1s to 24h")
        #expect(complaint { $0.limit = .seconds(24 * 3600 + 1) } == "its time limit must be from 1s to 24h")
        #expect(
            complaint { $0.input = [UInt8](repeating: 0, count: (64 << 20) + 1) }
                == "its input is 67108865 bytes, more than 67108864")
        for tag in ["", "a b", "a=b", String(repeating: "a", count: 101)] {
            #expect(complaint { $0.tag = tag } == "its tag holds other signs than letters, digits and '-'")
        }
    }

    @Test func `Only what ran or may have run has taken effect, and only what passes is tried again`() {
        let kinds: [(HostError.Kind, retry: Bool, repeatable: Bool, effect: Bool)] = [
            (.notUsable, false, false, false), (.notConnected(passes: true), true, true, false),
            (.notConnected(passes: false), false, false, false), (.lost, false, true, true),
            (.tookTooLong, false, false, true), (.refused, false, false, true), (.cancelled, false, false, true),
        ]
        for (kind, retry, repeatable, effect) in kinds {
            let error = HostError("web", kind, "why")
            let once = error.actionError(changes: true)
            #expect((once.retry != .never) == retry, "\(kind)")
            #expect(once.mayHaveTakenEffect == effect, "\(kind)")
            #expect((error.actionError(changes: true, isRepeatable: true).retry != .never) == repeatable, "\(kind)")
            #expect(!error.actionError(changes: false).mayHaveTakenEffect, "\(kind)")
        }
    }

    @Test(
        arguments: [
            (0, .exited(0)), (128, .exited(128)), (129, .signaled(1)), (192, .signaled(64)), (193, .exited(193)),
            (255, .exited(255)),
        ] as [(Int, HostCommandResult.Ending)])
    func `A shell's number is a code or a signal`(status: Int, ending: HostCommandResult.Ending) {
        #expect(HostCommandResult.Ending(shellStatus: status) == ending)
        #expect(ending.shellStatus == status)
    }
}
