package import Domain

/// The settings of GitHub.
package struct GitHubSettings: Sendable {
    package init(_ input: inout InputReader) {}
}
