import Domain

/// What names look like at Hetzner.
enum HetznerName {
    // The texts are constant and compile, which a test shows; without a pattern Hetzner itself refuses a wrong name.
    /// Of a server a valid host name (RFC 1123); we hold all things to it, so that one name fits everything.
    static let thing = try? Pattern("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
    /// A location: fsn1.
    static let location = try? Pattern("[a-z]{2,10}[0-9]{1,2}")
    /// A part of the network in which networks may span locations: eu-central.
    static let zone = try? Pattern("[a-z]{2}-[a-z]{2,20}")
    /// A type of server or load balancer: cx23, cpx31, lb11.
    static let type = try? Pattern("[a-z][a-z0-9-]{1,30}")
    /// An image by name, such as debian-12, or a snapshot by number.
    static let image = try? Pattern("[a-z0-9][-._a-z0-9]{0,61}")
    /// A value of a label that is not empty (docs.hetzner.cloud, Labels).
    static let label = try? Pattern("[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?")
    /// A key of a label, which may have a DNS name before it.
    static let key = try? Pattern(
        "([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?")
    /// As Hetzner's API takes it (docs.hetzner.cloud, Label Selector).
    static let selector = try? Pattern("[A-Za-z0-9!][-._A-Za-z0-9/=!, ()]{0,499}")
    static let address = try? Pattern("https?://[^\\s/?#@]+(/[^\\s?#]*)?")
    /// A port or a range of them: 22, 30000-32767.
    static let ports = try? Pattern("[0-9]{1,5}(-[0-9]{1,5})?")
    /// A DNS name without a dot at its end.
    static let domain = try? Pattern("([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\\.)+[a-z0-9-]{2,63}")
    /// A name of records: one below a zone, `@`, or a whole one.
    static let record = try? Pattern("@|(\\*\\.)?[A-Za-z0-9_]([-A-Za-z0-9_.]{0,251}[A-Za-z0-9_])?\\.?|\\*")
}
