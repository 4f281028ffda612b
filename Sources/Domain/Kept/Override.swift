/// Kept values that go before what definitions and manifests say.
package enum Override {
    /// With which their keys begin.
    package static let beginning = "override/"
}
