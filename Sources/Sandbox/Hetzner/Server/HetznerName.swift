/// Names as Hetzner allows them.
enum HetznerName {
    /// Throws `invalid_input` for a name that the kind may not have.
    static func check(_ name: String, _ kind: HetznerKind) throws {
        switch kind {
        case .servers:
            guard name.count <= 63, name.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?/) != nil else {
                throw HetznerError.invalid("name", "must be a valid hostname")
            }
        case .volumes:
            guard name.count <= 64, name.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?/) != nil else {
                throw HetznerError.invalid("name", "is invalid")
            }
        case .zones:
            guard name.count <= 253, name.wholeMatch(of: /([a-z0-9_]([a-z0-9_-]*[a-z0-9])?\.)+[a-z]+/) != nil else {
                throw HetznerError.invalid("name", "must be a domain name")
            }
        default:
            guard !name.isEmpty, name.count <= 128, name.first != " ", name.last != " " else {
                throw HetznerError.invalid("name", "is invalid")
            }
        }
    }
}
