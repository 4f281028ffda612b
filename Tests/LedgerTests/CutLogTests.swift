import Domain
import Foundation
import Ledger
import TestSupport
import Testing

/// The write-ahead log as a crash of the machine may leave it: cut off anywhere.
@Suite struct CutLogTests {
    /// The WAL's header, each frame's header, and a page, in bytes (https://www.sqlite.org/fileformat.html §4.1).
    private static let header = 32
    private static let frameHeader = 24
    private static let page = 8192

    @Test func `A log that is cut anywhere holds all that was acknowledged before the cut`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        // An empty ledger whose tables are in the file itself.
        try await withLedger(at: path) { _ in }
        let copy = folder.path("cut.sqlite")
        // The log's size when each delivery was acknowledged.
        let sizes = try await withLedger(at: path) { ledger in
            var sizes: [Int] = []
            for index in 0..<6 {
                _ = try await ledger.insert(try verified("body \(index)", id: "\(index)"))
                let attributes = try FileManager.default.attributesOfItem(atPath: path + "-wal")
                sizes.append(try #require(attributes[.size] as? Int))
            }
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
            }
            return sizes
        }
        let size = try #require(sizes.last)
        let frame = CutLogTests.frameHeader + CutLogTests.page
        #expect((size - CutLogTests.header) % frame == 0)
        #expect(sizes == sizes.sorted() && Set(sizes).count == sizes.count)
        var found = 0
        for cut in CutLogTests.cuts(size).reversed() {
            try #require(truncate(copy + "-wal", off_t(cut)) == 0)
            try? FileManager.default.removeItem(atPath: copy + "-shm")  // the cut is seen by a process that starts
            let ledger = try SQLiteLedger.readOnly(path: copy)
            let bodies = try await ledger.undecodedDeliveries(limit: 100).map(\.delivery.body)
            let acknowledged = sizes.count { $0 <= cut }
            try #require(bodies.count >= acknowledged, "cut at \(cut) of \(size)")
            try #require(bodies == (0..<bodies.count).map { Array("body \($0)".utf8) }, "cut at \(cut)")
            let verdict = try await ledger.verifyAudit()
            try #require(verdict == .intact(records: Int64(bodies.count)), "cut at \(cut)")
            found = max(found, bodies.count)
        }
        #expect(found == 6)
    }

    /// Every byte of the log's header and of each frame's header, the bytes around every border, and every 2,999th byte
    /// of the pages.
    private static func cuts(_ size: Int) -> [Int] {
        let frame = frameHeader + page
        let borders = stride(from: header, through: size, by: frame)
        var cuts = Set(0...header)
        for border in borders { cuts.formUnion((border - 2)...(border + frameHeader + 1)) }
        cuts.formUnion(stride(from: 0, through: size, by: 2999))
        return cuts.filter { $0 <= size }.sorted()
    }
}
