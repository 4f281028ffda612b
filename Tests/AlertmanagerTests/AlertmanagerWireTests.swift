import Alertmanager
import Domain
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: WireData.isThere)) struct AlertmanagerWireTests {
    private func events(_ bytes: [UInt8]) async throws -> [Event] {
        try await AlertmanagerEventDecoder(client: nil).events(in: Fixture.delivery(bytes))
    }

    @Test func everyBodyOfVersion4GivesOneEventPerAlert() async throws {
        let names = WireData.files(in: "alertmanager", suffix: ".json").filter {
            $0.hasPrefix("webhook.v4.") && !$0.contains("documented_schema")
        }
        #expect(names.count >= 16)
        for name in names {
            let bytes = try WireData.bytes("alertmanager/\(name)")
            try await check(bytes, JSONValue(parsing: bytes), name)
        }
    }

    @Test func everyCapturedBodyGivesOneEventPerAlert() async throws {
        var seen = 0
        for name in WireData.files(in: "alertmanager/captured", suffix: ".json") {
            let capture = try JSONValue(parsing: WireData.bytes("alertmanager/captured/\(name)"))
            guard let raw = capture["body_raw"]?.stringValue, !raw.isEmpty else { continue }
            seen += 1
            try await check(Array(raw.utf8), JSONValue(parsing: raw), name)
        }
        #expect(seen >= 11)
    }

    private func check(_ bytes: [UInt8], _ body: JSONValue, _ name: String) async throws {
        let events = try await events(bytes)
        let alerts = try #require(body["alerts"]?.arrayValue)
        let cut = body["truncatedAlerts"]?.intValue ?? 0
        #expect(events.filter { $0.kind == "alert" }.count == alerts.count, "\(name)")
        #expect(
            events.filter { $0.kind == "truncated" }.map { $0.attributes["truncated"] }
                == (cut > 0 ? [.int(Int64(cut))] : []))
        for (event, alert) in zip(events, alerts) {
            guard case .alert(let state) = event.origin else {
                Issue.record("\(name): no alert")
                continue
            }
            #expect(event.attributes["labels"] == alert["labels"])
            #expect(event.attributes["annotations"] == alert["annotations"])
            #expect(state.isFiring == ((alert["status"] ?? body["status"]) == "firing"))
            #expect((state.endsAt == nil) == state.isFiring)
            if let given = alert["fingerprint"]?.stringValue {
                #expect(state.fingerprint == given)
                // The labels alone give the same name: where Alertmanager gives none, ours is the same.
                var copy = try #require(alert.objectValue)
                copy["fingerprint"] = nil
                let again = try await Fixture.events(Fixture.body([.object(copy)])).first
                #expect(again?.attributes["fingerprint"] == .string(given), "\(name)")
            }
        }
    }

    @Test(arguments: [
        "webhook.v3.dingtalk_playground.json", "grafana.webhook.firing.json", "grafana.webhook.resolved.json",
    ])
    func otherVersionsAreNotUnderstood(name: String) async throws {
        let error = await #expect(throws: UndecodableDelivery.self) {
            try await events(WireData.bytes("alertmanager/\(name)"))
        }
        #expect(error?.reason.contains("only Alertmanager's webhook version \"4\"") == true)
    }

    @Test func capturedCredentialsAreProven() async throws {
        let settings = try Fixture.settings([
            "basic": ["bot": ["password": ["env": "BOT"]]], "bearer_tokens": [["env": "T"]],
        ])
        for name in ["basic-auth-firing.json", "bearer-firing.json"] {
            let capture = try JSONValue(parsing: WireData.bytes("alertmanager/captured/\(name)"))
            let headers = capture.at(path: "request.headers")?.arrayValue ?? []
            let shown = try #require(
                headers.first { $0.at(path: "0") == "Authorization" }?.at(path: "1")?.stringValue)
            let words = shown.split(separator: " ").map(String.init)
            let password = Data(base64Encoded: words[1]).map { String(decoding: $0, as: UTF8.self).dropFirst(4) }
            let secrets = FixedSecrets(values: ["BOT": String(password ?? "-"), "T": words[1]])
            let verifier = try AlertmanagerVerifier(settings, secrets: secrets)
            let raw = try #require(capture["body_raw"]?.stringValue)
            let proof = try verifier.proof(of: Fixture.delivery(Array(raw.utf8), headers: ["authorization": shown]))
            #expect(proof.sender == (name.hasPrefix("basic") ? "user bot" : "bearer token 1"))
        }
    }
}
