import Domain
import Foundation
import Logging
import Sandbox
import ServiceLifecycle
import Testing

@testable import Kubernetes

/// Runs a stand-in with a token, and the directory of clusters that has it as `test`.
func withStandIn(
    prices: JSONValue? = nil,
    _ body: @escaping @Sendable (KubernetesStandIn, ClusterDirectory) async throws -> Void
) async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    var configuration = KubernetesStandIn.Configuration()
    configuration.timing = .quick
    configuration.bearerToken = Secret("stand-in-token")
    let standIn = KubernetesStandIn(configuration, logger: logger)
    let group = ServiceGroup(configuration: .init(services: [.init(service: standIn)], logger: logger))
    async let running: Void = group.run()
    let port = try #require(URLComponents(string: try await standIn.url())?.port)
    let clusters = try directory(port: port, token: "stand-in-token", prices: prices)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(standIn, clusters)) } catch { outcome = .failure(error) }
    await clusters.shutdown()
    await group.triggerGracefulShutdown()
    try await running
    try outcome.get()
}
