import Domain

/// Paths of hosts, and of what stands there, as inputs of actions. The patterns are constant and compile, which a test
/// shows.
enum HostPath {
    /// Absolute, without control characters.
    static let pattern = try? Pattern("/[^\\x00-\\x1f\\x7f]*")
    /// One that does not end with a slash.
    static let file = try? Pattern("/[^\\x00-\\x1f\\x7f]*[^/\\x00-\\x1f\\x7f]")
    static let device = try? Pattern("/dev/[A-Za-z0-9._/:+-]{1,200}")
    /// chmod(1), without the bits that let a program run as somebody else.
    static let mode = try? Pattern("0?[0-7]{3}")
    /// chown(1): a user, or user and group.
    static let owner = try? Pattern("[a-z_][a-z0-9_-]{0,31}(:[a-z_][a-z0-9_-]{0,31})?")
}
