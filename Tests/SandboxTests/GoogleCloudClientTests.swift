import CryptoExtras
import Domain
import Foundation
import Sandbox
import Synchronization
import TestSupport
import Testing

/// Clients that know the real Google Cloud, against the stand-in: `google_client_test.py` with Google's own.
@Suite struct GoogleCloudClientTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let hasClients: Bool = {
        let packages = root.appending(path: ".venv/lib").path
        // Without the folder there is no client.
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: packages)) ?? []
        return versions.contains { version in
            ["googleapiclient", "google/cloud/compute_v1"].allSatisfy {
                FileManager.default.fileExists(atPath: "\(packages)/\(version)/site-packages/\($0)")
            }
        }
    }()

    @Test(.enabled(if: hasClients || ProcessInfo.processInfo.environment["CI"] == "true"))
    func googlesOwnClientsDoAsTheyDoAtGoogle() async throws {
        let email = "bot@example-project.iam.gserviceaccount.com"
        let key = try GoogleCloudFixture.key.get()
        var configuration = GoogleCloudStandIn.Configuration()
        configuration.accounts = [.init(email: email, keys: ["k1": key.publicKey.pemRepresentation])]
        configuration.metadataAccount = email
        configuration.pending = .milliseconds(10)
        configuration.runningOtherwise = .milliseconds(50)
        configuration.running = [:]
        configuration.changePending = .milliseconds(50)
        let google = GoogleCloudStandIn(configuration)
        let problems = Mutex<Set<String>>([])
        google.onExchange { exchange in
            guard GoogleDiscoveries.areThere else { return }
            let found = GoogleDiscoveries.problems(
                exchange.methodID, verb: exchange.verb, path: exchange.path, query: exchange.query,
                request: exchange.request, status: exchange.status, answer: exchange.answer)
            problems.withLock { $0.formUnion(found) }
        }
        try await running([{ try await google.run() }]) {
            let folder = try TemporaryFolder()
            let file = try folder.write(key.pkcs8PEMRepresentation, to: "key.pem")
            let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "google_client_test.py")
            let client = try await RunningProgram(
                GoogleCloudClientTests.root.appending(path: ".venv/bin/python").path,
                [script.path, try await google.url(), file, email], in: folder)
            let code = await client.ended(within: .seconds(120))
            #expect(code == 0, "\(client.text)\n\(google.received.suffix(3))")
        }
        #expect(problems.withLock { $0 }.sorted() == [])
    }
}
