import Domain

extension Field {
    /// A URL, as the path that it ends with.
    static func link(_ name: String) -> Reading {
        { $0.at(path: name)?.stringValue.map { .string(ResourcePath.relative($0)) } ?? .null }
    }

    /// The last part of a URL, where Google takes a short name too.
    static func name(_ name: String) -> Reading {
        { $0.at(path: name)?.stringValue.map { .string(ResourcePath.name($0)) } ?? .null }
    }
}
