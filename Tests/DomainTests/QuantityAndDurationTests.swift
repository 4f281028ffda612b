import Domain
import Testing

@Suite struct QuantityAndDurationTests {
    @Test(
        "quantities",
        arguments: [
            ("50GiB", 53_687_091_200), ("1KiB", 1024), ("2TiB", 2_199_023_255_552), ("1PiB", 1_125_899_906_842_624),
            ("500GB", 500_000_000_000),
            ("1kB", 1000), ("3MB", 3_000_000), ("1TB", 1_000_000_000_000), ("2PB", 2_000_000_000_000_000), ("7B", 7),
            ("1048576", 1_048_576), ("0", 0),
            ("", nil), ("-1GiB", nil), ("1.5GiB", nil), ("1 GiB", nil), ("GiB", nil), ("1gib", nil), ("1Gi", nil),
            ("1KB", nil),
            ("9999999999GiB", nil), ("99999999999999999999", nil), ("٣GiB", nil),
        ] as [(String, Int64?)])
    func quantity(_ text: String, _ bytes: Int64?) { #expect(Quantity(text)?.bytes == bytes) }

    @Test(
        "a quantity is shown in the largest unit that divides it",
        arguments: [
            (53_687_091_200, "50GiB"), (1000, "1kB"), (1024, "1KiB"), (1025, "1025B"), (0, "0B"),
            (500_000_000_000, "500GB"),
        ] as [(Int64, String)])
    func shown(_ bytes: Int64, _ wanted: String) {
        #expect(Quantity(bytes: bytes).description == wanted)
        #expect(Quantity(wanted)?.bytes == bytes)
    }

    @Test(
        "durations",
        arguments: [
            ("90s", 90_000), ("2m", 120_000), ("1h30m", 5_400_000), ("7d", 604_800_000), ("500ms", 500),
            ("1w2d", 777_600_000),
            ("0", 0), ("0s", 0), ("1m500ms", 60_500), ("", nil), ("5", nil), ("m", nil), ("30m1h", nil), ("1h1h", nil),
            ("1.5h", nil), ("1 h", nil),
            ("-5s", nil), ("1y", nil), ("11000d", nil), ("1000000001s", nil), ("99999999999999999999s", nil),
            ("1H", nil),
        ] as [(String, Int64?)])
    func duration(_ text: String, _ milliseconds: Int64?) {
        #expect(DurationText.parse(text)?.milliseconds == milliseconds)
    }

    @Test(
        "durations for people and for files",
        arguments: [
            (0, "0 ms", "0s"), (450, "450 ms", "450ms"), (999, "999 ms", "999ms"), (1000, "1 s", "1s"),
            (7499, "7 s", "7s499ms"), (7500, "8 s", "7s500ms"),
            (59_700, "1 min", "59s700ms"), (200_000, "3 min 20 s", "3m20s"), (7_500_000, "2 h 5 min", "2h5m"),
            (273_600_000, "3 d 4 h", "3d4h"), (-5, "0 s", "0s"),
        ] as [(Int64, String, String)])
    func human(_ milliseconds: Int64, _ human: String, _ canonical: String) {
        let duration = Duration.milliseconds(milliseconds)
        #expect(DurationText.human(duration) == human)
        #expect(DurationText.canonical(duration) == canonical)
        #expect(DurationText.parse(canonical) == max(duration, .zero))
    }
}
