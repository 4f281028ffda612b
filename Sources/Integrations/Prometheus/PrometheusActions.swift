package import Domain

/// What can be done with Prometheus: asking.
package enum PrometheusActions {
    /// For the catalogue.
    package static func types(_ directory: PrometheusDirectory) -> [ActionType] {
        [
            ActionType(
                "prometheus.query", "Passes when the answer to a PromQL query is as it should be", effect: .reads,
                outputs: [
                    ActionType.Output("series", .integer(nil), "How many samples the answer has"),
                    ActionType.Output(
                        "value", .text(nil), "The value, as Prometheus writes it, where there is one sample; else null"),
                    ActionType.Output("summary", .text(nil), "One line for people"),
                ]
            ) { PrometheusQuery(&$0, directory: directory) }
        ]
    }
}
