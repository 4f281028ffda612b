import Domain
import Foundation

/// What a certificate needs just now. Decided from what is kept, without asking anybody.
enum RenewalNeed: Sendable, Hashable {
    /// It is renewed at that time.
    case nothing(until: Date)
    /// The CA has forbidden to ask before that time.
    case wait(CertificateRecord.Wait)
    /// An order or a new certificate is on its way: go on there.
    case goOn
    /// A new certificate, for this reason.
    case issue(String)

    /// What is asked of a certificate.
    struct Question: Sendable {
        var wish: CertificateWish
        var directory: String
        var profile: String?
        /// Also when it is not due.
        var isForced: Bool
        /// The idempotency key of the step that asks.
        var step: String
    }

    init(_ record: CertificateRecord, _ question: Question, now: Date) {
        if let wait = record.wait, wait.until > now {
            self = .wait(wait)
            return
        }
        let isAsked = question.isForced && record.next?.by != question.step && record.current?.by != question.step
        if let order = record.order, order.isAs(question), !isAsked || order.by == question.step {
            self = .goOn
            return
        }
        if let next = record.next, next.isAs(question), next.notAfter > now, !isAsked {
            self = .goOn
            return
        }
        guard let current = record.current else {
            self = .issue("there is none yet")
            return
        }
        let renewal = RenewalWindow.renewal(of: current, record.window)
        if let difference = current.difference(question) {
            self = .issue(difference)
        } else if isAsked {
            self = .issue("it was asked for")
        } else if current.notAfter <= now {
            self = .issue("it ended on \(current.notAfter.rfc3339.prefix(10))")
        } else if renewal < now.advanced(by: RenewalWindow.betweenLooks) {
            self = .issue("it ends on \(current.notAfter.rfc3339.prefix(10)), and it is time to renew it")
        } else {
            self = .nothing(until: renewal)
        }
    }
}

extension CertificateRecord.Order {
    fileprivate func isAs(_ question: RenewalNeed.Question) -> Bool {
        directory == question.directory && Set(names) == Set(question.wish.names) && profile == question.profile
    }
}

extension CertificateRecord.Issued {
    fileprivate func isAs(_ question: RenewalNeed.Question) -> Bool { difference(question) == nil }

    /// How it differs from what the settings want; nil when it does not.
    fileprivate func difference(_ question: RenewalNeed.Question) -> String? {
        if Set(names) != Set(question.wish.names) { return "its names are others" }
        if directory != question.directory { return "it is of another CA" }
        if profile != question.profile { return "its profile is another" }
        if key != question.wish.key.rawValue { return "its key is of another kind" }
        return nil
    }
}
