import Domain

/// `prometheus.query`.
struct PrometheusQuery: RepeatableAction {
    /// The longest query, in bytes.
    static let longestQuery = 8192
    /// Samples that are named when they are not as they should be.
    static let shownSamples = 5

    private let server: String
    private let query: String
    private let holds: String
    private let directory: PrometheusDirectory

    init(_ input: inout InputReader, directory: PrometheusDirectory) {
        server = input.text("server", "The server, by its name in the settings")
        query = input.text("query", "PromQL that gives an instant vector or a scalar, at most 8 KiB")
        holds = input.text("holds", "What must hold: \(Expectation.forms)")
        self.directory = directory
        if query.utf8.count > PrometheusQuery.longestQuery {
            input.report("the query is longer than \(PrometheusQuery.longestQuery) bytes", field: "query")
        }
        // Empty: it is not given, or a template whose value is not known yet.
        guard !holds.isEmpty else { return }
        do { _ = try Expectation(holds) } catch {
            input.report(error.message, field: "holds", fix: "write \(Expectation.forms)")
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let expectation: Expectation
        do { expectation = try Expectation(holds) } catch {
            throw ActionError(error.message, hint: "write \(Expectation.forms)")
        }
        let answer = try await directory.client(server).query(query)
        try judge(answer, expectation)
        var outputs: [String: JSONValue] = [
            "series": .int(Int64(answer.samples.count)),
            "summary": .string("\(expectation.text) holds\(shown(answer.samples, of: answer))"),
            "value": answer.samples.count == 1 ? .string(answer.samples[0].text) : .null,
        ]
        if !answer.warnings.isEmpty {
            outputs["details"] = .string("Prometheus warns:\n" + answer.warnings.joined(separator: "\n"))
        }
        return .object(outputs)
    }

    /// Throws `ActionError` unless the answer is as it should be.
    private func judge(_ answer: QueryAnswer, _ expectation: Expectation) throws(ActionError) {
        let count = answer.samples.count
        switch expectation.kind {
        case .empty:
            if count == 0 { return }
            throw disappointed("it should be empty", answer.samples, answer)
        case .notEmpty:
            if count == 0 { throw disappointed("it is empty", [], answer) }
        case .compare:
            if count == 0 {
                throw disappointed("it is empty, so there is nothing that could be \(expectation.text)", [], answer)
            }
            let bad = answer.samples.filter { !expectation.holds($0.value) }
            if bad.isEmpty { return }
            throw disappointed("\(expectation.text) does not hold for \(bad.count) of \(count)", bad, answer)
        }
    }

    private func disappointed(_ what: String, _ samples: [QueryAnswer.Sample], _ answer: QueryAnswer) -> ActionError {
        let warnings = answer.warnings.isEmpty ? nil : "Prometheus warns:\n" + answer.warnings.joined(separator: "\n")
        return ActionError(what + shown(samples, of: answer), details: warnings)
    }

    /// `: up{instance="a"} is 0, …`.
    private func shown(_ samples: [QueryAnswer.Sample], of answer: QueryAnswer) -> String {
        if samples.isEmpty { return "" }
        var parts = samples.prefix(PrometheusQuery.shownSamples).map { sample in
            answer.isScalar || sample.name.isEmpty ? "it is \(sample.text)" : "\(sample.name) is \(sample.text)"
        }
        if samples.count > parts.count { parts.append("and \(samples.count - parts.count) more") }
        return ": " + parts.joined(separator: ", ")
    }
}
