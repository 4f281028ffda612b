import Domain
import Foundation
import Outbound
import TestSupport

@testable import Prometheus

enum Fixture {
    static let context = ActionContext(jobID: 1, idempotencyKey: "k", attempt: 1, time: VirtualTime()) { _ in }

    static func problems(_ settings: JSONValue) -> [String] {
        var reader = InputReader.checking(LocatedValue(settings), typeOf: { _ in nil })
        _ = PrometheusSettings(&reader)
        reader.finish()
        return reader.problems.map(\.description)
    }

    static func directory(_ settings: JSONValue, _ session: HTTPSession) throws -> PrometheusDirectory {
        var reader = InputReader.reading(LocatedValue(settings))
        return try PrometheusDirectory(PrometheusSettings(&reader), secrets: Secrets()) { _ in session }
    }

    /// What `prometheus.query` says to these inputs.
    static func ask(_ directory: PrometheusDirectory, _ query: String, holds: String, server: String = "infra")
        async throws -> JSONValue
    {
        var reader = InputReader.reading(
            LocatedValue(["server": .string(server), "query": .string(query), "holds": .string(holds)] as JSONValue))
        let query = PrometheusQuery(&reader, directory: directory)
        return try await query.perform(context)
    }

    private struct Secrets: SecretSource {
        func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret { Secret("s3cret-value") }
    }
}
