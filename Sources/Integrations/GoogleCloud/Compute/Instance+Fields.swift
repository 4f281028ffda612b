import Domain

extension Instance {
    /// What it is made of.
    func body(_ home: InstanceHome) -> [String: JSONValue] {
        let boot: JSONValue = [
            "boot": true, "autoDelete": true,
            "initializeParams": [
                "sourceImage": .string(Disk.path(ofImage: bootImage, "projects/\(home.project)")),
                "diskSizeGb": .string(String(bootSize)), "diskType": .string(home.type("diskTypes", bootType)),
                "labels": [PoolMark.word: .string(pool)],
            ],
        ]
        var interface: [String: JSONValue] = ["subnetwork": .string(home.subnetwork(subnetwork))]
        if external != .none {
            var access: [String: JSONValue] = ["type": "ONE_TO_ONE_NAT", "name": "External NAT"]
            if external == .reserved, let externalAddress { access["natIP"] = .string(externalAddress) }
            interface["accessConfigs"] = [.object(access)]
        }
        var body: [String: JSONValue] = [
            "machineType": .string(home.type("machineTypes", machineType)),
            "disks": .array([boot] + disks.map { Instance.attached($0, home) }),
            "networkInterfaces": [.object(interface)],
            "deletionProtection": .bool(isProtected),
            "shieldedInstanceConfig": [
                "enableSecureBoot": .bool(hasSecureBoot), "enableVtpm": true, "enableIntegrityMonitoring": true,
            ],
        ]
        if !tags.isEmpty { body["tags"] = ["items": Field.strings(tags)] }
        if !metadata.isEmpty { body["metadata"] = ["items": .array(Instance.items(metadata))] }
        if let serviceAccount {
            body["serviceAccounts"] = [
                ["email": .string(serviceAccount), "scopes": [.string(TokenService.scope)]]
            ]
        }
        return body
    }

    /// The boot disk of a template, whose type is a name alone.
    static func bootDisk(of body: [String: JSONValue], type: String) -> JSONValue {
        guard case .object(var disk)? = body["disks"]?.arrayValue?.first,
            case .object(var parameters)? = disk["initializeParams"]
        else { return .null }
        parameters["diskType"] = .string(type)
        disk["initializeParams"] = .object(parameters)
        return .object(disk)
    }

    /// A disk of its own, which outlives the instance.
    static func attached(_ disk: String, _ home: InstanceHome, mode: String = "READ_WRITE") -> JSONValue {
        [
            "source": .string(home.disk(disk)), "deviceName": .string(disk), "mode": .string(mode),
            "autoDelete": false,
        ]
    }

    func fields(_ home: InstanceHome) -> [WantedField] {
        var fields = [
            WantedField(
                name: "machineType", wanted: .string(machineType), present: Field.name("machineType"),
                change: .replacement(hint: "gcp.instance-set-machine-type stops it, changes the type and starts it")),
            WantedField(
                name: "subnetwork", wanted: .string(home.subnetwork(subnetwork)),
                present: Field.link("networkInterfaces.0.subnetwork"), change: .replacement()),
            WantedField(
                name: "secureBoot", wanted: .bool(hasSecureBoot),
                present: Field.value("shieldedInstanceConfig.enableSecureBoot", usual: false),
                change: .replacement(
                    hint: "stop it, then: gcloud compute instances update \(name) --[no-]shielded-secure-boot")
            ),
            externalField, diskField(home), tagField, metadataField, protectionField,
        ]
        if let serviceAccount {
            fields.append(
                WantedField(
                    name: "serviceAccount", wanted: .string(serviceAccount),
                    present: Field.value("serviceAccounts.0.email"),
                    change: .replacement(
                        hint: "stop it, then: gcloud compute instances set-service-account \(name)")))
        }
        return fields
    }

    private var externalField: WantedField {
        let reserved = external == .reserved ? externalAddress : nil
        return WantedField(
            name: "external_ip", wanted: .string(reserved ?? external.rawValue),
            present: { resource in
                guard let access = resource.at(path: "networkInterfaces.0.accessConfigs.0") else { return "none" }
                return reserved == nil ? "ephemeral" : access["natIP"] ?? "none"
            }, change: .replacement())
    }

    private func diskField(_ home: InstanceHome) -> WantedField {
        let wanted = disks
        // One that took another's place, such as a restored one, has its device name.
        @Sendable func names(_ resource: JSONValue) -> Set<String> {
            Set(AttachedDisk.all(of: resource).flatMap { [$0.name, $0.device] })
        }
        return WantedField(
            name: "disks", wanted: Field.sortedStrings(wanted),
            present: { Field.sortedStrings(names($0).filter(wanted.contains)) },
            change: .call { resource, path in
                let there = names(resource)
                guard let missing = wanted.first(where: { !there.contains($0) }) else { return nil }
                return GoogleCall(
                    .compute, "POST", "\(path)/attachDisk", body: Instance.attached(missing, home))
            })
    }

    private var tagField: WantedField {
        let wanted = tags
        return WantedField(
            name: "network_tags", wanted: Field.sortedStrings(wanted), present: Field.set("tags.items"),
            change: .call { resource, path in
                var body: [String: JSONValue] = ["items": Field.strings(wanted)]
                body["fingerprint"] = resource.at(path: "tags.fingerprint")
                return GoogleCall(.compute, "POST", "\(path)/setTags", body: .object(body))
            })
    }

    /// Values are not shown: people put much into them.
    private var metadataField: WantedField {
        let wanted = metadata
        return WantedField(
            name: "metadata", wanted: .object(wanted.mapValues(JSONValue.string)),
            present: { .object(Instance.entries($0).filter { wanted[$0.key] != nil }.mapValues(JSONValue.string)) },
            change: .call { resource, path in
                let all = Instance.entries(resource).merging(wanted) { $1 }
                var body: [String: JSONValue] = ["items": .array(Instance.items(all))]
                body["fingerprint"] = resource.at(path: "metadata.fingerprint")
                return GoogleCall(.compute, "POST", "\(path)/setMetadata", body: .object(body))
            },
            words: { present, _ in
                wanted.keys.sorted().filter { present[$0]?.stringValue != wanted[$0] }
                    .map { present[$0] == nil ? "\($0) is new" : "\($0) changes" }.joined(separator: ", ")
            })
    }

    private var protectionField: WantedField {
        let wanted = isProtected
        return WantedField(
            name: "deletionProtection", wanted: .bool(wanted), present: Field.value("deletionProtection", usual: false),
            change: .call { _, path in
                GoogleCall(
                    .compute, "POST", "\(path)/setDeletionProtection",
                    query: [.init("deletionProtection", wanted ? "true" : "false")])
            })
    }

    private static func entries(_ resource: JSONValue) -> [String: String] {
        var found: [String: String] = [:]
        for item in resource.at(path: "metadata.items")?.arrayValue ?? [] {
            if let key = item["key"]?.stringValue { found[key] = item["value"]?.stringValue ?? "" }
        }
        return found
    }

    private static func items(_ entries: [String: String]) -> [JSONValue] {
        entries.sorted { $0.key < $1.key }.map { ["key": .string($0.key), "value": .string($0.value)] }
    }
}
