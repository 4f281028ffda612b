import Domain
import Foundation
import Testing

@Suite struct JSONValueTests {
    @Test(
        "JSON is read and written in one canonical form",
        arguments: [
            ("{\"b\": 1, \"a\": [true, null, \"x\"]}", "{\"a\":[true,null,\"x\"],\"b\":1}"),
            ("1", "1"), ("1.0", "1"), ("1.5", "1.5"), ("-0.25", "-0.25"), ("1e2", "100"), ("0", "0"), ("true", "true"),
            ("false", "false"),
            ("null", "null"), ("9007199254740993", "9007199254740993"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775807", "9223372036854775807"), ("\"\\u003c\\u0001\\n\\/é\"", "\"<\\u0001\\n/é\""),
            ("\"😀\"", "\"😀\""),
            ("\"\\ud83d\\ude00\"", "\"😀\""), ("[]", "[]"), ("{}", "{}"), ("{\"ä\":1,\"z\":2}", "{\"z\":2,\"ä\":1}"),
            ("[1,0,true,false]", "[1,0,true,false]"),
        ])
    func canonical(_ text: String, _ wanted: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(value.canonicalText == wanted)
        #expect(try JSONValue(parsing: value.canonicalText) == value)
    }

    @Test("what is no JSON is refused", arguments: ["", "{", "{a:1}", "tru", "\"\u{1}\"", "1 2", "NaN"])
    func refused(_ text: String) {
        #expect(throws: (any Error).self) { try JSONValue(parsing: text) }
    }

    @Test(
        "a dotted path names a member",
        arguments: [
            ("labels.instance", "geth-0"), ("alerts.1.status", "resolved"), ("labels.a.b", "whole"), ("labels", nil),
            ("labels.missing", nil), ("alerts.2", nil), ("alerts.-1", nil), ("alerts.x", nil),
            ("labels.instance.x", nil), ("", nil), (".", nil),
            ("deep.x.y", "nested"), ("deep.x.z", "flat"), ("null.x", nil),
        ] as [(String, String?)])
    func path(_ path: String, _ wanted: String?) throws {
        let value = try JSONValue(
            parsing: """
                {"labels": {"instance": "geth-0", "a.b": "whole", "a": {"b": "parts"}}, "null": null,
                 "alerts": [{"status": "firing"}, {"status": "resolved"}], "deep": {"x": {"y": "nested"}, "x.z": "flat"}}
                """)
        #expect(value.at(path: path)?.stringValue == wanted)
    }

    @Test(
        "a value inside a longer text",
        arguments: [
            ("a\"b", "a\"b"), (.null, ""), (true, "true"), (12, "12"), (.double(1.5), "1.5"), ([1, "a"], "[1,\"a\"]"),
            (["a": .null], "{\"a\":null}"),
        ] as [(JSONValue, String)])
    func plain(_ value: JSONValue, _ wanted: String) { #expect(value.plainText == wanted) }

    @Test func aWholeNumberTooLargeForAnIntIsNoTrap() {
        #expect(JSONValue.double(1e300).canonicalText == "1e+300")
        #expect(JSONValue.double(.infinity).canonicalText == "null")
        #expect(JSONValue.int(.max).intValue == Int.max)
    }

    @Test func codableKeepsEveryKind() throws {
        let value: JSONValue = ["a": [1, .double(1.5), true, .null, "x", ["b": []]]]
        let data = try JSONEncoder().encode(value)
        #expect(try JSONDecoder().decode(JSONValue.self, from: data) == value)
        #expect(try JSONValue(encoding: LockRequest(path: "a", mode: .shared)) == ["path": "a", "mode": "shared"])
        #expect(
            try JSONValue(["path": "a", "mode": "shared"]).decode(LockRequest.self)
                == LockRequest(path: "a", mode: .shared))
    }

    @Test func deepNestingIsRefusedOrReadWithoutACrash() {
        let text = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(throws: (any Error).self) { try JSONValue(parsing: text) }
    }
}

extension JSONValue {
    /// For the literal above.
    fileprivate init(_ value: JSONValue) { self = value }
}
