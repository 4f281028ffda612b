import Domain
import Foundation
import SSH
import TestSupport
import Testing

/// With a small program in place of systemctl: it keeps the state of one unit in a file, and writes down what it is asked.
@Suite(.enabled(if: SSHServer.isThere)) struct ServiceActionTests {
    private static let systemctl = """
        #!/bin/sh
        cd "$(dirname "$0")"
        verb=$1
        echo "$*" >>asked
        . ./state
        case $verb in
        show)
          echo "LoadState=$load"; echo "ActiveState=$active"; echo "SubState=$sub"; echo "UnitFileState=enabled"
          echo "Result=$result"; echo "Type=simple"; echo "InvocationID=$run"; echo "ExecMainStartTimestampMonotonic=$run"
          [ -z "$job" ] || echo "Job=$job" ;;
        start) active=active sub=running run=$((run + 1)) ;;
        stop) active=inactive sub=dead ;;
        restart) active=active sub=running run=$((run + 1)) ;;
        esac
        [ ! -e broken ] || [ "$verb" = show ] || { active=failed sub=failed result=exit-code; code=1; echo "Job for $3 failed" >&2; }
        printf 'load=%s active=%s sub=%s result=%s run=%s job=%s\\n' $load $active $sub $result $run "$job" >state
        exit ${code:-0}
        """

    private struct Scene {
        let hosts: HostScene
        let tools: TemporaryFolder

        func set(_ state: String) throws { try tools.write(state + "\n", to: "state") }

        /// What was asked to change something.
        func asked() -> [String] {
            let text = (try? String(contentsOfFile: tools.path("asked"), encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("show ") }
        }

        func inputs(_ verb: String) -> JSONValue { ["unit": "geth.service", "do": .string(verb)] }
        func perform(_ verb: String) async throws -> JSONValue {
            try await hosts.perform("ssh.service", inputs(verb))
        }
    }

    private static let up = "load=loaded active=active sub=running result=success run=1 job="
    private static let down = "load=loaded active=inactive sub=dead result=success run=1 job="

    private func run(_ state: String, _ body: (Scene) async throws -> Void) async throws {
        let tools = try TemporaryFolder()
        try tools.write(ServiceActionTests.systemctl, to: "systemctl")
        try tools.write("#!/bin/sh\necho \"journal of $4\"\n", to: "journalctl")
        for name in ["systemctl", "journalctl"] { chmod(tools.path(name), 0o755) }
        let hosts = try await HostScene.start(more: ["SetEnv PATH=\(tools.path("")):/usr/bin:/bin"])
        let scene = Scene(hosts: hosts, tools: tools)
        try scene.set(state)
        try await body(scene)
        await hosts.end()
    }

    @Test func `What runs is not started, and what is stopped is not stopped`() async throws {
        try await run(ServiceActionTests.up) { scene in
            #expect(try await scene.hosts.plan("ssh.service", scene.inputs("start")).changes == [])
            #expect(try await scene.perform("start")["changed"] == false)
            #expect(
                try await scene.hosts.plan("ssh.service", scene.inputs("stop")).changes
                    == ["host web: geth.service: active (running) → stopped"])
            #expect(scene.asked() == [])
            let stopped = try await scene.perform("stop")
            #expect(stopped["active"] == "inactive" && stopped["changed"] == true)
            #expect(try await scene.perform("stop")["changed"] == false)
            #expect(scene.asked() == ["stop -- geth.service"])
            let started = try await scene.perform("start")
            #expect(started["sub"] == "running" && started["changed"] == true)
            #expect(started["summary"] == "host web: geth.service is active (running)")
        }
    }

    @Test func `Its state is told, and nothing is changed`() async throws {
        try await run(ServiceActionTests.down) { scene in
            let state = try await scene.hosts.perform("ssh.service-state", ["unit": "geth.service"])
            #expect(state["active"] == "inactive" && state["enabled"] == "enabled")
            #expect(state["summary"] == "host web: geth.service is inactive (dead)")
            #expect(scene.asked() == [])
        }
    }

    @Test func `A stop that had to kill it is told`() async throws {
        try await run("load=loaded active=active sub=running result=timeout run=1 job=") { scene in
            let stopped = try await scene.perform("stop")
            #expect(stopped["result"] == "timeout")
            #expect(
                stopped["summary"]
                    == "host web: geth.service is inactive (dead), and its last run ended with: timeout")
        }
    }

    @Test func `A restart that was cut off is not done twice`() async throws {
        try await run(ServiceActionTests.up) { scene in
            let action = try #require(
                try scene.hosts.action("ssh.service", scene.inputs("restart")) as? any RemoteOperation)
            let context = scene.hosts.context()
            let handle = try await action.start(context)
            #expect(scene.asked() == [])
            for _ in 1...3 {
                guard case .done(let output) = try await action.observe(handle, context) else {
                    Issue.record("it is not done")
                    return
                }
                #expect(output["changed"] == true)
            }
            #expect(scene.asked() == ["restart -- geth.service"])
        }
    }

    @Test func `A restart that is under way is waited for`() async throws {
        try await run(ServiceActionTests.up) { scene in
            let action = try #require(
                try scene.hosts.action("ssh.service", scene.inputs("restart")) as? any RemoteOperation)
            let context = scene.hosts.context()
            let handle = try await action.start(context)
            try scene.set("load=loaded active=deactivating sub=stop-sigterm result=success run=1 job=77")
            guard case .running(let progress, _) = try await action.observe(handle, context) else {
                Issue.record("it is not waited for")
                return
            }
            #expect(progress == "host web: geth.service is deactivating (stop-sigterm)")
            #expect(scene.asked() == [])
        }
    }

    @Test func `What fails is told with the end of its journal`() async throws {
        try await run(ServiceActionTests.down) { scene in
            try scene.tools.write("", to: "broken")
            for verb in ["start", "restart"] {
                let error = try await scene.hosts.error("ssh.service", scene.inputs(verb))
                #expect(
                    error?.message == "host web: systemctl ended with exit code 1: Job for geth.service failed")
                #expect(error?.details?.contains("journal of --unit=geth.service") == true)
            }
        }
    }

    @Test(arguments: ["not-found", "masked"])
    func `A unit that is none is refused`(load: String) async throws {
        try await run("load=\(load) active=inactive sub=dead result=success run= job=") { scene in
            let message = "host web: geth.service cannot be used: systemd calls it \(load)"
            for verb in ["start", "stop", "restart"] {
                #expect(try await scene.hosts.error("ssh.service", scene.inputs(verb))?.message == message)
            }
            let state = try await scene.hosts.error("ssh.service-state", ["unit": "geth.service"])
            #expect(state?.message == message)
            #expect(scene.asked() == [])
        }
    }
}
