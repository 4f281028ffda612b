import Domain

/// Where Google's services answer, each without a slash at its end.
package struct CloudEndpoints: Sendable, Hashable {
    package var compute = "https://compute.googleapis.com"
    package var container = "https://container.googleapis.com"
    package var dns = "https://dns.googleapis.com"
    package var oauth = "https://oauth2.googleapis.com"
    package var sts = "https://sts.googleapis.com"
    package var iamCredentials = "https://iamcredentials.googleapis.com"
    package var metadata = "http://metadata.google.internal"

    package init() {}

    init(_ input: inout InputReader) {
        compute = CloudEndpoints.address("compute", "Compute Engine", compute, &input)
        container = CloudEndpoints.address("container", "Kubernetes Engine", container, &input)
        dns = CloudEndpoints.address("dns", "Cloud DNS", dns, &input)
        oauth = CloudEndpoints.address("oauth", "The token service", oauth, &input)
        sts = CloudEndpoints.address("sts", "The service that exchanges tokens", sts, &input)
        iamCredentials = CloudEndpoints.address(
            "iamcredentials", "The service that speaks as a service account", iamCredentials, &input)
        metadata = CloudEndpoints.address("metadata", "The machine's metadata server", metadata, &input)
    }

    private static func address(
        _ name: String, _ help: String, _ usual: String, _ input: inout InputReader
    ) -> String {
        let given = input.text(name, help, pattern: CloudName.address, default: usual)
        return given.hasSuffix("/") ? String(given.dropLast()) : given
    }
}
