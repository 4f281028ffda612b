import Domain

extension ComputeInstance {
    /// What an insert needs besides `compute.instances.create`, by what the body asks for
    /// (cloud.google.com/compute/docs/reference/rest/v1/instances/insert, "IAM Permissions").
    static let insertPermissions: @Sendable (GoogleCall) -> [GooglePermission] = { call in
        let instance = "\(call.scope)/instances/\(call.body["name"]?.stringValue ?? "")"
        var all: [GooglePermission] = []
        for disk in call.body["disks"]?.arrayValue ?? [] {
            if let source = disk["source"]?.stringValue, let path = ComputeReference.path(source, scope: call.scope) {
                all.append(GooglePermission("compute.disks.use", on: path))
            } else {
                all.append(GooglePermission("compute.disks.create", on: instance))
            }
        }
        for interface in call.body["networkInterfaces"]?.arrayValue ?? [] {
            if let text = interface["subnetwork"]?.stringValue,
                let path = ComputeReference.path(text, scope: call.scope)
            {
                all.append(GooglePermission("compute.subnetworks.use", on: path))
                if interface["accessConfigs"] != nil {
                    all.append(GooglePermission("compute.subnetworks.useExternalIp", on: path))
                }
            } else if let path = ComputeReference.path(
                interface["network"]?.stringValue ?? "global/networks/default", scope: call.scope)
            {
                all.append(GooglePermission("compute.networks.use", on: path))
            }
        }
        for (member, permission) in [
            ("metadata", "setMetadata"), ("labels", "setLabels"), ("tags", "setTags"),
            ("serviceAccounts", "setServiceAccount"),
        ] where call.body[member] != nil {
            all.append(GooglePermission("compute.instances.\(permission)", on: instance))
        }
        for account in call.body["serviceAccounts"]?.arrayValue ?? [] {
            let email = account["email"]?.stringValue ?? "default"
            all.append(
                GooglePermission("iam.serviceAccounts.actAs", on: "projects/\(call.project)/serviceAccounts/\(email)"))
        }
        return all
    }
}
