import Domain
import Foundation

/// What Google has for everybody: regions, zones, machine types, images. A few of each.
struct ComputeCatalogue {
    /// A machine type: virtual CPUs, memory in mebibytes, and GPUs that it brings.
    struct Machine {
        var name: String
        var processors: Int
        var memory: Int
        var accelerator: (type: String, count: Int)?
    }

    /// An image: its project, family, and least disk in gigabytes.
    struct Image {
        var project: String
        var name: String
        var family: String
        var disk: Int
    }

    static let machines: [Machine] = {
        var all = [
            Machine(name: "e2-micro", processors: 2, memory: 1024),
            Machine(name: "e2-small", processors: 2, memory: 2048),
            Machine(name: "e2-medium", processors: 2, memory: 4096),
            Machine(name: "n1-standard-4", processors: 4, memory: 15_360),
            Machine(name: "n1-standard-8", processors: 8, memory: 30_720),
            Machine(name: "g2-standard-4", processors: 4, memory: 16_384, accelerator: ("nvidia-l4", 1)),
            Machine(name: "g2-standard-8", processors: 8, memory: 32_768, accelerator: ("nvidia-l4", 1)),
            Machine(name: "a2-highgpu-1g", processors: 12, memory: 87_040, accelerator: ("nvidia-tesla-a100", 1)),
        ]
        for count in [2, 4, 8, 16, 32] {
            if count <= 16 {
                all.append(Machine(name: "e2-standard-\(count)", processors: count, memory: count * 4096))
                all.append(Machine(name: "e2-highmem-\(count)", processors: count, memory: count * 8192))
            }
            all.append(Machine(name: "n2-standard-\(count)", processors: count, memory: count * 4096))
            all.append(Machine(name: "n2-highmem-\(count)", processors: count, memory: count * 8192))
            all.append(Machine(name: "n2d-standard-\(count)", processors: count, memory: count * 4096))
        }
        return all
    }()

    static let images = [
        Image(project: "debian-cloud", name: "debian-12-bookworm-v20261110", family: "debian-12", disk: 10),
        Image(
            project: "ubuntu-os-cloud", name: "ubuntu-2404-noble-amd64-v20261105", family: "ubuntu-2404-lts-amd64",
            disk: 10),
        Image(project: "ubuntu-os-cloud", name: "ubuntu-2204-jammy-v20261104", family: "ubuntu-2204-lts", disk: 10),
        Image(project: "cos-cloud", name: "cos-121-18867-90-38", family: "cos-121-lts", disk: 10),
    ]

    static let diskTypes = ["pd-standard", "pd-balanced", "pd-ssd", "pd-extreme", "hyperdisk-balanced"]
    static let accelerators = ["nvidia-tesla-t4", "nvidia-l4", "nvidia-tesla-v100", "nvidia-tesla-a100"]

    private var number = 1000
    private(set) var resources: [String: GoogleResource] = [:]

    init(_ configuration: GoogleCloudStandIn.Configuration) {
        for (region, zones) in configuration.regions.sorted(by: { $0.key < $1.key }) {
            add(region, zones, configuration.project)
        }
        for image in ComputeCatalogue.images { add(image) }
    }

    private mutating func add(_ region: String, _ zones: [String], _ project: String) {
        let regionPath = "projects/\(project)/regions/\(region)"
        put(
            regionPath, "compute#region",
            [
                "name": .string(region), "description": .string(region), "status": "UP",
                "zones": .array(zones.map { ComputeReference.json("projects/\(project)/zones/\($0)") }),
            ])
        for zone in zones {
            let path = "projects/\(project)/zones/\(zone)"
            put(
                path, "compute#zone",
                [
                    "name": .string(zone), "description": .string(zone), "status": "UP",
                    "region": ComputeReference.json(regionPath), "supportsPzs": false,
                ])
            for machine in ComputeCatalogue.machines { add(machine, path, zone) }
            for type in ComputeCatalogue.diskTypes {
                put(
                    "\(path)/diskTypes/\(type)", "compute#diskType",
                    ["name": .string(type), "zone": ComputeReference.json(path), "validDiskSize": "10GB-65536GB"])
            }
            for type in ComputeCatalogue.accelerators {
                put(
                    "\(path)/acceleratorTypes/\(type)", "compute#acceleratorType",
                    ["name": .string(type), "zone": ComputeReference.json(path), "maximumCardsPerInstance": 4])
            }
        }
    }

