import Domain
import Foundation

/// What a cluster's resources cost, as its operator figures it: `clusters.<name>.prices`.
struct ClusterPrices: Sendable, Hashable {
    private static let members = ["cpu_core_month", "memory_gib_month", "storage_gib_month"]

    /// For one core, one GiB of memory and one GiB of disk, for a month.
    var core: Double
    var memory: Double
    var storage: Double
    /// ISO 4217: `EUR`.
    var currency: String

    /// Nil when there are none. Problems are in the reader.
    init?(_ input: inout InputReader) {
        let value = input.any(
            "prices",
            "What it costs a month, for the list of previews: {cpu_core_month, memory_gib_month, storage_gib_month, "
                + "currency}, such as {cpu_core_month: 5.20, memory_gib_month: 1.80, storage_gib_month: 0.05, "
                + "currency: EUR}")
        guard value != .null else { return nil }
        var numbers: [Double] = []
        for name in ClusterPrices.members {
            guard let number = ClusterPrices.number(value[name]) else {
                input.report(
                    "'prices' has no \(name), or one that is no price", field: "prices", fix: "write \(name): 4.20")
                return nil
            }
            numbers.append(number)
        }
        guard let currency = value["currency"]?.stringValue, currency.count == 3,
            currency.allSatisfy({ $0.isASCII && $0.isUppercase })
        else {
            input.report("'prices' has no currency of three letters", field: "prices", fix: "write currency: EUR")
            return nil
        }
        let unknown = (value.objectValue ?? [:]).keys.filter { $0 != "currency" && !ClusterPrices.members.contains($0) }
        for name in unknown.sorted() { input.report("'prices' has an unknown member '\(name)'", field: "prices") }
        (core, memory, storage) = (numbers[0], numbers[1], numbers[2])
        self.currency = currency
    }

    /// `EUR 12.30` for a month of these requests.
    func month(_ requests: ResourceRequests) -> String {
        let gib = Double(1 << 30)
        let sum = requests.cpu * core + requests.memory / gib * memory + requests.storage / gib * storage
        return "\(currency) " + String(format: "%.2f", sum)
    }

    /// A price is at least 0 and below a million.
    private static func number(_ value: JSONValue?) -> Double? {
        let number: Double? =
            switch value {
            case .int(let number)?: Double(number)
            case .double(let number)?: number
            default: nil
            }
        return number.flatMap { (0..<1_000_000).contains($0) ? $0 : nil }
    }
}
