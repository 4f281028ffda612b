import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// Compute Engine's stand-in: operations, request ids, names, fingerprints, networks and disks.
@Suite struct GoogleCloudComputeTests {
    private typealias Fixture = GoogleCloudFixture
    private let zone = GoogleCloudFixture.zone
    private let region = GoogleCloudFixture.region
    private let global = GoogleCloudFixture.global
    private let network: JSONValue = ["name": "main", "autoCreateSubnetworks": false]

    @Test func anOperationIsPendingThenRunsThenIsDone() async throws {
        try await Fixture().run { google in
            let first = try await google.call("POST", "\(global)/networks", network).json
            #expect(first["status"] == "PENDING")
            let path = "\(global)/operations/\(first["name"]?.stringValue ?? "")"
            google.time.advance(by: .milliseconds(600))
            let second = try await google.get(path)
            #expect(second["status"] == "RUNNING")
            #expect(second["progress"] == 50)
            #expect(google.google.paths(containing: "/networks/main").count == 1)
            google.time.advance(by: .seconds(1))
            let third = try await google.get(path)
            #expect(third["status"] == "DONE")
            #expect(third["progress"] == 100)
            #expect(third["operationType"] == "insert")
        }
    }

    @Test func waitAnswersWhenTheOperationIsDone() async throws {
        try await Fixture().run { google in
            let name = try await google.call("POST", "\(global)/networks", network).json["name"]?.stringValue ?? ""
            async let waited = google.call("POST", "\(global)/operations/\(name)/wait").json["status"]
            await google.time.untilSleeping(1)
            google.time.advance(by: .milliseconds(200))
            await google.time.untilSleeping(1)
            google.time.advance(by: .seconds(1))
            #expect(try await waited == "DONE")
        }
    }

    @Test func waitGivesUpAfterTwoMinutes() async throws {
        try await Fixture().run { google in
            google.google.failures.stuckOperations = true
            let name = try await google.call("POST", "\(global)/networks", network).json["name"]?.stringValue ?? ""
            async let waited = google.call("POST", "\(global)/operations/\(name)/wait").json["status"]
            await google.time.untilSleeping(1)
            google.time.advance(by: .seconds(121))
            #expect(try await waited == "PENDING")
        }
    }

    @Test func theSameRequestIDGivesTheSameOperation() async throws {
        try await Fixture().run { google in
            let path = "\(global)/networks?requestId=6f9619ff-8b86-4011-b42d-00cf4fc964ff"
            let first = try await google.call("POST", path, network).json["name"]
            google.time.advance(by: .seconds(5))
            let again = try await google.call("POST", path, network).json
            #expect(again["name"] == first)
            #expect(again["status"] == "DONE")
            let filter = "filter=clientOperationId%20%3D%20%226f9619ff-8b86-4011-b42d-00cf4fc964ff%22"
            let found = try await google.get("\(global)/operations?\(filter)")
            #expect(found["items"]?.arrayValue?.map { $0["name"] } == [first])
        }
    }

    @Test func theSameRequestIDWithAnotherBodyIsRefused() async throws {
        try await Fixture().run { google in
            let path = "\(global)/networks?requestId=6f9619ff-8b86-4011-b42d-00cf4fc964ff"
            _ = try await google.call("POST", path, network)
            let other = try await google.refusal("POST", path, ["name": "other", "autoCreateSubnetworks": false])
            #expect(other.status == 400)
            #expect(other.message.contains("other parameters"))
        }
    }

    @Test func aRequestIDIsForgottenAfterAnHour() async throws {
        try await Fixture { $0.tokenLife = .seconds(7200) }.run { google in
            let path = "\(global)/networks?requestId=6f9619ff-8b86-4011-b42d-00cf4fc964ff"
            _ = try await google.call("POST", path, network)
            google.time.advance(by: .seconds(3600))
            #expect(try await google.refusal("POST", path, network).reason == "alreadyExists")
        }
    }

    @Test(arguments: ["zero", "00000000-0000-0000-0000-000000000000"])
    func aRequestIDIsAUUIDAndNotZero(_ id: String) async throws {
        try await Fixture().run { google async throws in
            #expect(try await google.refusal("POST", "\(global)/networks?requestId=\(id)", network).reason == "invalid")
        }
    }

    @Test(arguments: ["Main", "1main", "main-", "ma_in", "", String(repeating: "a", count: 64)])
    func aNameThatIsNoneIsRefused(_ name: String) async throws {
        try await Fixture().run { google async throws in
            let body: JSONValue = ["name": .string(name), "autoCreateSubnetworks": false]
            #expect(try await google.refusal("POST", "\(global)/networks", body).reason == "invalid")
        }
    }

    @Test func aNameOf63LettersIsTaken() async throws {
        try await Fixture().run { google async throws in
            let body: JSONValue = ["name": .string(String(repeating: "a", count: 63)), "autoCreateSubnetworks": false]
            #expect(try await google.call("POST", "\(global)/networks", body).status == 200)
        }
    }

