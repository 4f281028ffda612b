import Definitions
import Domain
import Foundation
import TestSupport
import Testing
import YAML

@testable import App

/// The alerts of the infrastructure pool and the rules that answer them are written apart: here they are held together.
@Suite struct InfrastructureAlertsTests {
    private static let file = "deploy/infrastructure-pool/monitoring/prometheus-rules.yaml"

    private struct Alert {
        var name: String
        var labels: [String: JSONValue]
    }

    private func alerts() throws -> [Alert] {
        let text = try String(
            contentsOfFile: "\(Project.root)/\(InfrastructureAlertsTests.file)", encoding: .utf8)
        let map = try #require(try KubernetesYAML.documents(text, file: "prometheus-rules.yaml").first)
        let rules = try #require(map.at(path: "data")?["infrastructure.yml"]?.stringValue)
        let groups = try #require(try KubernetesYAML.documents(rules, file: "infrastructure.yml").first?["groups"])
        return (groups.arrayValue ?? []).flatMap { $0["rules"]?.arrayValue ?? [] }.compactMap { rule in
            rule["alert"]?.stringValue.map { Alert(name: $0, labels: rule["labels"]?.objectValue ?? [:]) }
        }
    }

    @Test func `every alert is answered by one rule, with the labels that Prometheus gives it`() async throws {
        let settings = "\(Project.root)/deploy/bot/defimon.example.yaml"
        let files = Bot.Files(settings: settings, root: Project.root)
        let loader = try Bot.loader(files, try await BotEnvironment(process: [:], folder: files.folder))
        let definitions = try #require(loader.load().definitions)
        let rules = definitions.rules.filter { $0.source.rawValue == "alertmanager" }
        let alerts = try alerts()
        #expect(alerts.count == 11)
        // Machines have a disk for the chain and one of the system.
        let places = ["/srv/ethereum", "/"]
        for (alert, mountpoint) in alerts.flatMap({ alert in places.map { (alert, $0) } }) {
            var labels = alert.labels
            labels["alertname"] = .string(alert.name)
            labels["namespace"] = "ethereum"
            labels["mountpoint"] = .string(mountpoint)
            let event: JSONValue = ["status": "firing", "labels": .object(labels)]
            let answering = rules.filter { rule in rule.match.allSatisfy { $0.verdict(on: event).holds } }
            #expect(answering.count == 1, "\(alert.name): \(answering.map { $0.name })")
        }
    }
}
