/// One thing of a pool, as its file wants it.
struct EnsuredThing: Sendable {
    var kind: EnsuredKind
    var resource: any EnsuredResource
}
