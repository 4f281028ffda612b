import Domain
import Outbound
import TestSupport
import Testing

@testable import Prometheus

/// What the action makes of answers, as prometheus.io/docs "HTTP API" writes them.
@Suite struct PrometheusQueryTests {
    private func ask(
        _ body: String, status: Int = 200, query: String = "up", holds: String, settings: JSONValue = [:]
    ) async throws -> (answer: JSONValue, request: ScriptedServer.Request) {
        try await ScriptedServer.run(answering: { _ in .init(status: status, body: body) }) { server in
            try await withSession { session in
                var members = settings.objectValue ?? [:]
                members["url"] = .string(server.url + "/prefix/")
                let directory = try Fixture.directory(["infra": .object(members)], session)
                let answer = try await Fixture.ask(directory, query, holds: holds)
                return (answer, server.requests[0])
            }
        }
    }

    private static func vector(_ values: [String]) -> String {
        let items = values.enumerated().map {
            #"{"metric":{"__name__":"up","instance":"n\#($0.offset):9100"},"value":[1700000000.1,"\#($0.element)"]}"#
        }
        return #"{"status":"success","data":{"resultType":"vector","result":[\#(items.joined(separator: ","))]}}"#
    }

    private static let scalar = #"{"status":"success","data":{"resultType":"scalar","result":[1700000000,"3"]}}"#

    @Test(arguments: [
        (["1", "2"], "> 0"), (["1"], "== 1"), (["1"], "==1"), (["-5", "0.5"], "<= 0.5"), (["+Inf"], "> 1e9"),
        (["-Inf"], "< 0"), (["1.5e+09"], ">= 1500000000"), (["2"], "!= 1"), ([], "empty"), (["0"], "not  empty"),
    ])
    func `An answer that is as it should be passes`(values: [String], holds: String) async throws {
        let (answer, _) = try await ask(Self.vector(values), holds: holds)
        #expect(answer["series"]?.intValue == values.count)
        #expect(answer["value"] == (values.count == 1 ? .string(values[0]) : .null))
    }

    @Test(arguments: [
        (["1", "0"], "> 0", "> 0 does not hold for 1 of 2: up{instance=\"n1:9100\"} is 0"),
        (["0"], "> 0", "> 0 does not hold for 1 of 1: up{instance=\"n0:9100\"} is 0"),
        (["NaN"], "!= 1", "!= 1 does not hold for 1 of 1: up{instance=\"n0:9100\"} is NaN"),
        ([], "< 5", "it is empty, so there is nothing that could be < 5"), ([], "not empty", "it is empty"),
        (["1"], "empty", "it should be empty: up{instance=\"n0:9100\"} is 1"),
        (
            ["1", "1", "1", "1", "1", "1", "1"], "== 0",
            "== 0 does not hold for 7 of 7: up{instance=\"n0:9100\"} is 1, up{instance=\"n1:9100\"} is 1, up{instance=\"n2:9100\"} is 1, up{instance=\"n3:9100\"} is 1, up{instance=\"n4:9100\"} is 1, and 2 more"
        ),
    ])
    func `An answer that is not says which samples, and what they are`(values: [String], holds: String, words: String)
        async throws
    {
        let error = await #expect(throws: ActionError.self) { try await ask(Self.vector(values), holds: holds) }
        #expect(error?.message == words)
        #expect(error?.retry == .never)
    }

    @Test func `A scalar is compared too`() async throws {
        #expect(try await ask(Self.scalar, holds: "> 2").answer["summary"] == "> 2 holds: it is 3")
        let error = await #expect(throws: ActionError.self) { try await ask(Self.scalar, holds: "> 3") }
        #expect(error?.message == "> 3 does not hold for 1 of 1: it is 3")
    }

