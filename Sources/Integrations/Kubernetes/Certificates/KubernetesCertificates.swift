package import Domain

/// What certificates have to do with clusters.
package enum KubernetesCertificates {
    /// Where certificates can go.
    package static func destination(_ clusters: ClusterDirectory) -> CertificateDestinationType {
        CertificateDestinationType("kubernetes", "A Secret of type kubernetes.io/tls in a cluster") {
            TLSSecret(&$0, clusters)
        }
    }

    /// How a proof of control over a name can be led to the bot.
    package static func route(_ clusters: ClusterDirectory) -> ChallengeRouteType {
        ChallengeRouteType("ingress", "An Ingress that the bot makes while it proves that a name is its own") {
            IngressRoute(&$0, clusters)
        }
    }
}