    @Test func whatIsThereAlreadyIsNotMadeAgain() async throws {
        try await Fixture().run { google in
            try await google.done("POST", "\(global)/networks", network)
            let again = try await google.refusal("POST", "\(global)/networks", network)
            #expect(again.status == 409)
            #expect(again.message == "The resource 'projects/example-project/global/networks/main' already exists")
        }
    }

    @Test func whatIsNotThereIs404() async throws {
        try await Fixture().run { google in
            let refusal = try await google.refusal("GET", "\(zone)/disks/nope")
            #expect(refusal.status == 404)
            #expect(refusal.message.contains("zones/europe-west3-a/disks/nope' was not found"))
        }
    }

    @Test func whatIsBeingMadeIsNotReadyToBeUsed() async throws {
        try await Fixture().run { google in
            _ = try await google.call("POST", "\(global)/networks", network)
            let refusal = try await google.refusal(
                "POST", "\(region)/subnetworks",
                ["name": "nodes", "network": "global/networks/main", "ipCidrRange": "10.0.0.0/20"])
            #expect(refusal.reason == "resourceNotReady")
        }
    }

    @Test func aNewThingCanBeHiddenForAWhile() async throws {
        try await Fixture().run { google async throws in
            google.google.failures.hiddenFor = 20_000
            #expect(try await google.call("POST", "\(global)/networks", network).status == 200)
            google.time.advance(by: .seconds(10))
            #expect(try await google.refusal("GET", "\(global)/networks/main").status == 404)
            #expect(try await google.get("\(global)/networks")["items"] == nil)
            google.time.advance(by: .seconds(10))
            #expect(try await google.call("GET", "\(global)/networks/main").status == 200)
        }
    }

    @Test func aNetworkWithASubnetworkIsInUse() async throws {
        try await Fixture().run { google in
            try await google.makeNetwork()
            let refusal = try await google.refusal("DELETE", "\(global)/networks/main")
            #expect(refusal.reason == "resourceInUseByAnotherResource")
            #expect(refusal.message.contains("subnetworks/nodes"))
        }
    }

    @Test func rangesOfOneNetworkDoNotOverlap() async throws {
        try await Fixture().run { google in
            try await google.makeNetwork()
            let refusal = try await google.refusal(
                "POST", "\(region)/subnetworks",
                ["name": "more", "network": "global/networks/main", "ipCidrRange": "10.10.8.0/24"])
            #expect(refusal.message.contains("conflicts with existing subnetwork 'nodes'"))
        }
    }

    @Test func aSubnetworkIsChangedWithItsFingerprintOnly() async throws {
        try await Fixture().run { google in
            try await google.makeNetwork()
            let path = "\(region)/subnetworks/nodes"
            let fingerprint = try await google.get(path)["fingerprint"] ?? ""
            let stale = try await google.refusal(
                "PATCH", path, ["fingerprint": "AAAAAAAAAAA=", "privateIpGoogleAccess": true])
            #expect(stale.status == 412)
            try await google.done("PATCH", path, ["fingerprint": fingerprint, "privateIpGoogleAccess": true])
            let after = try await google.get(path)
            #expect(after["privateIpGoogleAccess"] == true)
            #expect(after["fingerprint"] != fingerprint)
        }
    }

    @Test func aFirewallRuleIsPatchedInPlaceButNotMovedToAnotherNetwork() async throws {
        try await Fixture().run { google in
            try await google.makeNetwork()
            let rule: JSONValue = [
                "name": "p2p", "network": "global/networks/main",
                "allowed": [["IPProtocol": "tcp", "ports": ["30303"]]], "targetTags": ["geth"],
            ]
            try await google.done("POST", "\(global)/firewalls", rule)
            let path = "\(global)/firewalls/p2p"
            let made = try await google.get(path)
            #expect(made["sourceRanges"] == ["0.0.0.0/0"])
            #expect(made["direction"] == "INGRESS")
            try await google.done("PATCH", path, ["name": "p2p", "sourceRanges": ["192.0.2.0/24"]])
            #expect(try await google.get(path)["sourceRanges"] == ["192.0.2.0/24"])
            let moved = try await google.refusal("PATCH", path, ["name": "p2p", "network": "global/networks/other"])
            #expect(moved.message.contains("cannot be changed"))
        }
    }

    @Test(arguments: ["99999", "443-80", "ssh"])
    func aPortThatIsNoneIsRefused(_ port: String) async throws {
        try await Fixture().run { google in
            try await google.makeNetwork()
            let rule: JSONValue = [
                "name": "p2p", "network": "global/networks/main",
                "allowed": [["IPProtocol": "tcp", "ports": [.string(port)]]],
            ]
            #expect(try await google.refusal("POST", "\(global)/firewalls", rule).reason == "invalid")
        }
    }

    @Test func aDiskGrowsAndNeverShrinks() async throws {
        try await Fixture().run { google in
            try await google.makeDisk(size: 100)
            let path = "\(zone)/disks/chain"
            #expect(try await google.get(path)["status"] == "READY")
            let smaller = try await google.refusal("POST", "\(path)/resize", ["sizeGb": "99"])
            #expect(smaller.status == 400)
            #expect(smaller.message.contains("'99'"))
            try await google.done("POST", "\(path)/resize", ["sizeGb": "120"])
            #expect(try await google.get(path)["sizeGb"] == "120")
        }
    }