    private mutating func add(_ machine: Machine, _ path: String, _ zone: String) {
        var body: [String: JSONValue] = [
            "name": .string(machine.name), "zone": .string(zone), "guestCpus": .int(Int64(machine.processors)),
            "memoryMb": .int(Int64(machine.memory)), "maximumPersistentDisks": 128,
            "maximumPersistentDisksSizeGb": "263168",
            "isSharedCpu": .bool(machine.processors == 2 && machine.memory <= 4096),
            "description": .string("\(machine.processors) vCPUs, \(machine.memory / 1024) GB RAM"),
        ]
        if let accelerator = machine.accelerator {
            body["accelerators"] = [
                [
                    "guestAcceleratorType": .string(accelerator.type),
                    "guestAcceleratorCount": .int(Int64(accelerator.count)),
                ]
            ]
        }
        put("\(path)/machineTypes/\(machine.name)", "compute#machineType", body)
    }

    private mutating func add(_ image: Image) {
        put(
            "projects/\(image.project)/global/images/\(image.name)", "compute#image",
            [
                "name": .string(image.name), "family": .string(image.family), "status": "READY", "sourceType": "RAW",
                "diskSizeGb": .string(String(image.disk)), "archiveSizeBytes": "1073741824", "architecture": "X86_64",
            ])
    }

    private mutating func put(_ path: String, _ kind: String, _ body: [String: JSONValue]) {
        number += 1
        let made: [String: JSONValue] = [
            "kind": .string(kind), "id": .string(String(number)), "selfLink": ComputeReference.json(path),
            "creationTimestamp": "2026-01-01T00:00:00.000-08:00",
        ]
        resources[path] = GoogleResource(
            path: path, body: made.merging(body) { $1 }, isReady: true, visibleFrom: .distantPast)
    }
}

extension ComputeAPI {
    /// Kinds that can only be read.
    var catalogueKinds: [ComputeKind] {
        let reads: Set<ComputeKind.Verb> = [.get, .list]
        return [
            ComputeKind("machineTypes", "machineType", .zone, reads),
            ComputeKind("diskTypes", "diskType", .zone, reads),
            ComputeKind("acceleratorTypes", "acceleratorType", .zone, reads),
            ComputeKind("images", "image", .global, reads),
        ]
    }

    /// Regions and zones, which stand at the project itself, and the newest image of a family.
    var placeMethods: [GoogleMethod] {
        [("regions", "region"), ("zones", "zone")].flatMap { collection, word -> [GoogleMethod] in
            [
                GoogleMethod(
                    "compute.\(collection).get", "GET", "projects/{project}/\(collection)/{\(word)}",
                    permissions: {
                        [GooglePermission("compute.\(collection).get", on: $0.scope)]
                    }
                ) { call in
                    try world.read { state, now in .json(200, .object(try state.found(call.scope, now).body)) }
                },
                GoogleMethod(
                    "compute.\(collection).list", "GET", "projects/{project}/\(collection)",
                    permissions: { [GooglePermission("compute.\(collection).list", on: "projects/\($0.project)")] }
                ) { call in
                    let path = "projects/\(call.project)/\(collection)"
                    let items = try world.read { state, _ in state.all(in: path).map { JSONValue.object($0.body) } }
                    let page = try GooglePage(items, call)
                    var members: [String: JSONValue] = [
                        "kind": .string("compute#\(word)List"), "id": .string(path), "items": .array(page.items),
                        "selfLink": ComputeReference.json(path),
                    ]
                    if let next = page.next { members["nextPageToken"] = .string(next) }
                    return .json(200, .object(members))
                },
            ]
        } + [familyMethod]
    }

    private var familyMethod: GoogleMethod {
        GoogleMethod(
            "compute.images.getFromFamily", "GET", "projects/{project}/global/images/family/{family}",
            permissions: { [GooglePermission("compute.images.getFromFamily", on: "projects/\($0.project)")] }
        ) { call in
            try world.read { state, _ in
                guard let image = state.image(family: call.parameter("family"), in: call.project) else {
                    throw GoogleError.notFound("\(call.scope)/images/family/\(call.parameter("family"))")
                }
                return .json(200, .object(image.body))
            }
        }
    }
}

extension GoogleState {
    /// The newest image of a family.
    func image(family: String, in project: String) -> GoogleResource? {
        all(in: "projects/\(project)/global/images").last { $0.body["family"]?.stringValue == family }
    }
}
