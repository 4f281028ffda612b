import Domain
import Foundation

/// What things cost a month, as the project's people figure it: `hetzner.prices`.
package struct HetznerPrices: Sendable, Hashable {
    /// Types that may have a price.
    static let mostTypes = 100

    /// By type: `cx23`.
    private let servers: [String: Double]
    /// By type: `lb11`.
    private let loadBalancers: [String: Double]
    /// One GB of a volume.
    private let volume: Double?
    private let primaryIPv4: Double?
    /// ISO 4217: `EUR`.
    private let currency: String

    /// Problems are in the reader.
    init(_ input: inout InputReader) {
        currency = input.text("currency", "In which all of them are, by its three letters", pattern: Self.letters)
        servers = Self.table("servers", "A server, by its type, such as {cx23: 3.49}", &input)
        loadBalancers = Self.table("load_balancers", "A load balancer, by its type, such as {lb11: 5.39}", &input)
        volume = Self.price("volume_gb", "A GB of a volume, such as 0.044", &input)
        primaryIPv4 = Self.price("primary_ipv4", "A public IPv4 address, such as 0.50", &input)
    }

    private static let letters = try? Pattern("[A-Z]{3}")

    private static func table(_ name: String, _ help: String, _ input: inout InputReader) -> [String: Double] {
        let value = input.any(name, help)
        guard value != .null else { return [:] }
        guard let members = value.objectValue, members.count <= mostTypes else {
            input.report("'\(name)' is no map of at most \(mostTypes) prices", field: name)
            return [:]
        }
        for (type, price) in members.sorted(by: { $0.key < $1.key }) where number(price) == nil {
            input.report("'\(name)' has no price for '\(type.prefix(40))'", field: name, fix: "write cx23: 3.49")
        }
        return members.compactMapValues(number)
    }

    private static func price(_ name: String, _ help: String, _ input: inout InputReader) -> Double? {
        let value = input.any(name, help)
        if value != .null, number(value) == nil { input.report("'\(name)' is no price", field: name, fix: "0.50") }
        return number(value)
    }

    /// A price is at least 0 and below a hundred thousand.
    private static func number(_ value: JSONValue) -> Double? {
        let number: Double? =
            switch value {
            case .int(let number): Double(number)
            case .double(let number): number
            default: nil
            }
        return number.flatMap { (0..<100_000).contains($0) ? $0 : nil }
    }

    /// What things cost together, and what has no price.
    struct Sum: Sendable, Hashable {
        var amount = 0.0
        /// `server type cx99`, each once.
        var unknown: Set<String> = []

        mutating func add(_ price: Double?, _ what: String, times count: Double = 1) {
            if let price { amount += price * count } else { unknown.insert(what) }
        }
    }

    func add(server type: String, to sum: inout Sum) { sum.add(servers[type], "server type \(type)") }
    func add(loadBalancer type: String, to sum: inout Sum) {
        sum.add(loadBalancers[type], "load balancer type \(type)")
    }
    func add(volume gibibytes: Int, to sum: inout Sum) { sum.add(volume, "volumes", times: Double(gibibytes)) }
    func addPrimaryIPv4(to sum: inout Sum) { sum.add(primaryIPv4, "primary IPv4 addresses") }

    /// `EUR 83.64 a month`
    func words(_ sum: Sum) -> String { "\(currency) \(String(format: "%.2f", sum.amount)) a month" }

    /// What one thing costs; nil when it has no price.
    func words(_ add: (inout Sum) -> Void) -> String? {
        var sum = Sum()
        add(&sum)
        return sum.unknown.isEmpty ? words(sum) : nil
    }
}
