import Domain
import Ingress
import Outbound
import TestSupport
import Testing

/// What machines ask of a running bot.
@Suite struct OperationsTests {
    @Test func `the bot is alive whatever else is wrong`() async throws {
        try await withIngress { ingress, _ async throws in
            ingress.control.notReady(["the ledger cannot be written"])
            ingress.inbox.fail(with: .unavailable("disk full"))
            let response = try await ingress.get("/healthz")
            #expect(response.status == 200)
            #expect(response.text == "ok\n")
        }
    }

    @Test func `a bot that is ready says so`() async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.get("/readyz")
            #expect(response.status == 200)
            #expect(response.text == "{\"is_ready\":true,\"reasons\":[],\"warnings\":[]}\n")
        }
    }

    @Test func `a bot that is not ready says why`() async throws {
        try await withIngress { ingress, _ async throws in
            ingress.control.notReady(["no definitions are loaded", "the ledger cannot be written"])
            let response = try await ingress.get("/readyz")
            #expect(response.status == 503)
            #expect(
                response.text
                    == "{\"is_ready\":false,\"reasons\":[\"no definitions are loaded\",\"the ledger cannot be written\"],\"warnings\":[]}\n"
            )
            #expect(response.headers["retry-after"] == nil)
        }
    }

    @Test func `a warning leaves a bot ready`() async throws {
        try await withIngress { ingress, _ async throws in
            ingress.control.warn(["the clock is 40s behind"])
            let response = try await ingress.get("/readyz")
            #expect(response.status == 200)
            #expect(response.text.contains("\"warnings\":[\"the clock is 40s behind\"]"))
        }
    }

    @Test func `a secret in a label, a reason or a warning is taken out`() async throws {
        try await withIngress { ingress, _ async throws in
            ingress.control.show([
                MetricReading("defimon_credential_expiry_seconds", "Ends.", labels: ["name": "hunter-two-22.jwt"], 5)
            ])
            ingress.control.notReady(["hunter-two-22 is not there"])
            ingress.control.warn(["so is hunter-two-22"])
            let metrics = try await ingress.get("/metrics").text
            #expect(metrics.contains("defimon_credential_expiry_seconds{name=\"<secret>.jwt\"} 5\n"))
            let readiness = try await ingress.get("/readyz").text
            #expect(readiness.contains("<secret> is not there") && readiness.contains("so is <secret>"))
            #expect(!(metrics + readiness).contains("hunter"))
        }
    }

    @Test func `what is read when somebody asks is among the metrics, with every bound of the ingress`() async throws {
        try await withIngress { ingress, _ async throws in
            ingress.control.show([
                MetricReading("defimon_jobs_running", "Jobs that run.", 3),
                MetricReading("defimon_heartbeats_total", "Heartbeats.", labels: ["outcome": "sent"], 7),
            ])
            let text = try await ingress.get("/metrics").text
            #expect(text.contains("# TYPE defimon_jobs_running gauge\ndefimon_jobs_running 3\n"))
            #expect(
                text.contains("# TYPE defimon_heartbeats_total counter\ndefimon_heartbeats_total{outcome=\"sent\"} 7\n")
            )
            #expect(text.contains("defimon_bodies_in_flight_bytes 0\n"))
            #expect(text.contains("defimon_bodies_in_flight_limit_bytes 67108864\n"))
            #expect(text.contains("defimon_connections{listener=\"public\"} 1\n"))
            #expect(text.contains("defimon_connections_limit 4096\n"))
        }
    }

    @Test func `a connection that is closed counts no more`() async throws {
        try await withIngress { ingress, _ async throws in
            let other = try HTTPSession()
            _ = try await other.send(HTTPRequest(url: ingress.base + "/healthz"))
            #expect(try await ingress.get("/metrics").text.contains("defimon_connections{listener=\"public\"} 2\n"))
            await other.shutdown()
            let isOne: Bool? = try await eventually {
                try await ingress.get("/metrics").text.contains("defimon_connections{listener=\"public\"} 1\n")
                    ? true : nil
            }
            #expect(isOne == true)
        }
    }

    @Test func `metrics come in Prometheus' text format`() async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.get("/metrics")
            #expect(response.status == 200)
            #expect(response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(response.text.contains("# TYPE defimon_deliveries_total counter\n"))
        }
    }

    @Test(arguments: ["/healthz", "/readyz", "/metrics", "/about"])
    func `operations move to an address of their own when there is one`(_ path: String) async throws {
        try await withIngress(hasAdmin: true) { ingress, _ async throws in
            let admin = "http://127.0.0.1:\(try #require(ingress.adminPort))"
            #expect(try await ingress.http.send(HTTPRequest(url: admin + path)).status == 200)
            #expect(try await ingress.get(path).status == 404)
            let webhook = HTTPRequest(method: "POST", url: admin + "/webhooks/test", body: [])
            #expect(try await ingress.http.send(webhook).status == 404)
            #expect(try await ingress.post().status == 200)
        }
    }

    @Test func `a page is served as it is given`() async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.get("/about?x=1")
            #expect(response.status == 200)
            #expect(response.text == "about")
            #expect(response.headers["content-type"] == "text/plain")
        }
    }

    @Test func `HEAD answers as GET does, without a body`() async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.http.send(HTTPRequest(method: "HEAD", url: ingress.base + "/healthz"))
            #expect(response.status == 200)
            #expect(response.body.isEmpty)
        }
    }

    @Test func `other methods are turned away`() async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.post("/metrics")
            #expect(response.status == 405)
            #expect(response.headers["allow"] == "GET")
        }
    }
}
