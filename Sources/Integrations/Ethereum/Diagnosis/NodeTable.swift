import Domain

/// All that was seen of a node, in fixed width.
enum NodeTable {
    static func text(_ look: NodeLook, _ standard: NodeReading.Standard, diskFreePercent: Int? = nil) -> String {
        let reading = look.reading
        var rows: [(String, String)] = [("in sync", reading.obstacles(standard).isEmpty ? "yes" : "no")]
        func add(_ name: String, _ value: String?) { if let value { rows.append((name, value)) } }
        add("Geth", reading.executionFailure?.message ?? reading.client ?? "answers")
        add("head", head(reading))
        add("eth_syncing", syncing(reading.syncing))
        add("Geth's peers", reading.peers.map(String.init) ?? reading.peersFailure?.message)
        add("engine API", engine(look.engine))
        add("Lighthouse", reading.beaconFailure?.message ?? reading.beaconVersion ?? "answers")
        if let beacon = reading.beacon {
            add("sync distance", "\(beacon.distance) slots" + (beacon.isSyncing ? ", syncing" : ""))
            add("el_offline", beacon.isExecutionOffline ? "true: it cannot reach Geth" : "false")
            add("is_optimistic", beacon.isOptimistic ? "true: its blocks are not checked" : "false")
        }
        add("Lighthouse's peers", reading.beaconPeers.map(String.init))
        add("clocks", look.wrongClock)
        add("disk free", diskFreePercent.map { "\($0) %" })
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value.prefix(160)
        }.joined(separator: "\n")
    }

    private static func head(_ reading: NodeReading) -> String? {
        guard let block = reading.block, let age = reading.headAge else { return nil }
        return "block \(block), \(DurationText.human(age)) old"
    }

    private static func syncing(_ syncing: ExecutionClient.Syncing?) -> String? {
        switch syncing {
        case nil: nil
        case .no?: "false"
        case .yes(let current, let highest, _)?: "block \(current) of \(highest)"
        }
    }

    private static func engine(_ answer: EngineClient.Answer?) -> String {
        switch answer {
        case nil: "not tried: the settings have no 'engine' for it"
        case .accepted?: "takes our token"
        case .clock(let words)?, .refused(let words)?: "401: \(words)"
        case .failed(let failure)?: failure.message
        case .noSecret?: "not tried: 'jwt' is no secret of 64 hexadecimal digits"
        }
    }
}
