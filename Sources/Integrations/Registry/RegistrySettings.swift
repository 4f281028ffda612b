package import Domain

/// The settings of a container registry.
package struct RegistrySettings: Sendable {
    package init(_ input: inout InputReader) {}
}
