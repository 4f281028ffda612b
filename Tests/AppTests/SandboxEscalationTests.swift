import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import App

/// What the sandbox shows when a remedy does not help.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct SandboxEscalationTests {
    @Test func `Who is on call is called level after level, until somebody has it`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            world.standIns.ethereum.set("geth-1", .syncing(behind: 5000))
            try await world.standIns.alerts.fire("geth-stuck-geth-0")
            // Two nodes that are bad: it is not restarted, Lighthouse is not the cause, and then people are called.
            let call = "Needs a person: restart-lighthouse lighthouse-0"
            let told = await world.message(
                in: "C0ONCALL", within: .seconds(150), call,
                "a restart of Lighthouse is no remedy: geth-0 is geth-stuck")
            #expect(told != nil, "\(bot.text) \(world.standIns.slack.messages(in: "C0OPS").map(\.allText))")
            #expect(world.standIns.ethereum.look(at: "geth-0")?.restarts == 0)
            #expect(await world.message(in: "D0OLIVIA1", call) != nil)
            #expect(world.standIns.slack.messages(in: "D0LENA001").isEmpty)
            #expect(await world.message(in: "D0LENA001", within: .seconds(120), call) != nil)
            let job = try #require(try await world.job("restart-lighthouse lighthouse-0"))
            let said = try await world.command("run", "ack \(job)")
            #expect(said.code == 0, "\(said.text)")
            #expect(said.text.contains("nobody else is called"), "\(said.text)")
            for channel in ["C0ONCALL", "D0OLIVIA1", "D0LENA001"] {
                #expect(await world.message(in: channel, "Acknowledged by Olivia Operator") != nil, "\(channel)")
            }
            await bot.end()
        }
    }

    @Test func `A node that stays down is not mended by a restart`() async {
        let ethereum = EthereumStandIn()
        for (condition, word) in [(EthereumCondition.down, "syncing"), (.dead, "down")] {
            ethereum.set("geth-0", condition)
            #expect(ethereum.look(at: "geth-0")?.word == "down")
            let restarts = ethereum.look(at: "geth-0")?.restarts ?? 0
            ethereum.restarted("geth-0")
            #expect(ethereum.look(at: "geth-0")?.restarts == restarts + 1)
            #expect(await ethereum.isSet(ofSwitch: "ethereum.geth-0.dead") == (word == "down"))
        }
    }
}

extension EthereumStandIn {
    fileprivate func isSet(ofSwitch id: String) async -> Bool? {
        await failureSwitches.first { $0.id == id }?.isOn()
    }
}
