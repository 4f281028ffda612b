import Domain
import Foundation
import Ingress
import Outbound
import TestSupport
import Testing

/// Slow, large and rude senders, and those that go away.
@Suite struct ConnectionTests {
    private static func limits(_ change: (inout Limits) -> Void) -> Limits {
        var limits = Limits()
        change(&limits)
        return limits
    }

    private static let head =
        "POST /webhooks/test HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\nX-Token: right\r\n"

    @Test func `nothing is acknowledged before it is recorded`() async throws {
        try await withIngress { ingress, _ async throws in
            ingress.inbox.closeGate()
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send(Self.head + "Content-Length: 2\r\n\r\n{}")
            #expect(await eventually { ingress.inbox.entered == 1 ? true : nil } == true)
            // Another request is answered meanwhile, so the first one's answer would have had its time.
            #expect(try await ingress.get("/healthz").status == 200)
            #expect(sender.received.isEmpty)
            ingress.inbox.openGate()
            #expect(await sender.receives("{\"status\":\"accepted\"}\n"))
        }
    }

    @Test func `a sender that goes away changes nothing about the record`() async throws {
        try await withIngress { ingress, _ async throws in
            ingress.inbox.closeGate()
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send(Self.head + "Content-Length: 2\r\n\r\n{}")
            #expect(await eventually { ingress.inbox.entered == 1 ? true : nil } == true)
            sender.close()
            ingress.inbox.openGate()
            #expect(await eventually { ingress.observer.accepted == [1] ? true : nil } == true)
            #expect(ingress.inbox.deliveries.count == 1)
        }
    }

    @Test func `a header that does not come in time closes the connection`() async throws {
        try await withIngress(limits: Self.limits { $0.headerTimeout = .milliseconds(150) }) {
            ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send("POST /webhooks/test HTTP/1.1\r\nHost: bot\r\nX-Slow: ")
            // A byte now and then does not help.
            let end = await eventually {
                if sender.isEnded { return true }
                try? await sender.send("a")  // it fails once the server has closed
                return nil
            }
            #expect(end == true)
            #expect(ingress.inbox.entered == 0)
        }
    }

    @Test func `a second header is held to its time as well`() async throws {
        try await withIngress(limits: Self.limits { $0.headerTimeout = .milliseconds(150) }) {
            ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send(Self.head + "Content-Length: 2\r\n\r\n{}")
            #expect(await sender.receives("accepted"))
            try await sender.send("POST /webhooks")
            #expect(await sender.ends())
        }
    }

    @Test func `a body that does not come in time is 408, however steadily it drips`() async throws {
        try await withIngress(limits: Self.limits { $0.bodyTimeout = .milliseconds(200) }) { ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send(Self.head + "Content-Length: 900\r\n\r\n{")
            let end = await eventually {
                if sender.isEnded { return true }
                try? await sender.send("a")  // it fails once the server has closed
                return nil
            }
            #expect(end == true)
            #expect(sender.received.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
            #expect(sender.received.hasSuffix("{\"error\":\"the body did not come in time\"}\n"))
            #expect(ingress.inbox.entered == 0)
            #expect(ingress.observer.refused.map(\.refusal.reason) == [.tooSlow])
        }
    }

    @Test func `a silent connection is closed`() async throws {
        try await withIngress(limits: Self.limits { $0.idleTimeout = .seconds(2) }) { ingress, _ async throws in
            let silent = try await RawConnection(port: ingress.port)
            #expect(await silent.ends())
            let once = try await RawConnection(port: ingress.port)
            try await once.send(Self.head + "Content-Length: 2\r\n\r\n{}")
            #expect(await once.ends())
            #expect(once.received.contains("accepted"))
        }
    }

    @Test func `a body that grows over the bound is 413`() async throws {
        try await withIngress { ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            let chunk = "1f4\r\n" + String(repeating: "{", count: 500) + "\r\n"
            try await sender.send(Self.head + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "1\r\n{\r\n")
            #expect(await sender.ends())
            #expect(sender.received.hasPrefix("HTTP/1.1 413 Payload Too Large\r\n"))
            #expect(sender.received.contains("connection: close\r\n"))
            #expect(sender.received.hasSuffix("{\"error\":\"the body is larger than 1000 bytes\"}\n"))
            #expect(ingress.inbox.entered == 0)
        }
    }

