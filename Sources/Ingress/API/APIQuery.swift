import Domain
import Foundation

/// What stands behind the question mark; several values of one name are joined by commas.
struct APIQuery: Sendable {
    let values: [String: String]

    subscript(_ name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    func number(_ name: String) throws(APIFailure) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let number = Int64(text), number > 0 else {
            throw .badRequest("'\(name)' must be a whole number from 1, not '\(text)'")
        }
        return number
    }

    /// 50 unless given.
    func limit() throws(APIFailure) -> Int {
        guard let number = try number("limit") else { return 50 }
        guard number <= 1000 else { throw .badRequest("'limit' must be at most 1000, not \(number)") }
        return Int(number)
    }

    func time(_ name: String) throws(APIFailure) -> Date? {
        guard let text = self[name] else { return nil }
        guard let time = Date(rfc3339: text) else {
            throw .badRequest("'\(name)' must be a time like 2026-09-21T14:13:20Z, not '\(text)'")
        }
        return time
    }

    func states(_ name: String) throws(APIFailure) -> Set<JobState>? {
        guard let text = self[name] else { return nil }
        var states: Set<JobState> = []
        for word in text.split(separator: ",") {
            guard let state = JobState(rawValue: String(word)) else {
                let known = JobState.allCases.map(\.rawValue).joined(separator: ", ")
                throw .badRequest("there is no state '\(word)'; there are: \(known)")
            }
            states.insert(state)
        }
        return states
    }
}
