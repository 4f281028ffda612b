import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// GitHub's API of webhook deliveries.
@Suite struct GitHubHookDeliveryTests {
    private static let hooks = [
        GitHubStandIn.Hook(id: 1, secret: Secret("one")),
        GitHubStandIn.Hook(id: 2, target: .organization, secret: Secret("two")),
        GitHubStandIn.Hook(id: 3, target: .integration, secret: Secret("three")),
    ]
    private static let path = "/repos/acme/api/hooks/1/deliveries"

    private func fixture(_ bot: FakeBot = FakeBot(), time: any TimeSource = SystemTime()) throws -> GitHubFixture {
        try GitHubFixture(bot: bot, time: time, hooks: GitHubHookDeliveryTests.hooks) {
            $0.repositories[0].workflows = []
        }
    }

    @Test func theListTellsEachTryNewestFirst() async throws {
        let fixture = try fixture(FakeBot { _ in (503, "") })
        try await running(fixture.services) {
            _ = try await fixture.open()
            fixture.github.deliveryLoss = .onTheWay
            let number = try await fixture.open("second")
            fixture.github.deliveryLoss = nil
            try await fixture.github.close(number, repository: "acme/api")
            let list = try await fixture.get(GitHubHookDeliveryTests.path).json.arrayValue ?? []
            #expect(list.map { $0["status_code"] } == [503, 502, 503])
            #expect(list.map { $0["action"] } == ["closed", "opened", "opened"])
            #expect(
                list.map { $0["status"] } == [
                    "Invalid HTTP Response: 503", "failed to connect to host", "Invalid HTTP Response: 503",
                ])
            let members: Set = [
                "id", "guid", "delivered_at", "redelivery", "duration", "status", "status_code", "event", "action",
                "installation_id", "repository_id", "throttled_at",
            ]
            #expect(list.allSatisfy { Set($0.objectValue?.keys.map { $0 } ?? []) == members })
            #expect(list.allSatisfy { $0["redelivery"] == false && $0["event"] == "pull_request" })
            #expect(list.compactMap { $0["id"]?.intValue } == list.compactMap { $0["id"]?.intValue }.sorted(by: >))
        }
    }

    @Test func aNewAttemptIsSentWithTheSameIdAndListedAsRedelivery() async throws {
        let fixture = try fixture()
        try await running(fixture.services) {
            fixture.github.deliveryLoss = .onTheWay
            _ = try await fixture.open()
            fixture.github.deliveryLoss = nil
            #expect(fixture.bot.received.isEmpty)
            let first = try #require(try await fixture.get(GitHubHookDeliveryTests.path).json.arrayValue?.first)
            let id = first["id"]?.plainText ?? ""
            let answer = try await fixture.call("POST", "\(GitHubHookDeliveryTests.path)/\(id)/attempts")
            #expect(answer.status == 202)
            let received = try #require(await eventually { fixture.bot.received.first })
            #expect(received.headers["x-github-delivery"] == first["guid"]?.stringValue)
            let list = try #require(
                try await eventually { () -> [JSONValue]? in
                    let list = try await fixture.get(GitHubHookDeliveryTests.path).json.arrayValue ?? []
                    return list.count == 2 ? list : nil
                })
            #expect(list.map { $0["redelivery"] } == [true, false] && list.map { $0["status_code"] } == [200, 502])
            #expect(list[0]["guid"] == list[1]["guid"] && list[0]["id"] != list[1]["id"])
            let detail = try await fixture.get("\(GitHubHookDeliveryTests.path)/\(id)").json
            #expect(detail.at(path: "request.headers.X-GitHub-Delivery") == first["guid"])
            #expect(detail.at(path: "request.payload.action") == "opened")
        }
    }

    @Test func pagesFollowTheCursor() async throws {
        let fixture = try fixture()
        try await running(fixture.services) {
            for index in 0..<5 { _ = try await fixture.open("b\(index)") }
            var ids: [Int] = []
            var next: String? = GitHubHookDeliveryTests.path + "?per_page=2"
            var pages = 0
            while let path = next, pages < 9 {
                let answer = try await fixture.get(path)
                ids += try answer.json.arrayValue?.compactMap { $0["id"]?.intValue } ?? []
                next = answer.headers["link"].flatMap { link in
                    link.contains("rel=\"next\"") ? String(link.dropFirst().prefix { $0 != ">" }) : nil
                }
                if let next { #expect(next.contains("cursor=v1_") && next.contains("per_page=2")) }
                pages += 1
            }
            #expect(pages == 3 && ids.count == 5 && ids == ids.sorted(by: >))
            #expect(try await fixture.get(GitHubHookDeliveryTests.path + "?cursor=nonsense").status == 422)
        }
    }

    @Test func eachHookHasItsOwnAndIsSeenByThoseWhoMay() async throws {
        let fixture = try fixture()
        try await running(fixture.services) {
            _ = try await fixture.open()
            let app = try GitHubFixture.appHeaders(GitHubFixture.claims(at: Date()))
            for (path, headers) in [
                (GitHubHookDeliveryTests.path, [:]), ("/orgs/acme/hooks/2/deliveries", [:]),
                ("/app/hook/deliveries", app),
            ] {
                let list = try await fixture.get(path, headers).json.arrayValue ?? []
                #expect(list.count == 1, "\(path)")
            }
            let installations = Set(
                (try await fixture.get("/app/hook/deliveries", app).json.arrayValue ?? []).map { $0["installation_id"] }
            )
            #expect(!installations.contains(.null))
            #expect(try await fixture.get("/app/hook/deliveries").status == 401)
            for path in [
                "/repos/acme/api/hooks/2/deliveries", "/repos/acme/api/hooks/9/deliveries",
                "/orgs/acme/hooks/1/deliveries", "/orgs/other/hooks/2/deliveries/1",
                "/repos/acme/no/hooks/1/deliveries",
                GitHubHookDeliveryTests.path + "/12",
            ] {
                #expect(try await fixture.get(path).status == 404, "\(path)")
            }
            #expect(try await fixture.call("POST", GitHubHookDeliveryTests.path + "/12/attempts").status == 404)
        }
    }

    @Test func whatIsOlderThanThreeDaysIsGone() async throws {
        let time = VirtualTime()
        let fixture = try fixture(time: time)
        try await running(fixture.services) {
            _ = try await fixture.open()
            let id = try await fixture.get(GitHubHookDeliveryTests.path).json.arrayValue?.first?["id"]?.plainText ?? ""
            time.advance(by: .seconds(3 * 86_400 + 1))
            #expect(try await fixture.get(GitHubHookDeliveryTests.path).json == [])
            #expect(try await fixture.call("POST", "\(GitHubHookDeliveryTests.path)/\(id)/attempts").status == 404)
        }
    }

    @Test func whatSomebodyElseTookLooksLikeAYes() async throws {
        let fixture = try fixture()
        try await running(fixture.services) {
            fixture.github.deliveryLoss = .takenByOther
            _ = try await fixture.open()
            let list = try await fixture.get(GitHubHookDeliveryTests.path).json.arrayValue ?? []
            #expect(list.map { $0["status_code"] } == [200] && fixture.bot.received.isEmpty)
        }
    }
}