    @Test func `a body of exactly the bound is taken in chunks too`() async throws {
        try await withIngress { ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            let chunk = "1f4\r\n" + String(repeating: "{", count: 500) + "\r\n"
            try await sender.send(Self.head + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n")
            #expect(await sender.receives("accepted"))
            #expect(ingress.inbox.deliveries.first?.body.count == 1000)
        }
    }

    @Test(arguments: ["Content-Length: 200000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nBEBC200\r\n"])
    func `a large body that is turned away is not taken in, and its sender reads why`(_ framing: String) async throws {
        try await withIngress { ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send(Self.head + framing)
            let piece = String(repeating: "x", count: 256 * 1024)
            var sent = 0
            while sent < 200_000_000, !sender.isEnded {
                do { try await sender.send(piece) } catch { break }
                sent += piece.utf8.count
            }
            #expect(await sender.ends())
            #expect(sender.received.contains("HTTP/1.1 413 Payload Too Large\r\n"))
            #expect(sender.received.components(separatedBy: "HTTP/1.1 ").count == 2, "one answer")
            #expect(sent < 100_000_000, "\(sent) bytes were taken")
        }
    }

    @Test func `a sender that looks for an answer only after it has sent all reads why too`() async throws {
        try await withIngress { ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            let length = 4 * 1024 * 1024
            try await sender.send(
                Self.head + "Content-Length: \(length)\r\n\r\n" + String(repeating: "{", count: length))
            #expect(await sender.ends())
            #expect(sender.received.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func `a body that breaks off is not recorded`() async throws {
        try await withIngress { ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send(Self.head + "Content-Length: 900\r\n\r\n{}")
            sender.close()
            #expect(await eventually { ingress.observer.refused.first } != nil)
            #expect(ingress.observer.refused.map(\.refusal.reason) == [.badRequest])
            #expect(ingress.inbox.entered == 0)
        }
    }

    @Test func `bodies over the bound on their sum are to be sent again, and the bound frees up`() async throws {
        try await withIngress(limits: Self.limits { $0.bodiesInFlight = 1000 }) { ingress, _ async throws in
            let first = try await RawConnection(port: ingress.port)
            try await first.send(Self.head + "Content-Length: 900\r\n\r\n" + String(repeating: "{", count: 800))
            #expect(try await eventually { try await ingress.heldBytes() == 800 ? true : nil } == true)
            let body = [UInt8](repeating: UInt8(ascii: "{"), count: 201)
            let refused = try await ingress.post(body: body)
            #expect(refused.status == 503)
            #expect(refused.headers["retry-after"] == "1")
            #expect(ingress.observer.refused.map(\.refusal.reason) == [.overloaded])
            #expect(try await ingress.post(body: Array(body.dropLast())).status == 200)
            try await first.send(String(repeating: "{", count: 100))
            #expect(await first.receives("accepted"))
            #expect(try await ingress.post(body: body).status == 200)
            #expect(try await eventually { try await ingress.heldBytes() == 0 ? true : nil } == true)
        }
    }

    @Test func `requests in one write are answered in their order`() async throws {
        try await withIngress { ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            let request = Self.head + "X-Id: one\r\nContent-Length: 2\r\n\r\n{}"
            try await sender.send(request + request + "GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n")
            #expect(await sender.receives("ok\n"))
            let received = sender.received
            let first = try #require(received.range(of: "accepted"))
            let second = try #require(received.range(of: "already received"))
            #expect(first.lowerBound < second.lowerBound)
        }
    }

    @Test func `the last of several requests in one write ends the connection, not the first`() async throws {
        try await withIngress { ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            let request = Self.head + "Content-Length: 2\r\n"
            try await sender.send(request + "\r\n{}" + request + "Connection: Close\r\n\r\n{}" + request + "\r\n{}")
            #expect(await sender.ends())
            #expect(sender.received.components(separatedBy: "accepted").count == 3)
            #expect(ingress.inbox.entered == 2)
        }
    }

    @Test func `a request that is turned away as a whole leaves its connection open`() async throws {
        try await withIngress { ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send("POST /nowhere HTTP/1.1\r\nHost: bot\r\nContent-Length: 2\r\n\r\n{}")
            #expect(await sender.receives("there is nothing at this path"))
            try await sender.send(Self.head + "Content-Length: 2\r\n\r\n{}")
            #expect(await sender.receives("accepted"))
        }
    }

    @Test(arguments: ["HTTP/1.0\r\n", "HTTP/1.1\r\nHost: bot\r\nConnection: Close\r\n"])
    func `a sender that wants the connection closed gets its answer and the end`(_ rest: String) async throws {
        try await withIngress { ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send("GET /healthz " + rest + "\r\n")
            #expect(await sender.ends())
            #expect(sender.received.contains("connection: close\r\n"))
            #expect(sender.received.hasSuffix("ok\n"))
        }
    }

    @Test func `a sender that asks before it sends its body is told to go on`() async throws {
        try await withIngress { ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send(Self.head + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            #expect(await sender.receives("HTTP/1.1 100 Continue\r\n\r\n"))
            try await sender.send("{}")
            #expect(await sender.receives("accepted"))
        }
    }

    @Test func `a sender that asks before it sends too much is told no`() async throws {
        try await withIngress { ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send(Self.head + "Expect: 100-continue\r\nContent-Length: 2000\r\n\r\n")
            #expect(await sender.ends())
            #expect(sender.received.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test(arguments: [
        "POST /webhooks/test HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
        "POST /webhooks/test HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        "nonsense\r\n\r\n",
    ])
    func `what is not HTTP is turned away`(_ text: String) async throws {
        try await withIngress { ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send(text)
            #expect(await sender.ends())
            #expect(sender.received.hasPrefix("HTTP/1.1 400 "))
            #expect(ingress.inbox.entered == 0)
        }
    }

    @Test func `a header over its bound is turned away`() async throws {
        try await withIngress { ingress, _ async throws in
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send("GET /healthz HTTP/1.1\r\nX-Large: " + String(repeating: "x", count: 100_000))
            #expect(await sender.ends())
            #expect(!sender.received.contains("200"))
        }
    }

    @Test func `connections beyond the bound wait until one ends`() async throws {
        try await withIngress(limits: Self.limits { $0.connections = 1 }) { ingress, _ async throws in
            let first = try await RawConnection(port: ingress.port)
            try await first.send("GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n")
            #expect(await first.receives("ok\n"))
            let second = try await RawConnection(port: ingress.port)
            try await second.send("GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n")
            try await first.send("GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n")
            #expect(await eventually { first.received.components(separatedBy: "ok\n").count == 3 ? true : nil } == true)
            #expect(second.received.isEmpty)
            first.close()
            #expect(await second.receives("ok\n"))
        }
    }

    @Test func `a request that has begun is answered when the bot stops`() async throws {
        try await withIngress { ingress, stop async throws in
            ingress.inbox.closeGate()
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send(Self.head + "Content-Length: 2\r\n\r\n{}")
            #expect(await eventually { ingress.inbox.entered == 1 ? true : nil } == true)
            let silent = try await RawConnection(port: ingress.port)
            await stop()
            #expect(await silent.ends())
            ingress.inbox.openGate()
            #expect(await sender.receives("accepted"))
            #expect(await sender.ends())
        }
    }

    @Test func `a body that does not end is cut off when the bot stops, and nothing of it is recorded`() async throws {
        try await withIngress(limits: Self.limits { $0.shutdownGrace = .milliseconds(200) }) {
            ingress, stop async throws in
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send(Self.head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
            #expect(try await eventually { try await ingress.heldBytes() == 2 ? true : nil } == true)
            await stop()
            #expect(await sender.ends())
            #expect(ingress.inbox.entered == 0)
            #expect(ingress.observer.refused.map(\.refusal.reason) == [.unavailable])
        }
    }
}
