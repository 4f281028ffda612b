import Domain

/// What a query came to: the samples of an instant vector, or the one of a scalar.
struct QueryAnswer: Sendable {
    /// Series of one answer.
    static let mostSeries = 1000

    struct Sample: Sendable {
        var labels: [String: String]
        /// As Prometheus writes it: `NaN`, `+Inf`, `1.5e+09`.
        var text: String
        var value: Double

        /// `up{instance="geth-0:6060", job="geth"}`, bounded.
        var name: String {
            let inner = labels.filter { $0.key != "__name__" }.sorted { $0.key < $1.key }
                .map { "\($0.key)=\"\($0.value.prefix(80))\"" }.joined(separator: ", ")
            return String("\(labels["__name__"] ?? "")\(inner.isEmpty ? "" : "{\(inner)}")".prefix(200))
        }
    }

    var samples: [Sample]
    var isScalar: Bool
    var warnings: [String]

    /// Reads the answer of `/api/v1/query`. Throws `ActionError`.
    init(_ json: JSONValue) throws(ActionError) {
        warnings = (json["warnings"]?.arrayValue ?? []).compactMap(\.stringValue).prefix(10).map {
            String($0.prefix(300))
        }
        let result = json["data"]?["result"]
        switch json["data"]?["resultType"]?.stringValue {
        case "scalar":
            isScalar = true
            samples = [try QueryAnswer.sample([:], result)]
        case "vector":
            isScalar = false
            let items = result?.arrayValue ?? []
            guard items.count <= QueryAnswer.mostSeries else {
                throw ActionError(
                    "the query gives \(items.count) series, and at most \(QueryAnswer.mostSeries) are looked at",
                    hint: "narrow it with labels, or aggregate it: max(…), count(…)")
            }
            var read: [Sample] = []
            for item in items {
                let labels = (item["metric"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
                read.append(try QueryAnswer.sample(labels, item["value"]))
            }
            samples = read
        case let type?:
            throw ActionError(
                "the query gives a \(type.prefix(40)), and a scalar or an instant vector is wanted",
                hint: type == "matrix" ? "take a range away, or put a function such as rate(…) around it" : nil)
        case nil: throw ActionError("Prometheus's answer has no result type: is this a Prometheus server?")
        }
    }

    /// `[<unix time>, "<value>"]`.
    private static func sample(_ labels: [String: String], _ pair: JSONValue?) throws(ActionError) -> Sample {
        guard let pair = pair?.arrayValue, pair.count == 2, let text = pair[1].stringValue, let value = number(text)
        else {
            throw ActionError(
                "a sample of Prometheus's answer is no number",
                hint: "native histograms need a function such as histogram_quantile(…)")
        }
        return Sample(labels: labels, text: text, value: value)
    }

    static func number(_ text: String) -> Double? {
        switch text {
        case "NaN": .nan
        case "+Inf", "Inf": .infinity
        case "-Inf": -.infinity
        default: Double(text)
        }
    }
}
