import Domain

extension EthereumActions {
    /// Reads when a node is to count as in sync, where a step wants it otherwise than the settings.
    static func standard(_ input: inout InputReader, _ nodes: EthereumNodes) -> NodeReading.Standard {
        let maxHeadAge = input.optionalDuration(
            "max_head_age", "The oldest newest block of a node in sync; the settings' when left out")
        let minPeers = input.optionalInteger(
            "min_peers", "Peers that it must have; the settings' when left out", in: 0...10_000)
        return NodeReading.Standard(
            maxHeadAge: maxHeadAge ?? nodes.standard.maxHeadAge, minPeers: minPeers ?? nodes.standard.minPeers)
    }
}
