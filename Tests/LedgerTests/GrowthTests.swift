import Domain
import Foundation
import Ledger
import TestSupport
import Testing

@Suite struct GrowthTests {
    /// With its audit record and its headers, before its event.
    @Test(.enabled(if: WireData.isThere)) func pushTakesLessThanFourTenthsOfItsSize() async throws {
        let push = try WireData.bytes("github/webhooks-woodpecker/push.json")
        let compact = String(decoding: try JSONValue(parsing: push).canonicalBytes, as: UTF8.self)
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        func size() throws -> Int { try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0 }
        try await withLedger(at: path) { ledger in _ = try await ledger.insert(try verified(id: "first")) }
        let before = try size()
        let count = 300
        try await withLedger(at: path) { ledger in
            for _ in 0..<count {
                let id = UUID().uuidString.lowercased()
                let body = compact.replacing("refs/heads", with: "refs/heads-\(id)")
                let headers = [
                    "content-type": "application/json", "user-agent": "GitHub-Hookshot/f1a2b3c",
                    "x-github-delivery": id, "x-github-event": "push", "x-github-hook-id": "292430182",
                    "x-github-hook-installation-target-id": "79929171",
                    "x-github-hook-installation-target-type": "repository",
                ]
                _ = try await ledger.insert(try verified(body, id: id, headers: headers))
            }
        }
        let growth = (try size() - before) / count
        #expect(growth * 10 < compact.utf8.count * 4, "\(growth) bytes for \(compact.utf8.count)")
    }
}
