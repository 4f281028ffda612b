import Domain
import Foundation

extension ComputeAPI {
    var networkKinds: [ComputeKind] {
        [
            networkKind, subnetworkKind, firewallKind, routerKind,
            addressKind(
                ComputeKind(
                    "addresses", "address", .region, [.get, .list, .aggregatedList, .insert, .delete, .setLabels])),
            addressKind(
                ComputeKind(
                    "globalAddresses", collection: "addresses", "address", .global,
                    [.get, .list, .insert, .delete, .setLabels]
                ).with { $0.permission = "compute.globalAddresses" }),
        ]
    }

    private var networkKind: ComputeKind {
        ComputeKind("networks", "network", .global, [.get, .list, .insert, .delete, .patch]).with { kind in
            kind.patchable = ["routingConfig", "mtu", "networkFirewallPolicyEnforcementOrder"]
            kind.prepare = { state, draft in
                var draft = draft
                guard draft.body["IPv4Range"] == nil, draft.body["autoCreateSubnetworks"] != nil else {
                    throw GoogleError(
                        400, "badRequest",
                        "Invalid value for field 'resource': legacy networks are no longer supported. Set 'autoCreateSubnetworks' to create an auto or custom mode network."
                    )
                }
                try state.checkQuota("NETWORKS", of: draft.path, adding: 1)
                draft.fill("routingConfig", ["routingMode": "REGIONAL"])
                draft.fill("mtu", 1460)
                draft.fill("networkFirewallPolicyEnforcementOrder", "AFTER_CLASSIC_FIREWALL")
                return draft
            }
            kind.users = { state, network in
                state.referring(
                    to: network.path, in: ["subnetworks", "firewalls", "routers", "instances", "forwardingRules"])
            }
        }
    }

    private var subnetworkKind: ComputeKind {
        ComputeKind("subnetworks", "subnetwork", .region, [.get, .list, .aggregatedList, .insert, .delete, .patch])
            .with { kind in
                kind.isFingerprinted = true
                kind.patchable = [
                    "secondaryIpRanges", "privateIpGoogleAccess", "logConfig", "stackType", "description", "purpose",
                    "role",
                ]
                kind.insertPermissions = { call in
                    let network = ComputeReference.path(call.body["network"]?.stringValue ?? "", scope: call.scope)
                    return network.map { [GooglePermission("compute.networks.updatePolicy", on: $0)] } ?? []
                }
                kind.prepare = { state, draft in
                    var draft = draft
                    let network = try draft.resolve("network", state)
                    guard let text = draft.text("ipCidrRange") else {
                        throw GoogleError.required("resource.ipCidrRange")
                    }
                    let range = try IPv4Range.checked(text, field: "resource.ipCidrRange")
                    try state.checkOverlap(range, text, network: network, except: draft.path)
                    draft.fill("gatewayAddress", .string(range.address(1)))
                    draft.fill("privateIpGoogleAccess", false)
                    draft.fill("privateIpv6GoogleAccess", "DISABLE_GOOGLE_ACCESS")
                    draft.fill("purpose", "PRIVATE")
                    draft.fill("stackType", "IPV4_ONLY")
                    let path = draft.path
                    draft.onEnd = { state, _ in
                        state.update(network) { network in
                            let known = network.body["subnetworks"]?.arrayValue ?? []
                            network.body["subnetworks"] = .array(known + [ComputeReference.json(path)])
                        }
                    }
                    return draft
                }
                kind.users = { state, subnetwork in
                    state.referring(to: subnetwork.path, in: ["instances", "forwardingRules"])
                        + state.clusters(on: subnetwork.path)
                }
                kind.leaves = { state, subnetwork, _ in
                    let link = ComputeReference.json(subnetwork.path)
                    for network in state.resources.values where network.path.contains("/global/networks/") {
                        guard let known = network.body["subnetworks"]?.arrayValue, known.contains(link) else {
                            continue
                        }
                        state.update(network.path) { $0.body["subnetworks"] = .array(known.filter { $0 != link }) }
                    }
                }
            }
    }

