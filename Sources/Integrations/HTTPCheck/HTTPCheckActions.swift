package import Domain

/// What can be done with any web server: looking.
package enum HTTPCheckActions {
    /// For the catalogue. `trustedCertificates` are PEM; nil: the machine's.
    package static func types(trustedCertificates: [UInt8]?) -> [ActionType] {
        [
            ActionType(
                "http.check", "Passes when a URL answers as it should, within a time; redirects are not followed",
                effect: .reads,
                outputs: [
                    ActionType.Output("status", .integer(nil), "The answer's status"),
                    ActionType.Output("milliseconds", .integer(nil), "From the request to the end of what was read"),
                    ActionType.Output(
                        "certificate_days", .integer(nil), "Days until the certificate ends; null without TLS"),
                    ActionType.Output("summary", .text(nil), "One line for people"),
                ]
            ) { HTTPCheck(&$0, trustedCertificates: trustedCertificates) }
        ]
    }
}
