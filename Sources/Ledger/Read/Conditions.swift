import GRDB

/// Conditions of a query that are known at run time; values are always bound, never written into the text.
struct Conditions {
    private var terms: [String] = []
    private(set) var arguments = StatementArguments()

    mutating func add(_ term: String, _ value: (any DatabaseValueConvertible)?) {
        terms.append(term)
        arguments += [value]
    }

    mutating func isOne(of values: [String], _ column: String) {
        terms.append("\(column) IN (\(values.map { _ in "?" }.joined(separator: ", ")))")
        arguments += StatementArguments(values)
    }

    /// ` WHERE …`, or nothing.
    var sql: String { terms.isEmpty ? "" : " WHERE " + terms.joined(separator: " AND ") }
}
