import Domain
import Foundation

/// One alert of a delivery, or of an answer of the API, in one form.
struct ReadAlert: Sendable, Hashable {
    var fingerprint: String
    var isFiring: Bool
    var labels: [String: String]
    var annotations: [String: String]
    var startsAt: Date?
    var endsAt: Date?
    var generatorURL: String

    /// The longest subject, in characters.
    static let longestSubject = 200

    /// `GethDown geth-0:8545`: the alert's name, and the thing it is about. A pod comes before the instance, which is
    /// the exporter's own where an exporter speaks for others.
    var subject: String {
        let name = labels["alertname"] ?? "alert without a name"
        let thing =
            if let pod = labels["pod"] { labels["namespace"].map { "\($0)/\(pod)" } ?? pod } else {
                labels["instance"] ?? labels["node"] ?? labels["device"]
            }
        return AlertText.line([name, thing].compactMap { $0 }.joined(separator: " "), atMost: ReadAlert.longestSubject)
    }
}

/// Text from outside as one line.
enum AlertText {
    /// The text without control characters and line breaks, cut to a number of characters.
    static func line(_ text: String, atMost count: Int) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(count * 4) {
            let isPlain = scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value)
            scalars.append(isPlain && scalar.value != 0x2028 && scalar.value != 0x2029 ? scalar : " ")
        }
        return String(String(scalars).prefix(count))
    }
}
