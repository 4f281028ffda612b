import Domain

typealias WantedField = Domain.WantedField<HetznerChange>

/// How a field of a thing at Hetzner becomes what is wanted.
enum HetznerChange: Sendable {
    /// It stays as it was made: the thing would have to be replaced. With what a person could do instead, if that is
    /// known.
    case replacement(hint: String? = nil)
    /// A call, worked out from the thing as it is; nil when this difference would need replacing. A field may need
    /// several, one after the other.
    case call(@Sendable (_ thing: JSONValue, _ path: String) -> HetznerCall?)
}
