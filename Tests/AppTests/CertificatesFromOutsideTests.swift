import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@testable import App

/// Certificates by the program itself: asked for, installed, seen, renewed.
@Suite(.serialized, .timeLimit(.minutes(5))) struct CertificatesFromOutsideTests {
    /// The serial number that a server shows for a name; nil when it shows none.
    private func serial(port: Int, for name: String) async -> String? {
        try? await TLSProbe.certificate(host: "127.0.0.1", port: port, serverName: name).serialNumber
    }

    private func issued(_ world: BotFromOutside, _ name: String) -> [ACMEIssue] {
        world.standIns.authority.issued.filter { $0.names == [name] }
    }

    @Test func `certificates are issued, seen at the Ingress, listed, and renewed once though the bot is killed`()
        async throws
    {
        try await BotFromOutside.run { world in
            var bot = try await world.start()
            let port = try await world.standIns.ingress.securePort()
            let deployed = try await world.command("run", "deploy analytics")
            #expect(deployed.code == 0, "\(deployed.text)")

            let plan = try await world.command("run", "rotate-certs --plan")
            #expect(plan.text.contains("into Secret analytics/analytics-tls"), "\(plan.text)")
            #expect(world.standIns.authority.orderCount == 0)

            let first = try await world.command("run", "rotate-certs")
            #expect(first.code == 0, "\(first.text)")
            #expect(first.text.contains("new: analytics-api, bot"), "\(first.text)")
            let old = try #require(issued(world, "analytics.example.com").first?.serialNumber)
            let shown = await serial(port: port, for: "analytics.example.com")
            #expect(shown == old)
            let key = try FileManager.default.attributesOfItem(atPath: world.folder.path("tls/analytics-api.key"))
            #expect(key[.posixPermissions] as? Int == 0o600)

            let listed = try await world.command("run", "certs")
            #expect(listed.code == 0 && listed.text.contains("cluster, disk"), "\(listed.text)")
            let idle = try await world.command("run", "rotate-certs")
            #expect(idle.code == 0 && idle.text.contains("no certificate is due"), "\(idle.text)")
            let wrong = try await world.command("run", "rotate-certs analytics-app")
            #expect(wrong.code == 1 && wrong.text.contains("did you mean 'analytics-api'?"), "\(wrong.text)")

            // The order is made, and the bot is gone.
            let asking = try await RunningProgram(
                Project.binary, ["run", "rotate-certs analytics-api --force", "--config", world.settings],
                in: world.folder, directory: Project.root)
            let isOrdered: Bool? = await eventually(within: .seconds(60)) {
                world.standIns.authority.orderCount > 2 ? true : nil
            }
            try #require(isOrdered == true, "\(bot.text)")
            await bot.end(SIGKILL)
            await asking.end(SIGKILL)
            bot = try await world.start()
            let isNew: Bool? = await eventually(within: .seconds(120)) {
                let all = issued(world, "analytics.example.com")
                let shown = await serial(port: port, for: "analytics.example.com")
                return all.count > 1 && shown == all.last?.serialNumber ? true : nil
            }
            #expect(isNew == true, "\(bot.text)")
            #expect(issued(world, "analytics.example.com").count == 2)
            let revoked = try await world.command("run", "revoke-cert analytics-api")
            #expect(revoked.code == 0, "\(revoked.text)")
            let reasons = issued(world, "analytics.example.com").map(\.revokedFor)
            #expect(reasons == [nil, 1, nil])
            #expect(!bot.text.contains("PRIVATE KEY"))
            await bot.end()
        }
    }

    @Test func `the bot's own listener takes each new certificate without a restart`() async throws {
        try await BotFromOutside.run { world in
            let (proofs, operators) = (try FreePort.take(), try FreePort.take())
            try world.changeSettings(
                "agree_to_terms: true", to: "agree_to_terms: true\n  http_listen: 127.0.0.1:\(proofs)")
            try world.changeSettings(
                "acme:\n", to: "tls: {certificate: bot}\nadmin_listen: 127.0.0.1:\(operators)\nacme:\n")
            world.standIns.bot.set("http://127.0.0.1:\(proofs)")
            let bot = try await world.launch()
            let isReady: Bool? = await eventually(within: .seconds(60)) {
                let answer = try? await world.session.send(
                    HTTPRequest(url: "http://127.0.0.1:\(operators)/readyz"), timeout: .seconds(2))
                return answer?.status == 200 ? true : nil
            }
            try #require(isReady == true, "\(bot.text)")
            let passing = await serial(port: world.port, for: "bot.example.com")
            #expect(passing != nil)

            let first = try await world.command("run", "rotate-certs bot")
            #expect(first.code == 0 && first.text.contains("the bot's own listener"), "\(first.text)")
            let shown = await serial(port: world.port, for: "bot.example.com")
            #expect(shown == issued(world, "bot.example.com").last?.serialNumber && shown != passing)

            var configuration = HTTPSession.Configuration()
            configuration.trustedCertificates = Array(world.standIns.authority.root.utf8)
            configuration.connectTo = ["bot.example.com": "127.0.0.1"]
            let open = try HTTPSession(configuration)
            let url = "https://bot.example.com:\(world.port)/nothing"
            let before = try await open.send(HTTPRequest(url: url)).status
            let second = try await world.command("run", "rotate-certs bot --force")
            #expect(second.code == 0, "\(second.text)")
            let after = try await open.send(HTTPRequest(url: url)).status
            await open.shutdown()
            #expect(before == 404 && after == 404)
            let renewed = await serial(port: world.port, for: "bot.example.com")
            #expect(renewed == issued(world, "bot.example.com").last?.serialNumber && renewed != shown)

            // What was seen at work is there from the first connection after a restart on.
            await bot.end()
            let again = try await world.launch()
            let isBack: Bool? = await eventually(within: .seconds(60)) {
                await serial(port: world.port, for: "bot.example.com") == renewed ? true : nil
            }
            #expect(isBack == true, "\(again.text)")
            await again.end()
        }
    }
}
