package import Domain
import ServiceLifecycle

/// The sandbox's page: the chat, the alerts, the nodes, the jobs and the failures, live in a browser.
package final class SandboxPage: Service {
    /// How long a request for news waits for some.
    static let longPoll = Duration.seconds(20)
    /// How often is looked for news of what does not tell by itself: the jobs, the chain, others' switches.
    static let lookEvery = Duration.milliseconds(400)

    private let server: SandboxServer

    /// `allowedHosts`: names under which the page may be opened, beside `host`, localhost and plain addresses.
    package init(
        _ world: SandboxWorld, host: String = "127.0.0.1", port: Int = 8080, allowedHosts: Set<String> = [],
        time: any TimeSource = SystemTime()
    ) {
        let routes = SandboxPageRoutes(world: world, time: time)
        let origin = SameOrigin(hosts: allowedHosts.union([host]))
        server = SandboxServer("page", host: host, port: port) { request in
            if let refusal = origin.refusal(of: request) {
                return SandboxPageRoutes.secured(.json(403, ["error": .string(refusal)]))
            }
            return SandboxPageRoutes.secured(await routes.answer(request))
        }
    }

    /// Serves until the service group ends. Throws `SandboxServerError` when the port is taken.
    package func run() async throws { try await server.run() }

    /// `http://127.0.0.1:8080`; waits until it listens.
    package func url() async throws -> String { try await server.url() }
}
