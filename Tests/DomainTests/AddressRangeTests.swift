import Domain
import Testing

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.0/8", true), ("0.0.0.0/0", true), ("10.10.0.0/20", true), ("10.10.0.1/20", false),
        ("10.0.0/8", false), ("10.0.0.256/32", false), ("10.0.0.0/33", false), ("10.0.0.0", false), ("", false),
    ])
    func `a range of addresses is read`(_ text: String, _ isOne: Bool) {
        #expect((AddressRange(text) != nil) == isOne)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.1.0.0/16", true), ("10.1.0.0/16", "10.0.0.0/8", false),
        ("10.1.0.0/16", "10.2.0.0/16", false),
        ("10.1.0.0/16", "10.1.0.0/16", true), ("0.0.0.0/0", "10.1.0.0/16", true),
    ])
    func `a range holds another`(_ outer: String, _ inner: String, _ holds: Bool) throws {
        #expect(try #require(AddressRange(outer)).holds(try #require(AddressRange(inner))) == holds)
    }
}
