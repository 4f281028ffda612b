import Domain

/// What names look like (cloud.google.com/compute/docs/naming-resources).
enum CloudName {
    // The texts are constant and compile, which a test shows; without a pattern Google itself refuses a wrong name.
    /// A project's id, with a domain before it where the organisation is old.
    static let project = try? Pattern("([a-z0-9.-]{1,63}:)?[a-z][-a-z0-9]{4,28}[a-z0-9]")
    static let region = try? Pattern("[a-z]+(-[a-z]+)+[0-9]{1,2}")
    static let zone = try? Pattern("[a-z]+(-[a-z]+)+[0-9]{1,2}-[a-z]")
    /// RFC 1035: most things.
    static let resource = try? Pattern("[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
    /// A value of a label that is not empty.
    static let pool = try? Pattern("[a-z0-9]([-_a-z0-9]{0,61}[a-z0-9])?")
    static let address = try? Pattern("https?://[^\\s/?#@]+(/[^\\s?#]*)?")
    /// IPv4 in CIDR notation.
    static let range = try? Pattern("([0-9]{1,3}\\.){3}[0-9]{1,3}/[0-9]{1,2}")
    /// A type of machine or disk: n2-standard-8, pd-ssd, custom-4-16384-ext.
    static let type = try? Pattern("[a-z][-a-z0-9]{1,61}[a-z0-9]")
    static let serviceAccount = try? Pattern("[-a-z0-9.]{1,100}@[-a-z0-9.]{1,200}\\.gserviceaccount\\.com")
    /// An image: one by name, or the newest of a family.
    static let image = try? Pattern("(projects/[-a-z0-9.:]+/global/)?images/(family/)?[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
    /// `22`, `30303-30305`
    static let ports = try? Pattern("[0-9]{1,5}(-[0-9]{1,5})?")
}
