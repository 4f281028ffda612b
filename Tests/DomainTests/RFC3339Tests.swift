import Domain
import Foundation
import Testing

@Suite struct RFC3339Tests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (1_790_000_000_000_123, "2026-09-21T14:13:20.000123Z"),
            (-1, "1969-12-31T23:59:59.999999Z"), (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (4_102_444_799_999_999, "2099-12-31T23:59:59.999999Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
        ] as [(Int64, String)]) func `a time is written and read back`(_ microseconds: Int64, _ text: String)
    {
        #expect(Date(microseconds: microseconds).rfc3339 == text)
        #expect(Date(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(
        arguments: [
            ("2026-09-21T16:13:20+02:00", 1_790_000_000_000_000),
            ("2026-09-21t09:13:20.5-05:00", 1_790_000_000_500_000),
            ("2026-09-21T14:13:20.123456789Z", 1_790_000_000_123_456),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ] as [(String, Int64)]) func `other spellings are read`(_ text: String, _ microseconds: Int64)
    {
        #expect(Date(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2026-09-21", "2026-09-21T14:13:20", "2026-09-21T14:13:20.Z", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-09-21T24:00:00Z", "2026-09-21T14:13:20+0200", "2026-09-21T14:13:20Zx", "2026-09-21T14:13:20.1234567890Z",
    ]) func `what is no time is refused`(_ text: String) {
        #expect(Date(rfc3339: text) == nil)
    }
}
