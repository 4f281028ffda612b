import Domain
import Foundation

/// What Google makes of a forwarding rule.
enum ComputeForwarding {
    static func prepare(_ state: inout GoogleState, _ draft: ComputeDraft) throws -> ComputeDraft {
        var draft = draft
        guard draft.body["target"] != nil || draft.body["backendService"] != nil else {
            throw GoogleError.required("resource.target")
        }
        for member in ["target", "backendService", "network", "subnetwork"] where draft.body[member] != nil {
            _ = try draft.resolve(member, state)
        }
        draft.fill("loadBalancingScheme", "EXTERNAL")
        draft.fill("IPProtocol", "TCP")
        if draft.text("loadBalancingScheme")?.hasPrefix("EXTERNAL") == true { draft.fill("networkTier", "PREMIUM") }
        if let range = draft.text("portRange"), !range.contains("-") {
            draft.body["portRange"] = .string("\(range)-\(range)")
        }
        _ = try ComputeName.labels(draft.body["labels"])
        draft.body["IPAddress"] = .string(try address(draft, &state))
        return draft
    }

    /// The address that it names (by itself or by a reservation), or a new one.
    private static func address(_ draft: ComputeDraft, _ state: inout GoogleState) throws -> String {
        let isInside = draft.text("loadBalancingScheme")?.hasPrefix("INTERNAL") == true
        guard let text = draft.text("IPAddress") else { return state.newAddress(isInside: isInside) }
        if IPv4Range.number(text) != nil { return text }
        let path = try ComputeReference.resolve(text, field: "resource.IPAddress", scope: draft.call.scope, state)
        guard let reserved = state.resources[path], let address = reserved.body["address"]?.stringValue else {
            throw GoogleError.invalid("resource.IPAddress", text, "It is no address.")
        }
        return address
    }
}

extension GoogleState {
    /// The reservation of a forwarding rule's address.
    func reservedAddress(of rule: String) -> String? {
        guard let address = resources[rule]?.body["IPAddress"] else { return nil }
        return resources.values.first {
            $0.body["kind"] == "compute#address" && $0.body["address"] == address
        }?.path
    }
}