    private var firewallKind: ComputeKind {
        ComputeKind("firewalls", "firewall", .global, [.get, .list, .insert, .delete, .patch, .update]).with { kind in
            kind.patchable = [
                "description", "priority", "sourceRanges", "destinationRanges", "sourceTags", "targetTags",
                "sourceServiceAccounts", "targetServiceAccounts", "allowed", "denied", "disabled", "logConfig",
            ]
            // Who makes a rule changes the network's policy.
            kind.insertPermissions = { call in
                let named = call.body["network"]?.stringValue ?? "global/networks/default"
                let network = ComputeReference.path(named, scope: call.scope)
                return network.map { [GooglePermission("compute.networks.updatePolicy", on: $0)] } ?? []
            }
            kind.prepare = { state, draft in
                var draft = draft
                draft.fill("network", "global/networks/default")
                _ = try draft.resolve("network", state)
                draft.fill("direction", "INGRESS")
                draft.fill("priority", 1000)
                draft.fill("disabled", false)
                draft.fill("logConfig", ["enable": false])
                if draft.text("direction") == "INGRESS", draft.body["sourceTags"] == nil,
                    draft.body["sourceServiceAccounts"] == nil
                {
                    draft.fill("sourceRanges", ["0.0.0.0/0"])
                }
                if draft.text("direction") == "EGRESS" { draft.fill("destinationRanges", ["0.0.0.0/0"]) }
                try ComputeFirewall.check(draft.body)
                return draft
            }
            kind.check = { _, _, body in try ComputeFirewall.check(body) }
        }
    }

    private var routerKind: ComputeKind {
        ComputeKind("routers", "router", .region, [.get, .list, .aggregatedList, .insert, .delete, .patch]).with {
            kind in
            kind.patchable = ["description", "bgp", "nats", "interfaces", "bgpPeers"]
            kind.prepare = { state, draft in
                var draft = draft
                _ = try draft.resolve("network", state)
                return draft
            }
        }
    }

    private func addressKind(_ kind: ComputeKind) -> ComputeKind {
        kind.with { kind in
            kind.isLabelled = true
            kind.status = ("RESERVING", "RESERVED")
            kind.prepare = { state, draft in
                var draft = draft
                draft.fill("addressType", "EXTERNAL")
                if draft.text("addressType") == "EXTERNAL" {
                    draft.fill("networkTier", "PREMIUM")
                    try state.checkQuota("STATIC_ADDRESSES", of: draft.path, adding: 1)
                } else if draft.body["subnetwork"] != nil {
                    _ = try draft.resolve("subnetwork", state)
                }
                draft.fill("ipVersion", draft.path.contains("/global/") ? "IPV4" : .null)
                if draft.body["ipVersion"] == .null { draft.body["ipVersion"] = nil }
                let isInside = draft.text("addressType") == "INTERNAL"
                draft.fill("address", .string(state.newAddress(isInside: isInside)))
                _ = try ComputeName.labels(draft.body["labels"])
                return draft
            }
            kind.users = { _, address in
                (address.body["users"]?.arrayValue ?? []).compactMap {
                    $0.stringValue.map { String($0.dropFirst(ComputeReference.base.count)) }
                }
            }
        }
    }

    /// Methods on networks that no other kind has.
    var networkMethods: [GoogleMethod] {
        let kind = subnetworkKind
        return [
            method(kind, "expandIpCidrRange", "POST", "/expandIpCidrRange", permission: "expandIpCidrRange") { call in
                try mutate(call) { try expand(kind.path(call), call, &$0, $1) }
            },
            method(
                kind, "setPrivateIpGoogleAccess", "POST", "/setPrivateIpGoogleAccess",
                permission: "setPrivateIpGoogleAccess"
            ) { call in
                try mutate(call) { state, now in
                    let path = kind.path(call)
                    let subnetwork = try state.ready(path, now)
                    let isOn = call.body["privateIpGoogleAccess"] ?? false
                    return state.begin("setPrivateIpGoogleAccess", on: path, id: subnetwork.id, call, now) { state, _ in
                        state.update(path) { $0.body["privateIpGoogleAccess"] = isOn }
                    }
                }
            },
        ]
    }

    private func expand(
        _ path: String, _ call: GoogleCall, _ state: inout GoogleState, _ now: Date
    ) throws -> GoogleOperation {
        let subnetwork = try state.ready(path, now)
        guard let text = try call.text("ipCidrRange") else { throw GoogleError.required("ipCidrRange") }
        let range = try IPv4Range.checked(text, field: "ipCidrRange")
        let old = try IPv4Range.checked(subnetwork.body["ipCidrRange"]?.stringValue ?? "", field: "ipCidrRange")
        guard range.contains(old), range.prefix < old.prefix else {
            throw GoogleError.invalid("ipCidrRange", text, "The new range must be larger than and contain the old one.")
        }
        let network = ComputeReference.path(subnetwork.body["network"]?.stringValue ?? "", scope: call.scope) ?? ""
        try state.checkOverlap(range, text, network: network, except: path)
        return state.begin("expandIpCidrRange", on: path, id: subnetwork.id, call, now) { state, _ in
            state.update(path) { $0.body["ipCidrRange"] = .string(text) }
        }
    }
}
