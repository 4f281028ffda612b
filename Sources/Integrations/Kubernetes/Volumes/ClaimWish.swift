import Domain

/// How large claims are to become, as the inputs of an action say it.
struct ClaimWish: Sendable {
    /// On a claim that was grown by a share: the step's key and the size, so that a repetition does not grow it twice.
    static let annotation = "defimon/resize"

    private let wish: GrowthWish
    private let most: GrowthSize?

    init(_ input: inout InputReader) {
        wish = GrowthWish(
            input.text(
                "size",
                "The size that each is to have, such as 40Gi, or how much larger it is to become, such as +20% or +200Gi",
                pattern: try? Pattern(GrowthWish.pattern)))
        most = input.optionalText("max", "The size beyond which none grows, such as 4Ti", pattern: GrowthSize.pattern)
            .map(GrowthSize.init)
    }

    /// Throws when the bound is reached already, or the wish is beyond it.
    func size(for claim: ClusterObject, key: String) throws(ActionError) -> GrowthSize {
        try wish.size(
            claim.title, now: claim.requested, marked: claim.annotations[ClaimWish.annotation], most: most, key: key)
    }

    /// What stands in the metadata of the change.
    func metadata(_ size: GrowthSize, _ claim: ClusterObject, key: String) -> JSONValue {
        let version = JSONValue.string(claim.resourceVersion ?? "")
        guard let mark = wish.mark(size, key: key) else { return ["resourceVersion": version] }
        return ["resourceVersion": version, "annotations": [ClaimWish.annotation: .string(mark)]]
    }
}
