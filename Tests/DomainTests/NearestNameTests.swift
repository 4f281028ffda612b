import Domain
import Testing

@Suite struct NearestNameTests {
    @Test(
        "the name that was most likely meant",
        arguments: [
            ("dpeloy", "deploy"), ("Deploy", "deploy"), ("deplo", "deploy"), ("restartgeth", "restart-geth"),
            ("dep", "deploy"), ("xyz", nil), ("", nil),
            ("restart-get", "restart-geth"), ("statsu", "status"), ("d", nil),
        ] as [(String, String?)])
    func nearest(_ name: String, _ wanted: String?) {
        #expect(NearestName.of(name, in: ["deploy", "restart-geth", "status", "jobs"]) == wanted)
    }

    @Test func severalAreNearestFirstAndBounded() {
        #expect(
            NearestName.several("geth-2", in: ["geth-0", "geth-1", "geth-10", "other", "geth-3"]) == [
                "geth-0", "geth-1", "geth-3",
            ])
    }

    @Test func longNamesAreBounded() {
        let long = String(repeating: "x", count: 100_000)
        #expect(NearestName.of(long, in: [long + "y"]) != nil)
    }
}
