import Definitions
import Domain
import Foundation
import TestSupport

/// Loads definitions as a test writes them.
enum Loading {
    /// The repository.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Sections whose contents a test does not care for, and one that is read.
    static let sections =
        ["slack", "alertmanager", "clusters"].map { SettingsSection(name: $0, summary: "The section \($0)") { _ in } }
        + [
            SettingsSection(name: "ethereum", summary: "Nodes") { input in
                _ = input.named("nodes", "By name") { _, node in
                    (node.text("execution", "JSON-RPC"), node.text("beacon", "Beacon API"))
                }
            }
        ]

    static func loader(
        root: String, settingsPath: String = "defimon.yaml", environment: [String: String] = [:]
    ) -> DefinitionsLoader {
        DefinitionsLoader(
            root: root, settingsPath: settingsPath, actions: FakeActions.catalogue,
            sections: sections.map { section in
                // Only `ethereum` is read; the others take whatever they find.
                section.name == "ethereum" ? section : .anything(section.name)
            }, decoders: [FakeAlertDecoder(), FakeHookDecoder()], environment: environment)
    }

    /// The problems of these files, one a line as `defimon check` prints them.
    static func problems(_ files: [String: String], environment: [String: String] = [:]) async throws -> [String] {
        let loaded = try await load(files, environment: environment)
        return loaded.problems.map(\.description)
    }

    static func load(_ files: [String: String], environment: [String: String] = [:]) async throws -> LoadedDefinitions {
        let folder = try TemporaryFolder()
        var files = files
        if files["defimon.yaml"] == nil { files["defimon.yaml"] = "listen: 127.0.0.1:0\n" }
        for (name, text) in files { try folder.write(text, to: name) }
        let loaded = await loader(root: folder.url.path, environment: environment).loadAndTryExamples()
        withExtendedLifetime(folder) {}
        return loaded
    }
}

extension SettingsSection {
    /// Takes every key.
    fileprivate static func anything(_ name: String) -> SettingsSection {
        SettingsSection(name: name, summary: "The section \(name)") { input in
            for key in [
                "signing_secrets", "bot_token", "default_channel", "bearer_tokens", "api_url", "infrastructure",
                "analytics",
            ] {
                _ = input.any(key, "Anything")
            }
        }
    }
}
