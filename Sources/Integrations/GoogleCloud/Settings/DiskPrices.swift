import Domain
import Foundation

/// What disks cost, as the project's people figure it: `google_cloud.disk_prices`.
package struct DiskPrices: Sendable, Hashable {
    /// Types that may have a price.
    static let mostTypes = 50

    /// For one GiB for a month, by type: `pd-ssd`.
    private let perGibibyte: [String: Double]
    /// ISO 4217: `EUR`.
    private let currency: String

    /// Nil when there are none. Problems are in the reader.
    init?(_ input: inout InputReader) {
        let value = input.any(
            "disk_prices",
            "What a GiB of a type of disk costs a month, for plans that make one larger, such as "
                + "{currency: EUR, pd-ssd: 0.204, pd-balanced: 0.12}")
        guard value != .null else { return nil }
        guard let currency = value["currency"]?.stringValue, currency.count == 3,
            currency.allSatisfy({ $0.isASCII && $0.isUppercase })
        else {
            input.report(
                "'disk_prices' has no currency of three letters", field: "disk_prices", fix: "write currency: EUR")
            return nil
        }
        var prices: [String: Double] = [:]
        for (type, price) in (value.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) where type != "currency" {
            guard let number = DiskPrices.number(price), prices.count < DiskPrices.mostTypes else {
                input.report(
                    "'disk_prices' has no price for '\(type.prefix(40))', or more than \(DiskPrices.mostTypes) of them",
                    field: "disk_prices", fix: "write pd-ssd: 0.204")
                return nil
            }
            prices[type] = number
        }
        perGibibyte = prices
        self.currency = currency
    }

    /// `EUR 83.64 a month`; nil when the type has no price.
    func month(_ gibibytes: Int, of type: String) -> String? {
        perGibibyte[type].map { "\(currency) " + String(format: "%.2f", $0 * Double(gibibytes)) + " a month" }
    }

    /// A price is at least 0 and below a thousand.
    private static func number(_ value: JSONValue) -> Double? {
        let number: Double? =
            switch value {
            case .int(let number): Double(number)
            case .double(let number): number
            default: nil
            }
        return number.flatMap { (0..<1000).contains($0) ? $0 : nil }
    }
}
