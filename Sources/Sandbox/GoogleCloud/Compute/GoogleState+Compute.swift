import Domain
import Foundation

extension GoogleState {
    /// Paths of what names a resource in one of its members, in some collections.
    func referring(to path: String, in collections: Set<String>) -> [String] {
        let link = ComputeReference.json(path)
        return resources.values.filter { resource in
            collections.contains(GoogleState.last(GoogleState.parent(resource.path)))
                && GoogleState.mentions(link, .object(resource.body.filter { $0.key != "selfLink" }))
        }.map(\.path).sorted()
    }

    /// `projects/p/zones/z/disks` of a disk's path.
    static func parent(_ path: String) -> String { path.split(separator: "/").dropLast().joined(separator: "/") }

    private static func mentions(_ link: JSONValue, _ value: JSONValue) -> Bool {
        switch value {
        case .array(let items): items.contains { mentions(link, $0) }
        case .object(let members): members.values.contains { mentions(link, $0) }
        default: value == link
        }
    }

    /// Ranges of one network must not overlap.
    func checkOverlap(_ range: IPv4Range, _ text: String, network: String, except path: String) throws {
        let link = ComputeReference.json(network)
        for other in resources.values where other.body["kind"] == "compute#subnetwork" && other.path != path {
            guard other.body["network"] == link else { continue }
            let secondary = other.body["secondaryIpRanges"]?.arrayValue?.compactMap { $0["ipCidrRange"]?.stringValue }
            let ranges = [other.body["ipCidrRange"]?.stringValue ?? ""] + (secondary ?? [])
            guard ranges.compactMap(IPv4Range.init).contains(where: range.overlaps) else { continue }
            throw GoogleError(
                400, "invalid",
                "Invalid IPCidrRange: \(text) conflicts with existing subnetwork '\(other.name)' in region "
                    + "'\(ComputeReference.region(of: other.path) ?? "")'.")
        }
    }

    /// An address that nobody has: of 203.0.113.0/24 and what follows for the outside, else of 10.128.0.0/9.
    mutating func newAddress(isInside: Bool) -> String {
        let number = UInt32(truncatingIfNeeded: newNumber())
        return IPv4Range.text((isInside ? 0x0A80_0002 : 0xCB00_7100) &+ number)
    }

    /// Throws `quotaExceeded` when so much more would be too much.
    func checkQuota(_ metric: String, of path: String, adding: Int) throws {
        guard let limit = failures.quotas[metric], used(metric, of: path) + adding > limit else { return }
        throw GoogleError.quota(metric, limit: limit, region: ComputeReference.region(of: path) ?? "global")
    }

    /// What is used of a metric in the region of a path, or globally.
    func used(_ metric: String, of path: String) -> Int {
        let region = ComputeReference.region(of: path)
        let there = resources.values.filter { ComputeReference.region(of: $0.path) == region }
        func of(_ kind: String) -> [GoogleResource] { there.filter { $0.body["kind"]?.stringValue == kind } }
        switch metric {
        case "NETWORKS": return of("compute#network").count
        case "INSTANCES": return of("compute#instance").count
        case "STATIC_ADDRESSES":
            return of("compute#address").filter { $0.body["addressType"] == "EXTERNAL" }.count
        case "CPUS":
            return of("compute#instance").filter { $0.status != "TERMINATED" }.reduce(0) { $0 + processors(of: $1) }
        case "DISKS_TOTAL_GB", "SSD_TOTAL_GB":
            return of("compute#disk").filter { GoogleState.metric(ofDisk: $0.body) == metric }
                .reduce(0) { $0 + $1.number("sizeGb") }
        default: return 0
        }
    }

    /// Which quota a disk counts for.
    static func metric(ofDisk body: [String: JSONValue]) -> String {
        last(body["type"]?.stringValue ?? "") == "pd-standard" ? "DISKS_TOTAL_GB" : "SSD_TOTAL_GB"
    }

    /// Virtual CPUs of an instance.
    func processors(of instance: GoogleResource) -> Int {
        let type = ComputeReference.path(instance.body["machineType"]?.stringValue ?? "", scope: instance.path)
        return type.flatMap { resources[$0] }?.number("guestCpus") ?? 0
    }

    /// Who uses a thing, as its member `users` says.
    mutating func use(_ path: String, by user: String, _ isUsed: Bool) {
        let link = ComputeReference.json(user)
        update(path) { resource in
            var users = (resource.body["users"]?.arrayValue ?? []).filter { $0 != link }
            if isUsed { users.append(link) }
            resource.body["users"] = users.isEmpty ? nil : .array(users)
            if resource.body["kind"] == "compute#address" {
                resource.body["status"] = users.isEmpty ? "RESERVED" : "IN_USE"
            }
        }
    }
}
