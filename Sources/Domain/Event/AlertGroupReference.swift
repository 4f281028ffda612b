/// A group of alerts, as its source is asked about it.
package struct AlertGroupReference: Sendable, Codable, Hashable {
    /// The receiver to which it was sent.
    package var receiver: String
    /// The labels by which the group is made.
    package var labels: [String: String]

    package init(receiver: String, labels: [String: String]) {
        self.receiver = receiver
        self.labels = labels
    }
}
