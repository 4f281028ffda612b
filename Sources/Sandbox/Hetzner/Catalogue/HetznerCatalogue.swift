import Domain

/// What Hetzner has to offer: places, types of servers and load balancers, images and prices, as they were in 2026.
struct HetznerCatalogue {
    struct Place {
        let id: Int
        let name: String
        let datacenter: String
        let city: String
        let country: String
        let zone: String
        let latitude: Double
        let longitude: Double
    }

    static let places = [
        Place(
            id: 1, name: "fsn1", datacenter: "fsn1-dc14", city: "Falkenstein", country: "DE", zone: "eu-central",
            latitude: 50.47612, longitude: 12.370071),
        Place(
            id: 2, name: "nbg1", datacenter: "nbg1-dc3", city: "Nuremberg", country: "DE", zone: "eu-central",
            latitude: 49.452102, longitude: 11.076665),
        Place(
            id: 3, name: "hel1", datacenter: "hel1-dc2", city: "Helsinki", country: "FI", zone: "eu-central",
            latitude: 60.169855, longitude: 24.938379),
        Place(
            id: 4, name: "ash", datacenter: "ash-dc1", city: "Ashburn, VA", country: "US", zone: "us-east",
            latitude: 39.045821, longitude: -77.487073),
    ]

    /// Name, cores, gigabytes of memory and of disk, net price of a month in euros.
    static let machines: [(name: String, cores: Int, memory: Int, disk: Int, price: Double)] = [
        ("cx22", 2, 4, 40, 3.79), ("cx32", 4, 8, 80, 6.8), ("cx42", 8, 16, 160, 16.4), ("cx52", 16, 32, 320, 32.4),
        ("cx23", 2, 4, 40, 3.49), ("cx33", 4, 8, 80, 5.49), ("cx43", 8, 16, 160, 9.49), ("cx53", 16, 32, 320, 17.49),
        ("cpx11", 2, 2, 40, 4.35), ("cpx21", 3, 4, 80, 7.55), ("cpx31", 4, 8, 160, 13.6),
        ("cpx41", 8, 16, 240, 25.2), ("cpx51", 16, 32, 360, 54.9), ("cpx22", 2, 4, 80, 5.99),
        ("cpx32", 4, 8, 160, 10.49), ("cpx42", 8, 16, 320, 19.49), ("cpx52", 12, 24, 480, 27.49),
        ("cax11", 2, 4, 40, 3.79), ("cax21", 4, 8, 80, 6.49), ("cax31", 8, 16, 160, 12.49),
        ("cax41", 16, 32, 320, 24.49), ("ccx13", 2, 8, 80, 12.49), ("ccx23", 4, 16, 160, 24.49),
        ("ccx33", 8, 32, 240, 48.49), ("ccx43", 16, 64, 360, 96.49), ("ccx53", 32, 128, 600, 192.49),
    ]

    /// Name, connections, services, targets, certificates, net price of a month in euros.
    typealias Balancer = (
        name: String, connections: Int, services: Int, targets: Int, certificates: Int, price: Double
    )

    static let balancers: [Balancer] = [
        ("lb11", 10_000, 5, 25, 10, 5.39), ("lb21", 20_000, 15, 75, 25, 16.4), ("lb31", 40_000, 30, 150, 50, 32.9),
    ]

    static let systems: [(name: String, flavor: String, version: String)] = [
        ("ubuntu-22.04", "ubuntu", "22.04"), ("ubuntu-24.04", "ubuntu", "24.04"), ("debian-12", "debian", "12"),
        ("debian-13", "debian", "13"), ("rocky-9", "rocky", "9"), ("alma-9", "alma", "9"),
    ]

    static let volumePrice = 0.044
    static let imagePrice = 0.011
    static let floatingPrice = 3.0
    /// By type of address.
    static let addressPrices = [("ipv4", 0.5), ("ipv6", 0.0)]

    private(set) var resources: [HetznerKind: [Int: HetznerResource]] = [:]