    @Test func `A query goes as a form, by POST, with what proves who asks`() async throws {
        let query = #"sum(rate(x{a="b c",d=~"e&f=g|é"}[5m])) > 1"#
        let (_, request) = try await ask(
            Self.scalar, query: query, holds: "> 2", settings: ["bearer_token": ["env": "T"]])
        #expect(request.method == "POST")
        #expect(request.path == "/prefix/api/v1/query")
        #expect(request.headers["content-type"] == "application/x-www-form-urlencoded")
        #expect(request.headers["authorization"] == "Bearer s3cret-value")
        #expect(
            request.text
                == "query=sum%28rate%28x%7Ba%3D%22b%20c%22%2Cd%3D~%22e%26f%3Dg%7C%C3%A9%22%7D%5B5m%5D%29%29%20%3E%201&timeout=10000ms"
        )
        let basic = try await ask(
            Self.scalar, holds: "> 2", settings: ["username": "bot", "password": ["env": "T"], "timeout": "2s"])
        #expect(basic.request.headers["authorization"] == "Basic Ym90OnMzY3JldC12YWx1ZQ==")
        #expect(basic.request.text.hasSuffix("&timeout=2000ms"))
    }

    @Test func `Warnings are shown beside the answer`() async throws {
        let body = #"{"status":"success","warnings":["a store is gone"],"data":{"resultType":"vector","result":[]}}"#
        #expect(
            try await ask(body, holds: "empty").answer["details"] == "Prometheus warns:\na store is gone")
        let error = await #expect(throws: ActionError.self) { try await ask(body, holds: "> 0") }
        #expect(error?.details == "Prometheus warns:\na store is gone")
    }

    @Test(arguments: [
        (
            400, #"{"status":"error","errorType":"bad_data","error":"parse error\n at char 3"}"#,
            "Prometheus says bad_data: parse error at char 3", false
        ),
        (
            422, #"{"status":"error","errorType":"execution","error":"many-to-many"}"#,
            "Prometheus says execution: many-to-many", false
        ),
        (
            503, #"{"status":"error","errorType":"timeout","error":"query timed out"}"#,
            "Prometheus says timeout: query timed out", true
        ),
        (401, "no", "Prometheus refuses who asks (401)", false),
        (502, "<html>", "Prometheus answers 502: <html>", true),
        (200, "[]", "Prometheus's answer is not what its API gives: is this a Prometheus server?", false),
        (
            200, #"{"status":"success","data":{"resultType":"matrix","result":[]}}"#,
            "the query gives a matrix, and a scalar or an instant vector is wanted", false
        ),
        (
            200, #"{"status":"success","data":{}}"#,
            "Prometheus's answer has no result type: is this a Prometheus server?", false
        ),
        (
            200, #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"histogram":[1,{}]}]}}"#,
            "a sample of Prometheus's answer is no number", false
        ),
    ])
    func `What goes wrong is said, and whether it may pass`(status: Int, body: String, words: String, passes: Bool)
        async throws
    {
        let error = await #expect(throws: ActionError.self) { try await ask(body, status: status, holds: "> 0") }
        #expect(error?.message == words)
        #expect(error?.retry == (passes ? .later(afterMilliseconds: nil) : .never))
    }

    @Test(arguments: [QueryAnswer.mostSeries, QueryAnswer.mostSeries + 1])
    func `So many series are looked at, and no more`(count: Int) async throws {
        let body = Self.vector(Array(repeating: "1", count: count))
        if count == QueryAnswer.mostSeries {
            #expect(try await ask(body, holds: "== 1").answer["series"]?.intValue == count)
        } else {
            let error = await #expect(throws: ActionError.self) { try await ask(body, holds: "== 1") }
            #expect(error?.message == "the query gives 1001 series, and at most 1000 are looked at")
        }
    }

    @Test(arguments: [0, 1]) func `An answer of so many bytes is read, and no more`(excess: Int) async throws {
        let start = #"{"status":"success","data":{"resultType":"scalar","result":[1,"3"]},"x":""#
        let end = #""}"#
        let fill = PrometheusClient.maxAnswer - start.utf8.count - end.utf8.count + excess
        let body = start + String(repeating: "x", count: fill) + end
        if excess == 0 {
            #expect(try await ask(body, holds: "== 3").answer["value"] == "3")
        } else {
            let error = await #expect(throws: ActionError.self) { try await ask(body, holds: "== 3") }
            #expect(error?.message.contains("larger than 1048576 bytes") == true)
        }
    }

    @Test(
        arguments: [
            ("up", "> 0", nil), ("up", "{{arguments.x}}", nil),
            ("up", "about 5", "'about 5' says nothing that could hold"),
            ("up", "> NaN", "says nothing"), ("up", ">", "says nothing"),
            (String(repeating: "x", count: 8192), "> 0", nil),
            (String(repeating: "x", count: 8193), "> 0", "the query is longer than 8192 bytes"),
        ] as [(String, String, String?)])
    func `Inputs are checked before anything runs`(query: String, holds: String, problem: String?) {
        var reader = InputReader.checking(
            LocatedValue(["server": "infra", "query": .string(query), "holds": .string(holds)] as JSONValue),
            typeOf: { _ in nil })
        _ = PrometheusQuery(&reader, directory: PrometheusDirectory())
        reader.finish()
        let problems = reader.problems.map(\.description)
        #expect(problem.map { word in problems.contains { $0.contains(word) } } ?? problems.isEmpty, "\(problems)")
    }

    @Test func `A server that the settings do not name is never asked`() async throws {
        try await withSession { session in
            let directory = try Fixture.directory(["infra": ["url": "http://127.0.0.1:1"]], session)
            let error = await #expect(throws: ActionError.self) {
                try await Fixture.ask(directory, "up", holds: "> 0", server: "infa")
            }
            #expect(error?.message == "there is no Prometheus server 'infa'; set are: infra")
            #expect(error?.hint == "did you mean 'infra'?")
            let gone = await #expect(throws: ActionError.self) {
                try await Fixture.ask(directory, "up", holds: "> 0")
            }
            #expect(gone?.message.hasPrefix("Prometheus cannot be asked: 127.0.0.1") == true)
            #expect(gone?.retry == .later(afterMilliseconds: nil))
        }
    }

    @Test(
        arguments: [
            (["infra": ["url": "http://prometheus:9090/p", "ca": "ca.pem", "timeout": "50s"]], nil),
            (["infra": [:]], "url"),
            (["infra": ["url": "prometheus:9090"]], "url"), (["infra": ["url": "http://u:p@x"]], "url"),
            (["infra": ["url": "http://x", "timeout": "51s"]], "from 1s to 50s"),
            (["infra": ["url": "http://x", "timeout": "999ms"]], "from 1s to 50s"),
            (["infra": ["url": "http://x", "username": "u"]], "'password' is missing"),
            (["infra": ["url": "http://x", "password": ["env": "P"]]], "'username' is missing"),
            (["infra": ["url": "http://x", "bearer_token": "plain"]], "bearer_token"),
            (["infra": ["url": "http://x", "username": "u:v", "password": ["env": "P"]]], "':'"),
            (
                [
                    "infra": [
                        "url": "http://x", "username": "u", "password": ["env": "P"], "bearer_token": ["env": "T"],
                    ]
                ],
                "not both"
            ),
        ] as [(JSONValue, String?)])
    func `Settings are checked`(settings: JSONValue, problem: String?) {
        let problems = Fixture.problems(settings)
        #expect(problem.map { word in problems.contains { $0.contains(word) } } ?? problems.isEmpty, "\(problems)")
    }

    @Test func `The constant pattern compiles`() { #expect(PrometheusSettings.address != nil) }
}
