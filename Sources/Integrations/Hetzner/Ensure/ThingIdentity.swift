import Domain

/// Who a thing is.
struct ThingIdentity: Sendable {
    let name: String
    /// The pool that it is to belong to.
    let pool: String
    /// Beside the mark.
    let labels: [String: String]

    init(_ input: inout InputReader, _ kind: HetznerKind, pattern: Pattern? = HetznerName.thing) {
        name = input.text("name", "Name of the \(kind.title)", pattern: pattern)
        pool = input.pool()
        labels = input.labels()
    }

    init(name: String, pool: String, labels: [String: String]) {
        self.name = name
        self.pool = pool
        self.labels = labels
    }
}
