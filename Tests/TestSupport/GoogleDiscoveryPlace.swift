/// Where a value stands, and for which method's request it is checked.
struct GoogleDiscoveryPlace {
    var path: String
    /// Nil for answers.
    var method: String?

    func below(_ name: String) -> GoogleDiscoveryPlace { .init(path: "\(path).\(name)", method: method) }
}
