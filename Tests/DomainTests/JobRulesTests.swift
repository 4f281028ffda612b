import Domain
import Testing

@Suite struct JobRulesTests {
    @Test(
        "locks conflict when one covers the other and not both are shared",
        arguments: [
            ("a", "a", true), ("a", "a/b", true), ("a/b", "a", true), ("a/b", "a/c", false), ("a", "ab", false),
            ("a/b", "a/bc", false), ("a/b/c", "a", true),
        ])
    func conflicts(_ left: String, _ right: String, _ wanted: Bool) {
        for (mine, theirs) in [
            (LockRequest.Mode.exclusive, LockRequest.Mode.exclusive), (.shared, .exclusive), (.exclusive, .shared),
        ] {
            #expect(
                LockRequest(path: left, mode: mine).conflicts(with: LockRequest(path: right, mode: theirs)) == wanted)
        }
        #expect(!LockRequest(path: left, mode: .shared).conflicts(with: LockRequest(path: right, mode: .shared)))
    }

    @Test(
        "the wait doubles up to its bound, with jitter in the upper half",
        arguments: [
            (1, 0.0, 1.0), (1, 1.0, 2.0), (2, 1.0, 4.0), (3, 0.5, 6.0), (5, 1.0, 30.0), (100, 1.0, 30.0),
            (100, 0.0, 15.0), (1, 7.0, 2.0), (1, -1.0, 1.0),
        ])
    func wait(_ attempt: Int, _ random: Double, _ seconds: Double) {
        let policy = RetryPolicy(attempts: 5, backoff: .seconds(2), maxBackoff: .seconds(30))
        #expect(policy.wait(afterAttempt: attempt, random: random) == .seconds(seconds))
    }

    @Test(
        "places",
        arguments: [("slack:#ops", "slack", "#ops"), ("email:admin", "email", "admin"), ("slack:a:b", "slack", "a:b")])
    func place(_ text: String, _ channel: String, _ address: String) {
        #expect(Place(text) == Place(channel: channel, address: address))
        #expect(Place(text)?.description == text)
    }

    @Test("what is no place", arguments: ["", "slack", ":x", "slack:"])
    func noPlace(_ text: String) { #expect(Place(text) == nil) }

    @Test func aPrivatePlaceDoesNotShowItsAddress() {
        #expect(!"\(Place(channel: "slack", address: "https://hooks/x", isPrivate: true))".contains("hooks"))
    }

    @Test(
        "addresses",
        arguments: [("127.0.0.1:8080", "127.0.0.1", 8080), ("[::1]:0", "::1", 0), ("host:65535", "host", 65_535)])
    func address(_ text: String, _ host: String, _ port: Int) {
        #expect(ListenAddress(text) == ListenAddress(host: host, port: port))
        #expect(ListenAddress(text)?.description == text)
    }

    @Test("what is no address", arguments: ["", ":80", "host", "host:", "host:x", "host:65536", "host:-1", "[]:1"])
    func noAddress(_ text: String) { #expect(ListenAddress(text) == nil) }

    @Test func problemsPrintWithPlaceAndFix() {
        let place = SourceLocation(file: "commands/a.yaml", line: 3, column: 5)
        #expect(
            Problem("it is wrong", at: place, fix: "make it right").description
                == "commands/a.yaml:3:5: error: it is wrong; make it right")
        #expect(Problem("it is wrong", at: .none).description == "error: it is wrong")
        #expect(SourceLocation(file: "a", line: 2, column: 1) < SourceLocation(file: "a", line: 10, column: 1))
        #expect(SourceLocation(file: "a", line: 2, column: 1) < SourceLocation(file: "b", line: 1, column: 1))
    }
}
