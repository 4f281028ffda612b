package import Domain

/// The settings of outgoing webhooks.
package struct OutgoingWebhookSettings: Sendable {
    package init(_ input: inout InputReader) {}
}
