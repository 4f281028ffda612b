import Domain

typealias WantedField = Domain.WantedField<FieldChange>

/// How a field of a thing at Google Cloud becomes what is wanted.
enum FieldChange: Sendable {
    /// It stays as it was made: the thing would have to be replaced. With what a person could do instead, if that is
    /// known.
    case replacement(hint: String? = nil)
    /// Part of one PATCH with the others, by the member of that name in the wanted body.
    case patch(member: String)
    /// A call of its own. What it sends beside the value, such as a fingerprint, comes from the thing as it is; nil
    /// when this difference would need replacing.
    case call(@Sendable (_ resource: JSONValue, _ path: String) -> GoogleCall?)
}
