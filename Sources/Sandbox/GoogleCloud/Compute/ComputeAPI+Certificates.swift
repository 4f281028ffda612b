import Domain
import Foundation

extension ComputeAPI {
    /// Certificates, and the proxies that show them: global ones, and those of a region.
    var certificateKinds: [ComputeKind] { httpsProxyKinds + sslCertificateKinds }

    private var httpsProxyKinds: [ComputeKind] {
        let verbs: Set<ComputeKind.Verb> = [.get, .list, .insert, .delete, .patch]
        return [
            ComputeKind("targetHttpsProxies", "targetHttpsProxy", .global, verbs),
            ComputeKind(
                "regionTargetHttpsProxies", collection: "targetHttpsProxies", "targetHttpsProxy", .region, verbs
            ).with { $0.permission = "compute.regionTargetHttpsProxies" },
        ].map { kind in
            kind.with { kind in
                kind.patchable = ["description", "urlMap", "sslCertificates"]
                kind.isFingerprinted = true
                kind.prepare = { state, draft in
                    var draft = draft
                    if draft.body["urlMap"] != nil { _ = try draft.resolve("urlMap", state) }
                    draft.body["sslCertificates"] = try ComputeAPI.certificates(draft.body, draft.call, state)
                    return draft
                }
                kind.users = { state, proxy in state.referring(to: proxy.path, in: ["forwardingRules"]) }
            }
        }
    }

    private var sslCertificateKinds: [ComputeKind] {
        let verbs: Set<ComputeKind.Verb> = [.get, .list, .insert, .delete]
        return [
            ComputeKind("sslCertificates", "sslCertificate", .global, verbs),
            ComputeKind("regionSslCertificates", collection: "sslCertificates", "sslCertificate", .region, verbs)
                .with { $0.permission = "compute.regionSslCertificates" },
        ].map { kind in
            kind.with { kind in
                kind.prepare = { _, draft in
                    var draft = draft
                    draft.body = try ComputeCertificate.shown(draft.body)
                    return draft
                }
                kind.users = { state, certificate in
                    state.referring(to: certificate.path, in: ["targetHttpsProxies"])
                }
            }
        }
    }

    var certificateMethods: [GoogleMethod] {
        httpsProxyKinds.map { kind in
            // The path of the global ones has no `global` here.
            let start = kind.scope == .global ? "projects/{project}" : "projects/{project}/regions/{region}"
            @Sendable func proxy(_ call: GoogleCall) -> String {
                let scope = kind.scope == .global ? "projects/\(call.project)/global" : call.scope
                return "\(scope)/\(kind.collection)/\(call.parameter(kind.parameter))"
            }
            return GoogleMethod(
                "compute.\(kind.name).setSslCertificates", "POST",
                "\(start)/\(kind.collection)/{\(kind.parameter)}/setSslCertificates",
                permissions: { [GooglePermission("\(kind.permission).setSslCertificates", on: proxy($0))] }
            ) { call in
                try mutate(call) { state, now in
                    let path = proxy(call)
                    let found = try state.ready(path, now)
                    let wanted = try ComputeAPI.certificates(call.body, call, state)
                    return state.begin("SetSslCertificates", on: path, id: found.id, call, now) { state, _ in
                        state.update(path) { proxy in
                            proxy.body["sslCertificates"] = wanted
                            proxy.body["fingerprint"] = GoogleResource.fingerprint([
                                proxy.id, "\(proxy.version + 1)",
                            ])
                        }
                    }
                }
            }
        }
    }

    /// The certificates that a proxy is to show: from 1 to 15, each there.
    private static func certificates(
        _ body: [String: JSONValue], _ call: GoogleCall, _ state: GoogleState
    ) throws -> JSONValue {
        let named = (body["sslCertificates"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard !named.isEmpty else { throw GoogleError.required("sslCertificates") }
        guard named.count <= 15 else {
            throw GoogleError.invalid("sslCertificates", String(named.count), "At most 15 certificates may be given.")
        }
        return .array(
            try named.map {
                ComputeReference.json(
                    try ComputeReference.resolve($0, field: "sslCertificates", scope: call.scope, state))
            })
    }
}