    @Test func aDiskThatIsBeingMadeIsShownAsSuch() async throws {
        try await Fixture().run { google in
            _ = try await google.call("POST", "\(zone)/disks", ["name": "chain", "sizeGb": "10"])
            #expect(try await google.get("\(zone)/disks/chain")["status"] == "CREATING")
            #expect(
                try await google.refusal("POST", "\(zone)/disks/chain/resize", ["sizeGb": "20"]).reason
                    == "resourceNotReady")
        }
    }

    @Test(arguments: [(9, 400), (10, 200), (65_536, 200), (65_537, 400)])
    func aDiskHasTenTo65536Gigabytes(_ size: Int, _ status: Int) async throws {
        try await Fixture().run { google async throws in
            let body: JSONValue = ["name": "chain", "sizeGb": .string(String(size))]
            #expect(try await google.call("POST", "\(zone)/disks", body).status == status)
        }
    }

    @Test func aSnapshotIsUploadedWhileItsOperationRuns() async throws {
        try await Fixture().run { google in
            try await google.makeDisk(size: 100)
            let body: JSONValue = ["name": "chain-1", "labels": ["keep": "7d"]]
            let operation = try await google.call("POST", "\(zone)/disks/chain/createSnapshot", body).json
            #expect(operation["targetLink"]?.stringValue?.hasSuffix("/disks/chain") == true)
            let path = "\(global)/snapshots/chain-1"
            #expect(try await google.get(path)["status"] == "CREATING")
            google.time.advance(by: .seconds(1))
            #expect(try await google.get(path)["status"] == "UPLOADING")
            // Meanwhile the disk can grow.
            #expect(try await google.call("POST", "\(zone)/disks/chain/resize", ["sizeGb": "120"]).status == 200)
            google.time.advance(by: .seconds(5))
            let made = try await google.get(path)
            #expect(made["status"] == "READY")
            #expect(made["diskSizeGb"] == "100")
            #expect(made["sourceDisk"]?.stringValue?.hasSuffix("/disks/chain") == true)
        }
    }

    @Test func labelsAreSetWithTheirFingerprint() async throws {
        try await Fixture().run { google in
            try await google.makeDisk(size: 100)
            let path = "\(zone)/disks/chain"
            let fingerprint = try await google.get(path)["labelFingerprint"] ?? ""
            try await google.done(
                "POST", "\(path)/setLabels", ["labels": ["defimon": "ml"], "labelFingerprint": fingerprint])
            #expect(try await google.get(path)["labels"] == ["defimon": "ml"])
            let again = try await google.refusal(
                "POST", "\(path)/setLabels", ["labels": [:], "labelFingerprint": fingerprint])
            #expect(again.status == 412)
        }
    }

    @Test(arguments: [(100, 200), (101, 403)])
    func theQuotaOfDisksRefusesWhatIsTooMuch(_ size: Int, _ status: Int) async throws {
        try await Fixture().run { google in
            google.google.failures.quotas = ["DISKS_TOTAL_GB": 100]
            let body: JSONValue = ["name": "chain", "sizeGb": .string(String(size))]
            let answer = try await google.call("POST", "\(zone)/disks", body)
            #expect(answer.status == status)
            if status == 403 { #expect(Fixture.Refusal(answer).reason == "quotaExceeded") }
        }
    }

    @Test func listsHavePagesFiltersAndMasks() async throws {
        try await Fixture().run { google in
            for name in ["a", "b", "c"] { try await google.makeDisk(name, size: 10) }
            let first = try await google.get("\(zone)/disks?maxResults=2&fields=items(name,sizeGb),nextPageToken")
            #expect(first["items"] == [["name": "a", "sizeGb": "10"], ["name": "b", "sizeGb": "10"]])
            #expect(first["kind"] == nil)
            let token = first["nextPageToken"]?.stringValue?.replacing("=", with: "%3D") ?? ""
            let second = try await google.get(
                "\(zone)/disks?maxResults=2&pageToken=\(token)&fields=items/name,nextPageToken")
            #expect(second == ["items": [["name": "c"]]])
            let found = try await google.get("\(zone)/disks?filter=(name=b)%20(labels.defimon=infrastructure)")
            #expect(found["items"]?.arrayValue?.map { $0["name"] } == ["b"])
            let all = try await google.get("\(GoogleCloudFixture.project)/aggregated/disks")
            #expect(all["items"]?["zones/europe-west3-a"]?["disks"]?.arrayValue?.count == 3)
        }
    }

    @Test func anOperationCanFail() async throws {
        try await Fixture().run { google in
            google.google.failures.failingOperations = ["insert": 1]
            let operation = try await google.done("POST", "\(global)/networks", network)
            #expect(operation.at(path: "error.errors.0.code") == "INTERNAL_ERROR")
            #expect(try await google.refusal("GET", "\(global)/networks/main").status == 404)
            try await google.done("POST", "\(global)/networks", network)
        }
    }
}
