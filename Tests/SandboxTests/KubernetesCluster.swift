import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// A running stand-in with a client.
struct KubernetesCluster: Sendable {
    let standIn: KubernetesStandIn
    let url: String
    let session: HTTPSession

    /// Runs one for as long as `body` takes.
    static func run(
        _ configure: (inout KubernetesStandIn.Configuration) -> Void = { _ in },
        _ body: @Sendable (KubernetesCluster) async throws -> Void
    ) async throws {
        var configuration = KubernetesStandIn.Configuration()
        configuration.timing = .quick
        configure(&configuration)
        let standIn = KubernetesStandIn(configuration)
        let session = try HTTPSession()
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await standIn.run() }
                try await body(KubernetesCluster(standIn: standIn, url: try await standIn.url(), session: session))
            }
        } catch {
            await session.shutdown()
            throw error
        }
        await session.shutdown()
    }

    struct Answer {
        var status: Int
        var headers: [String: String]
        var json: JSONValue
    }

    @discardableResult
    func send(
        _ method: String, _ path: String, _ body: String? = nil, type: String = "application/json",
        headers: [(String, String)] = []
    ) async throws -> Answer {
        let response = try await session.send(
            HTTPRequest(
                method: method, url: url + path, headers: headers + (body == nil ? [] : [("Content-Type", type)]),
                body: body.map { Array($0.utf8) }))
        return Answer(
            status: response.status, headers: response.headers,
            json: (try? JSONValue(parsing: response.body)) ?? .string(response.text))
    }

    /// Server-side apply.
    @discardableResult
    func apply(
        _ path: String, _ yaml: String, manager: String = "defimon", force: Bool = false, dryRun: Bool = false
    ) async throws -> Answer {
        try await send(
            "PATCH", "\(path)?fieldManager=\(manager)&force=\(force)\(dryRun ? "&dryRun=All" : "")", yaml,
            type: "application/apply-patch+yaml")
    }

    func object(_ apiVersion: String, _ kind: String, _ name: String, namespace: String = "default") -> JSONValue? {
        standIn.object(apiVersion: apiVersion, kind: kind, namespace: namespace, name: name)
    }

    /// Waits until an object is as wanted.
    @discardableResult
    func wait(
        _ apiVersion: String, _ kind: String, _ name: String, namespace: String = "default",
        _ condition: (JSONValue) -> Bool, sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws -> JSONValue {
        let found: JSONValue? = await eventually(within: .seconds(20)) {
            guard let object = self.object(apiVersion, kind, name, namespace: namespace), condition(object) else {
                return nil
            }
            return object
        }
        return try #require(found, sourceLocation: sourceLocation)
    }

    /// Lines of a watch, read by `body` until it is done.
    func watch(_ path: String, _ body: (JSONValue) -> Bool) async throws -> [JSONValue] {
        let stream = try await session.stream(HTTPRequest(url: url + path))
        var rest: [UInt8] = []
        var events: [JSONValue] = []
        for try await part in stream.body {
            rest += part
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let event = try JSONValue(parsing: rest[..<end])
                rest.removeFirst(end + 1)
                events.append(event)
                if body(event) { return events }
            }
        }
        return events
    }
}

/// Manifests that several tests use.
enum KubernetesManifests {
    static func deployment(_ name: String, replicas: Int? = 2, image: String = "registry.example.com/web:1.0") -> String
    {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: \(name)
          labels: {app: \(name)}
        spec:
          \(replicas.map { "replicas: \($0)" } ?? "revisionHistoryLimit: 10")
          selector: {matchLabels: {app: \(name)}}
          template:
            metadata: {labels: {app: \(name)}}
            spec:
              containers:
              - name: web
                image: \(image)
                ports: [{containerPort: 8080}]
        """
    }

    static func configMap(_ name: String, _ data: String) -> String {
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: \(name)}, data: \(data)}"
    }
}
