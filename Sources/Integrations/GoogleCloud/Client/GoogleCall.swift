package import Domain
import Foundation
import Outbound

/// One call of one of Google's REST APIs.
package struct GoogleCall: Sendable, Hashable {
    /// Whose API it is.
    package enum Service: String, Sendable, Hashable {
        /// cloud.google.com/compute/docs/reference/rest/v1
        case compute
        /// cloud.google.com/kubernetes-engine/docs/reference/rest
        case container
        /// cloud.google.com/dns/docs/reference/rest/v1
        case dns
    }

    /// One member of the query.
    package struct Parameter: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var service: Service
    package var method: String
    /// Behind the version: `projects/acme/zones/europe-west3-a/disks`.
    package var path: String
    package var query: [Parameter]
    package var body: JSONValue?

    package init(
        _ service: Service, _ method: String = "GET", _ path: String, query: [Parameter] = [], body: JSONValue? = nil
    ) {
        self.service = service
        self.method = method
        self.path = path
        self.query = query
        self.body = body
    }

    /// Whether Google knows a repetition by an id: `setLabels` of what is global takes none, and is safe to repeat, since
    /// it carries a fingerprint.
    var takesRequestID: Bool { !(path.hasSuffix("/setLabels") && path.split(separator: "/").contains("global")) }

    /// The same call with an id by which Google knows it again, where it takes one.
    package func with(requestID: String) -> GoogleCall {
        guard takesRequestID else { return self }
        var call = self
        call.query.append(Parameter("requestId", requestID))
        return call
    }

    func url(_ endpoints: CloudEndpoints) -> String {
        let root =
            switch service {
            case .compute: endpoints.compute + "/compute/v1/"
            case .container: endpoints.container + "/v1/"
            case .dns: endpoints.dns + "/dns/v1/"
            }
        let pairs = query.map { "\(FormText.encoded($0.name))=\(FormText.encoded($0.value))" }
        return root + FormText.encoded(path, keeping: "/:") + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }
}
