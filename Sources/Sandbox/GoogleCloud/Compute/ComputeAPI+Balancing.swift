import Domain
import Foundation

extension ComputeAPI {
    /// What load balancers are made of.
    var balancingKinds: [ComputeKind] {
        healthCheckKinds + backendKinds + forwardingKinds + proxyKinds + certificateKinds
            + [targetPoolKind, instanceGroupKind]
    }

    private static let changeable: Set<ComputeKind.Verb> = [.get, .list, .insert, .delete, .patch, .update]

    private var healthCheckKinds: [ComputeKind] {
        [
            ComputeKind("healthChecks", "healthCheck", .global, ComputeAPI.changeable),
            ComputeKind("regionHealthChecks", collection: "healthChecks", "healthCheck", .region, ComputeAPI.changeable)
                .with { $0.permission = "compute.regionHealthChecks" },
        ].map { kind in
            kind.with { kind in
                let protocols = [
                    "tcpHealthCheck", "httpHealthCheck", "httpsHealthCheck", "sslHealthCheck", "http2HealthCheck",
                    "grpcHealthCheck",
                ]
                kind.patchable = Set(
                    protocols + [
                        "type", "description", "checkIntervalSec", "timeoutSec", "healthyThreshold",
                        "unhealthyThreshold", "logConfig",
                    ])
                kind.prepare = { _, draft in
                    var draft = draft
                    guard draft.text("type") != nil else { throw GoogleError.required("resource.type") }
                    draft.fill("checkIntervalSec", 5)
                    draft.fill("timeoutSec", 5)
                    draft.fill("healthyThreshold", 2)
                    draft.fill("unhealthyThreshold", 2)
                    draft.fill("logConfig", ["enable": false])
                    try ComputeHealthCheck.check(draft.body)
                    return draft
                }
                kind.check = { _, _, body in try ComputeHealthCheck.check(body) }
                kind.users = { state, check in
                    state.referring(to: check.path, in: ["backendServices", "targetPools", "instanceGroupManagers"])
                }
            }
        }
    }

    private var backendKinds: [ComputeKind] {
        [
            ComputeKind("backendServices", "backendService", .global, ComputeAPI.changeable),
            ComputeKind(
                "regionBackendServices", collection: "backendServices", "backendService", .region, ComputeAPI.changeable
            ).with { $0.permission = "compute.regionBackendServices" },
        ].map { kind in
            kind.with { kind in
                kind.isFingerprinted = true
                kind.patchable = [
                    "description", "backends", "healthChecks", "timeoutSec", "port", "portName", "protocol",
                    "connectionDraining", "sessionAffinity", "affinityCookieTtlSec", "enableCDN", "logConfig",
                    "localityLbPolicy", "failoverPolicy",
                ]
                kind.prepare = { state, draft in
                    var draft = draft
                    try ComputeBackends.check(draft.body, scope: draft.call.scope, state)
                    draft.body = ComputeBackends.linked(draft.body, scope: draft.call.scope)
                    draft.fill("loadBalancingScheme", "EXTERNAL")
                    draft.fill("protocol", draft.path.contains("/regions/") ? "TCP" : "HTTP")
                    draft.fill("timeoutSec", 30)
                    draft.fill("sessionAffinity", "NONE")
                    draft.fill("connectionDraining", ["drainingTimeoutSec": 0])
                    return draft
                }
                kind.check = { state, resource, body in
                    try ComputeBackends.check(body, scope: ComputeReference.scope(of: resource.path), state)
                }
                kind.settled = { state, path, _ in
                    state.update(path) {
                        $0.body = ComputeBackends.linked($0.body, scope: ComputeReference.scope(of: path))
                    }
                }
                kind.users = { state, service in
                    state.referring(
                        to: service.path, in: ["forwardingRules", "urlMaps", "targetTcpProxies", "targetSslProxies"])
                }
            }
        }
    }

    private var forwardingKinds: [ComputeKind] {
        let verbs: Set<ComputeKind.Verb> = [.get, .list, .insert, .delete, .patch]
        return [
            ComputeKind("forwardingRules", "forwardingRule", .region, verbs.union([.aggregatedList, .setLabels])),
            ComputeKind(
                "globalForwardingRules", collection: "forwardingRules", "forwardingRule", .global,
                verbs.union([.setLabels])
            ).with { $0.permission = "compute.globalForwardingRules" },
        ].map { kind in
            kind.with { kind in
                kind.isLabelled = true
                kind.isFingerprinted = true
                kind.patchable = ["description", "allowGlobalAccess", "networkTier"]
                kind.prepare = { try ComputeForwarding.prepare(&$0, $1) }
                kind.settled = { state, path, _ in
                    guard let address = state.reservedAddress(of: path) else { return }
                    state.use(address, by: path, true)
                }
                kind.leaves = { state, rule, _ in
                    guard let address = state.reservedAddress(of: rule.path) else { return }
                    state.use(address, by: rule.path, false)
                }
            }
        }
    }

    private var proxyKinds: [ComputeKind] {
        func kind(
            _ name: String, _ word: String, patchable: Set<String>, references: [String], users: Set<String>,
            isFingerprinted: Bool = false, verbs: Set<ComputeKind.Verb> = [.get, .list, .insert, .delete, .patch]
        ) -> ComputeKind {
            ComputeKind(name, word, .global, verbs).with { kind in
                kind.patchable = patchable
                kind.isFingerprinted = isFingerprinted
                kind.prepare = { state, draft in
                    var draft = draft
                    for member in references where draft.body[member] != nil { _ = try draft.resolve(member, state) }
                    return draft
                }
                kind.users = { state, resource in state.referring(to: resource.path, in: users) }
            }
        }
        return [
            kind(
                "urlMaps", "urlMap",
                patchable: ["description", "defaultService", "hostRules", "pathMatchers", "defaultUrlRedirect"],
                references: ["defaultService"], users: ["targetHttpProxies", "targetHttpsProxies"],
                isFingerprinted: true, verbs: ComputeAPI.changeable),
            kind(
                "targetHttpProxies", "targetHttpProxy", patchable: ["description", "urlMap"], references: ["urlMap"],
                users: ["forwardingRules"], isFingerprinted: true),
            kind(
                "targetTcpProxies", "targetTcpProxy", patchable: [], references: ["service"],
                users: ["forwardingRules"], verbs: [.get, .list, .insert, .delete]),
        ]
    }

    var targetPoolKind: ComputeKind {
        ComputeKind("targetPools", "targetPool", .region).with { kind in
            kind.prepare = { _, draft in
                var draft = draft
                draft.fill("sessionAffinity", "NONE")
                return draft
            }
            kind.users = { state, pool in state.referring(to: pool.path, in: ["forwardingRules"]) }
        }
    }

    var instanceGroupKind: ComputeKind {
        ComputeKind("instanceGroups", "instanceGroup", .zone).with { kind in
            kind.isFingerprinted = true
            kind.prepare = { state, draft in
                var draft = draft
                draft.fill("size", 0)
                if draft.body["network"] != nil { _ = try draft.resolve("network", state) }
                return draft
            }
            kind.users = { state, group in state.referring(to: group.path, in: ["backendServices"]) }
            kind.leaves = { state, group, _ in state.members[group.path] = nil }
        }
    }
}
