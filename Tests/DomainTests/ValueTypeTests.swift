import Domain
import Testing

@Suite struct ValueTypeTests {
    static let digits = try? Pattern("[0-9]+")

    @Test(
        "what a person types fits a type or not",
        arguments: [
            (.text(nil), "any thing", "any thing"), (.text(digits), "12", "12"), (.text(digits), "x", nil),
            (.integer(nil), "-5", -5), (.integer(1...10), "10", 10), (.integer(1...10), "11", nil),
            (.integer(nil), "1.0", nil),
            (.integer(nil), "0x1", nil), (.integer(nil), "", nil), (.integer(nil), "99999999999999999999", nil),
            (.quantity, "50GiB", "50GiB"), (.quantity, "50", "50"), (.quantity, "lots", nil), (.duration, "2m", "2m"),
            (.duration, "2", nil),
            (.choice(["a", "b"]), "a", "a"), (.choice(["a", "b"]), "A", nil), (.flag, "true", true),
            (.flag, "false", false), (.flag, "yes", nil),
            (.person, "ada", "ada"), (.person, "", nil), (.gitRef, "main", "main"),
            (.gitRef, "feature/x-1", "feature/x-1"), (.gitRef, "v1.2.3", "v1.2.3"),
            (.gitRef, "-x", nil), (.gitRef, "a..b", nil), (.gitRef, "a b", nil), (.gitRef, "a~1", nil),
            (.gitRef, "/a", nil), (.gitRef, "a/", nil),
            (.gitRef, "a.lock", nil), (.gitRef, "a/.b", nil), (.gitRef, "@", nil), (.gitRef, "a@{1}", nil),
            (.gitRef, "a\\b", nil), (.gitRef, "a\u{7f}", nil), (.gitRef, "", nil),
            (.list(.integer(nil)), "1,2", [1, 2]), (.list(.integer(nil)), "1,x", nil), (.map(.any), "a", nil),
            (.secret, "x", nil),
            (.any, "x", "x"),
        ] as [(ValueType, String, JSONValue?)])
    func parse(_ type: ValueType, _ text: String, _ wanted: JSONValue?) { #expect(type.parse(text) == wanted) }

    @Test(
        "values of files fit a type or not",
        arguments: [
            (.text(nil), 5, false), (.integer(nil), "5", false), (.integer(nil), .double(5), false),
            (.quantity, 5, true), (.quantity, -5, false), (.flag, "true", false),
            (.secret, ["env": "A"], true), (.secret, ["file": "/x"], true),
            (.secret, ["env": "A", "file": "b"], false), (.secret, ["env": ""], false), (.secret, "A", false),
            (.map(.text(nil)), ["a": "b"], true), (.map(.text(nil)), ["a": 1], false), (.list(.text(nil)), ["a"], true),
            (.list(.text(nil)), [1], false), (.any, .null, true),
        ] as [(ValueType, JSONValue, Bool)])
    func accepts(_ type: ValueType, _ value: JSONValue, _ wanted: Bool) { #expect(type.accepts(value) == wanted) }

    @Test func textHasABound() {
        #expect(ValueType.text(nil).accepts(.string(String(repeating: "x", count: 16_384))))
        #expect(!ValueType.text(nil).accepts(.string(String(repeating: "x", count: 16_385))))
    }

    @Test(
        "a value that is not known yet may stand where its type fits",
        arguments: [
            (.integer(nil), .text(nil), true), (.text(nil), .integer(nil), false),
            (.choice(["a"]), .choice(["a", "b"]), true), (.choice(["a", "c"]), .choice(["a", "b"]), false),
            (.choice(["1m", "2m"]), .duration, true), (.choice(["1m", "x"]), .duration, false),
            (.any, .integer(nil), true), (.list(.text(nil)), .text(nil), false),
            (.list(.choice(["a"])), .list(.text(nil)), true), (.flag, .flag, true), (.flag, .integer(nil), false),
            (.integer(nil), .quantity, true), (.gitRef, .text(nil), true),
            (.duration, .quantity, false), (.map(.text(nil)), .map(.any), true),
        ] as [(ValueType, ValueType, Bool)])
    func fits(_ given: ValueType, _ wanted: ValueType, _ answer: Bool) { #expect(given.fits(wanted) == answer) }

    @Test func requirementsAreForPeople() {
        #expect(ValueType.integer(1...10).requirement == "a whole number from 1 to 10")
        #expect(ValueType.integer(1...Int.max).requirement == "a whole number, at least 1")
        #expect(ValueType.integer(Int.min...5).requirement == "a whole number, at most 5")
        #expect(ValueType.choice(["a", "b"]).requirement == "one of a, b")
        #expect(ValueType.list(.duration).requirement == "a list, each item a time span such as 90s or 2h30m")
    }
}
