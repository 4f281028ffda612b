import Domain
import Foundation

/// The CA's limits as the ledger counts them, so that it never has to refuse: Let's Encrypt's (letsencrypt.org/docs/
/// rate-limits), which others' are not below.
struct OrderLimits: Sendable {
    /// Certificates for names below one domain within a week.
    static let weeklyForDomain = 50
    /// Orders that led to nothing for the same names within an hour.
    static let failedHourly = 5
    static let week = Duration.seconds(7 * 86_400)
    static let hour = Duration.seconds(3600)

    /// Certificates for the same names within a week.
    var weekly: Int

    /// Why an order for these names may not be made now; nil when it may. `made` are all orders of the last week.
    func wait(for names: [String], _ made: [CertificateRecord.Made], now: Date) -> CertificateRecord.Wait? {
        let same = made.filter { Set($0.names) == Set(names) }
        let week = now.advanced(by: OrderLimits.week * -1)
        if let until = free(same.filter { $0.isIssued && $0.at > week }, weekly, OrderLimits.week) {
            return wait(until, "\(weekly) certificates for the same names were issued within seven days")
        }
        let failed = same.filter { !$0.isIssued && $0.at > now.advanced(by: OrderLimits.hour * -1) }
        if let until = free(failed, OrderLimits.failedHourly, OrderLimits.hour) {
            return wait(until, "\(OrderLimits.failedHourly) orders for the same names have failed within an hour")
        }
        for domain in Set(names.map(OrderLimits.domain)).sorted() {
            let below = made.filter {
                $0.isIssued && $0.at > week && $0.names.contains { OrderLimits.domain($0) == domain }
            }
            if let until = free(below, OrderLimits.weeklyForDomain, OrderLimits.week) {
                return wait(
                    until, "\(OrderLimits.weeklyForDomain) certificates below \(domain) were issued within seven days")
            }
        }
        return nil
    }

    private func wait(_ until: Date, _ why: String) -> CertificateRecord.Wait {
        CertificateRecord.Wait(until: until, why: "\(why), which is the CA's limit")
    }

    /// When there is room for one more; nil when there is now.
    private func free(_ made: [CertificateRecord.Made], _ most: Int, _ span: Duration) -> Date? {
        guard made.count >= most else { return nil }
        return made.map(\.at).sorted().suffix(most).first?.advanced(by: span)
    }

    /// The last two labels: the registered domain, or more than it, so that never too few are counted together.
    static func domain(_ name: String) -> String { name.split(separator: ".").suffix(2).joined(separator: ".") }
}

extension CertificateRecord {
    /// Notes an order before it is made, and forgets those that no limit counts any more.
    mutating func note(orderFor names: [String], at now: Date) {
        made.removeAll { $0.at <= now.advanced(by: OrderLimits.week * -1) }
        made.append(Made(at: now, names: names, isIssued: false))
    }

    /// Notes that the latest order has led to a certificate.
    mutating func noteIssued() {
        guard !made.isEmpty else { return }
        made[made.count - 1].isIssued = true
    }
}
