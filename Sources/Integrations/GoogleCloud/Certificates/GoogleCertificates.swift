package import Domain

/// What certificates have to do with Google Cloud.
package enum GoogleCertificates {
    /// What the bot needs for them.
    package static let permissions: [CloudPermission] = ["", "region"].flatMap { scope in
        let certificates = scope.isEmpty ? "sslCertificates" : "regionSslCertificates"
        let proxies = scope.isEmpty ? "targetHttpsProxies" : "regionTargetHttpsProxies"
        let operations = scope.isEmpty ? "globalOperations" : "regionOperations"
        return [
            CloudPermission.compute("\(certificates).create", "\(certificates)/insert"),
            .compute("\(certificates).delete", "\(certificates)/delete"),
            .compute("\(certificates).get", "\(certificates)/get"),
            .compute("\(certificates).list", "\(certificates)/list"),
            .compute("\(proxies).get", "\(proxies)/get"),
            .compute("\(proxies).setSslCertificates", "\(proxies)/setSslCertificates"),
            .compute("\(operations).get", "\(operations)/get"),
        ]
    }

    /// Where certificates can go.
    package static func destination(_ cloud: CloudConnection) -> CertificateDestinationType {
        CertificateDestinationType("google_cloud", "A target HTTPS proxy of a load balancer at Google Cloud") {
            ProxyCertificate(&$0, cloud)
        }
    }

    /// `analytics-api-2026-11-27-04ab12cd`, 63 characters at most, and a letter first (RFC 1035).
    static func name(_ bundle: CertificateBundle) -> String {
        let isNamed = bundle.name.first.map { $0.isASCII && $0.isLetter } ?? false
        let start = isNamed ? bundle.name : "c\(bundle.name)"
        return "\(start.prefix(62 - bundle.mark.utf8.count))-\(bundle.mark)".lowercased()
    }

    /// By this a certificate at Google is known as the bot's: it has no labels there.
    static func description(_ name: String) -> String { "defimon certificate \(name)" }

    /// Whether the bot has made it, for whatever certificate of the settings.
    static func isOurs(_ resource: JSONValue) -> Bool {
        resource["description"]?.stringValue?.hasPrefix(description("")) == true
    }
}
