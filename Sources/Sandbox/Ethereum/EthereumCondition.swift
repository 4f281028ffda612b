/// What a person switched on for one Ethereum node.
package enum EthereumCondition: Sendable, Hashable {
    case healthy
    /// The head stands still; everything else answers.
    case stuck
    /// Behind by that many blocks, until told otherwise.
    case syncing(behind: Int)
    /// Connections are cut.
    case down
    /// Connections are cut, and a restart does not help.
    case dead
}
