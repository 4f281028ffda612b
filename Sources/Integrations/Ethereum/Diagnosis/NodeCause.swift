/// What is wrong with a node: a closed list, by which commands and people choose a remedy.
enum NodeCause: String, Sendable, CaseIterable {
    case healthy
    /// Not in sync, and the distance to the head becomes smaller.
    case catchingUp = "catching-up"
    case gethDown = "geth-down"
    /// It runs, or hangs, and its head stands still, though all that it needs is there.
    case gethStuck = "geth-stuck"
    case jwtMismatch = "jwt-mismatch"
    case clockOff = "clock-off"
    case lighthouseDown = "lighthouse-down"
    /// It runs and its head stands still, though it has peers.
    case lighthouseStuck = "lighthouse-stuck"
    case diskFull = "disk-full"
    case noPeers = "no-peers"
    /// The way to it, or between its halves.
    case network
    case unclear

    enum Remedy: String, Sendable, CaseIterable {
        case none
        case restartGeth = "restart-geth"
        case startGeth = "start-geth"
        case restartLighthouse = "restart-lighthouse"
        case fixSecret = "fix-secret"
        case growDisk = "grow-disk"
        case wait
        case ask
    }

    var remedy: Remedy {
        switch self {
        case .healthy: .none
        case .catchingUp: .wait
        case .gethDown: .startGeth
        case .gethStuck: .restartGeth
        case .jwtMismatch: .fixSecret
        case .lighthouseDown, .lighthouseStuck: .restartLighthouse
        case .diskFull: .growDisk
        case .clockOff, .noPeers, .network, .unclear: .ask
        }
    }

    /// What a person does about it, in words.
    var advice: String {
        switch self {
        case .healthy: "nothing is wrong with it"
        case .catchingUp: "wait: its distance to the head becomes smaller, and a restart would throw that away"
        case .gethDown: "start Geth; first look why it ended (its last log lines, out of memory, disk)"
        case .gethStuck: "restart Geth"
        case .jwtMismatch:
            "give Geth and Lighthouse the same JWT secret, then restart both: they read it when they start"
        case .clockOff: "set the clock right (NTP), then look again: their tokens allow a minute"
        case .lighthouseDown: "start Lighthouse; Geth follows the chain only while it is told to"
        case .lighthouseStuck: "restart Lighthouse; Geth follows the chain only while it is told to"
        case .diskFull: "make its disk larger; a restart does not help"
        case .noPeers:
            "look at the firewall (30303 and 9000, TCP and UDP) and the node's address; a restart seldom helps"
        case .network: "look at the way to it: firewall, DNS, Service, the machine; nothing says that Geth is ill"
        case .unclear: "look at both logs: what it says fits no cause that is known"
        }
    }

    /// How long it must have looked like that: what needs no proof by time is said after a second look, since a moment
    /// passes; that something stands still is only seen by waiting.
    var isSeenAtOnce: Bool {
        switch self {
        case .healthy, .catchingUp, .gethDown, .jwtMismatch, .clockOff, .lighthouseDown, .diskFull: true
        case .gethStuck, .lighthouseStuck, .noPeers, .network, .unclear: false
        }
    }

    /// What a restart could mend.
    enum Half: String, Sendable, CaseIterable {
        case execution, consensus
    }

    /// The half that a restart of would be a remedy.
    var half: Half? {
        switch self {
        case .gethDown, .gethStuck: .execution
        case .lighthouseDown, .lighthouseStuck: .consensus
        default: nil
        }
    }

    /// Whether the process is gone, so that starting it takes nothing away.
    var isDown: Bool { self == .gethDown || self == .lighthouseDown }
}
