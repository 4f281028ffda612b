import Domain
import Testing

@Suite struct DiskGrowthTests {
    @Test(arguments: [
        ("2TiB", 100, 2048), ("+200GiB", 100, 300), ("+20%", 100, 120), ("+20%", 101, 122), ("+1%", 10, 11),
        ("1TB", 100, 932), ("+900%", 10, 100),
    ])
    func `growth is counted in whole GiB`(_ text: String, _ present: Int, _ after: Int) throws {
        #expect(DiskGrowth.pattern?.matches(text) == true)
        #expect(try #require(DiskGrowth(text)).target(from: present) == after)
    }

    @Test(arguments: ["", "+", "+0%", "+901%", "0GiB", "+0GiB", "-20%", "20%", "much"])
    func `what is no growth is refused`(_ text: String) {
        #expect(DiskGrowth(text) == nil || DiskGrowth.pattern?.matches(text) == false)
    }

    @Test func `what is not whole GiB is rounded up`() {
        #expect(DiskSize.gibibytes(Quantity(bytes: 1 << 30)) == 1)
        #expect(DiskSize.gibibytes(Quantity(bytes: 1 << 30 + 1)) == 2)
        #expect(DiskSize.gibibytes(Quantity(bytes: 1)) == 1)
    }
}