    init() {
        for place in HetznerCatalogue.places { add(place) }
        for (index, machine) in HetznerCatalogue.machines.enumerated() {
            let isARM = machine.name.hasPrefix("cax")
            let isDedicated = machine.name.hasPrefix("ccx")
            put(
                .serverTypes, 100 + index,
                [
                    "name": .string(machine.name), "description": .string(machine.name.uppercased()),
                    "cores": .int(Int64(machine.cores)), "memory": .int(Int64(machine.memory)),
                    "disk": .int(Int64(machine.disk)), "deprecated": false, "storage_type": "local",
                    "cpu_type": isDedicated ? "dedicated" : "shared", "architecture": isARM ? "arm" : "x86",
                    "category": isDedicated ? "General Purpose" : "Shared vCPU", "deprecation": .null,
                    "prices": HetznerCatalogue.trafficPrices(machine.price),
                ])
        }
        for (index, type) in HetznerCatalogue.balancers.enumerated() {
            put(
                .loadBalancerTypes, 1 + index,
                [
                    "name": .string(type.name), "description": .string(type.name.uppercased()),
                    "max_connections": .int(Int64(type.connections)), "max_services": .int(Int64(type.services)),
                    "max_targets": .int(Int64(type.targets)),
                    "max_assigned_certificates": .int(Int64(type.certificates)), "deprecated": .null,
                    "prices": HetznerCatalogue.trafficPrices(type.price),
                ])
        }
        for (index, system) in HetznerCatalogue.systems.enumerated() {
            for (offset, architecture) in ["x86", "arm"].enumerated() {
                put(
                    .images, 1000 + index * 2 + offset,
                    [
                        "name": .string(system.name), "description": .string(system.name), "type": "system",
                        "status": "available", "image_size": .null, "disk_size": 5, "created_from": .null,
                        "bound_to": .null, "os_flavor": .string(system.flavor), "os_version": .string(system.version),
                        "rapid_deploy": true, "protection": ["delete": false], "deprecated": .null, "deleted": .null,
                        "labels": [:], "architecture": .string(architecture), "created": "2026-01-01T00:00:00+00:00",
                    ])
            }
        }
    }

    private mutating func add(_ place: Place) {
        put(
            .locations, place.id,
            [
                "name": .string(place.name), "description": .string("\(place.city) DC Park 1"),
                "country": .string(place.country), "city": .string(place.city),
                "latitude": .double(place.latitude), "longitude": .double(place.longitude),
                "network_zone": .string(place.zone),
            ])
        put(
            .datacenters, 10 + place.id,
            [
                "name": .string(place.datacenter),
                "description": .string("\(place.city) 1 virtual \(place.datacenter)"),
            ])
        resources[.datacenters]?[10 + place.id]?.links["location"] = place.id
    }

    private mutating func put(_ kind: HetznerKind, _ id: Int, _ body: [String: JSONValue]) {
        let reference = HetznerReference(kind, id)
        resources[kind, default: [:]][id] = HetznerResource(
            reference: reference, body: body.merging(["id": .int(Int64(id))]) { $1 })
    }

    /// Net, and gross with the tax of Germany; ten digits behind the point, as Hetzner writes them.
    static func price(_ euros: Double) -> JSONValue {
        func text(_ value: Double) -> JSONValue {
            let whole = Int((value * 10_000_000_000).rounded())
            let digits = String(whole % 10_000_000_000)
            return .string("\(whole / 10_000_000_000).\(String(repeating: "0", count: 10 - digits.count))\(digits)")
        }
        return ["net": text(euros), "gross": text(euros * 1.19)]
    }

    /// The same price everywhere.
    static func prices(_ month: Double, isHourly: Bool = true) -> [[String: JSONValue]] {
        places.map { place in
            var members: [String: JSONValue] = [
                "location": .string(place.name), "price_monthly": price(month),
            ]
            if isHourly { members["price_hourly"] = price(month / 624) }
            return members
        }
    }

    private static func trafficPrices(_ month: Double) -> JSONValue {
        .array(
            prices(month).map { price in
                .object(
                    price.merging([
                        "included_traffic": 21_990_232_555_520, "price_per_tb_traffic": HetznerCatalogue.price(1),
                    ]) { $1 })
            })
    }
}
