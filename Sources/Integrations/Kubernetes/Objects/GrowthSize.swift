import Domain

/// A size as people write one of a volume or of memory: `40Gi`, as Kubernetes does, or `40GiB`.
struct GrowthSize: Sendable, Hashable {
    // The text is constant and compiles; without it the API server itself refuses a wrong size.
    static let pattern = try? Pattern("[1-9][0-9]{0,6}(Mi|Gi|Ti|Pi|M|G|T|P)B?")

    /// As Kubernetes writes it.
    let text: String
    let bytes: Double

    init(_ text: String) {
        let plain = text.hasSuffix("B") ? String(text.dropLast()) : text
        self.text = plain
        bytes = ResourceAmount.parse(.string(plain)) ?? 0
    }
}
