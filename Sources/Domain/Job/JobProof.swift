package import Foundation

/// How far the proof is that a job had its effect: what is looked for, until when, and what was seen last.
package struct JobProof: Sendable, Codable, Hashable {
    /// Characters that are kept of an answer.
    package static let longestAnswer = 300

    /// One look of `VerifyDefinition.checks`, in the same order.
    package struct Check: Sendable, Codable, Hashable {
        package var action: String
        /// When the last look begins at the latest.
        package var by: Date
        package var isPassed = false
        /// What the last look saw, for people.
        package var answer: String?

        package init(action: String, by: Date) {
            self.action = action
            self.by = by
        }
    }

    /// By when the alert must be resolved; nil: it need not be.
    package var alertBy: Date?
    package var isAlertResolved = false
    /// Why nobody can say whether it still fires, asked at the end of its time.
    package var alertDoubt: String?
    package var checks: [Check]

    package init(alertBy: Date?, checks: [Check] = []) {
        self.alertBy = alertBy
        self.checks = checks
    }

    /// What is to be proven of a job whose last step has ended at `end`.
    package init(_ verify: VerifyDefinition, from end: Date) {
        self.init(
            alertBy: verify.alertResolvedWithinMilliseconds.map { end.advanced(by: .milliseconds($0)) },
            checks: verify.checks.map {
                Check(action: $0.action, by: end.advanced(by: .milliseconds($0.withinMilliseconds)))
            })
    }

    /// Whether the alert must still resolve.
    package var waitsForAlert: Bool { alertBy != nil && !isAlertResolved }

    package var isComplete: Bool { !waitsForAlert && checks.allSatisfy(\.isPassed) }

    /// When the first time is over in which something must show that has not; nil when all is proven.
    package var firstEnd: Date? {
        ((waitsForAlert ? [alertBy].compactMap(\.self) : []) + checks.filter { !$0.isPassed }.map(\.by)).min()
    }

    /// Adds what was seen meanwhile: what is proven once stays so.
    package mutating func merge(_ seen: JobProof) {
        isAlertResolved = isAlertResolved || seen.isAlertResolved
        alertDoubt = seen.alertDoubt ?? alertDoubt
        for index in checks.indices where index < seen.checks.count && !checks[index].isPassed {
            checks[index].isPassed = seen.checks[index].isPassed
            checks[index].answer = seen.checks[index].answer
        }
    }
}

extension Job {
    /// What is being proven in state `verifying`.
    package var proofUnderWay: JobProof? {
        guard state == .verifying else { return nil }
        // Ledgers from before there were checks have the time alone, which is the alert's.
        return proof ?? verifyBy.map { JobProof(alertBy: $0) }
    }
}
