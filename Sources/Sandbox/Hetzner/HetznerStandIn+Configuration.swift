package import Domain

extension HetznerStandIn {
    /// What there is at the start, and how long things take.
    package struct Configuration: Sendable {
        /// Tokens that are taken, each for the one project.
        package var tokens: [Secret]
        /// Requests an hour; Hetzner's own limit is 3600.
        package var requestsAnHour = 3600
        /// How long actions with a command run.
        package var running: [String: Duration] = [
            "create_server": .seconds(4), "delete_server": .seconds(1), "rebuild_server": .seconds(4),
            "change_server_type": .seconds(4), "create_image": .seconds(4), "create_load_balancer": .seconds(2),
        ]
        /// How long all others run.
        package var runningOtherwise: Duration = .milliseconds(800)
        /// How long a server takes to shut down once it was asked.
        package var shutdownTakes: Duration = .seconds(2)
        /// Whether the deletion of a load balancer is answered with an action, as later versions of the API do, or with
        /// 204 and nothing.
        package var tellsDeletionOfBalancers = false
        /// Zones of names: `example.com`.
        package var zones = ["example.com"]
        /// What stands there already.
        package var seed: Seed?

        package init(tokens: [Secret]) { self.tokens = tokens }
    }
}
