package import Domain

/// The settings of e-mail.
package struct EmailSettings: Sendable {
    package init(_ input: inout InputReader) {}
}
