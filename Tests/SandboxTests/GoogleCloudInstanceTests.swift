import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// Instances of Compute Engine's stand-in.
@Suite struct GoogleCloudInstanceTests {
    private typealias Fixture = GoogleCloudFixture
    private let zone = GoogleCloudFixture.zone

    @Test func anInstanceComesUpWithItsDisk() async throws {
        try await Fixture().run { google in
            try await google.makeNetwork()
            let path = "\(zone)/instances/geth-0"
            _ = try await google.call("POST", "\(zone)/instances", Fixture.instance())
            #expect(try await google.get(path)["status"] == "PROVISIONING")
            google.time.advance(by: .milliseconds(300))
            #expect(try await google.get(path)["status"] == "STAGING")
            google.time.advance(by: .seconds(2))
            let instance = try await google.get(path)
            #expect(instance["status"] == "RUNNING")
            let disk = try await google.get("\(zone)/disks/geth-0")
            #expect(disk["sizeGb"] == "50")
            #expect(disk["users"] == [instance["selfLink"] ?? ""])
            let serial = try await google.get("\(path)/serialPort")
            #expect(serial["contents"]?.stringValue?.contains("startup-script exit status 0") == true)
            let rest = try await google.get("\(path)/serialPort?start=\(serial["next"]?.stringValue ?? "")")
            #expect(rest["contents"] == "")
        }
    }

    @Test func aMachineTypeIsChangedWhileTheInstanceIsStoppedOnly() async throws {
        try await Fixture().run { google in
            try await google.makeInstance()
            let path = "\(zone)/instances/geth-0"
            let body: JSONValue = ["machineType": "zones/europe-west3-a/machineTypes/n2-standard-16"]
            let running = try await google.refusal("POST", "\(path)/setMachineType", body)
            #expect(running.message.contains("RUNNING"))
            try await google.done("POST", "\(path)/stop")
            #expect(try await google.get(path)["status"] == "TERMINATED")
            // A stopped instance keeps its disks.
            #expect(try await google.get("\(zone)/disks/geth-0")["users"] != nil)
            try await google.done("POST", "\(path)/setMachineType", body)
            try await google.done("POST", "\(path)/start")
            let after = try await google.get(path)
            #expect(after["status"] == "RUNNING")
            #expect(after["machineType"]?.stringValue?.hasSuffix("n2-standard-16") == true)
        }
    }

    @Test func aDiskIsWrittenByOneInstanceOnly() async throws {
        try await Fixture().run { google in
            try await google.makeInstance()
            try await google.makeDisk()
            try await google.done("POST", "\(zone)/instances", Fixture.instance("geth-1"))
            let body: JSONValue = ["source": "zones/europe-west3-a/disks/chain", "deviceName": "chain"]
            try await google.done("POST", "\(zone)/instances/geth-0/attachDisk", body)
            let second = try await google.refusal("POST", "\(zone)/instances/geth-1/attachDisk", body)
            #expect(second.reason == "resourceInUseByAnotherResource")
            #expect(
                try await google.refusal("DELETE", "\(zone)/disks/chain").reason == "resourceInUseByAnotherResource")
            try await google.done("POST", "\(zone)/instances/geth-0/detachDisk?deviceName=chain")
            try await google.done("DELETE", "\(zone)/disks/chain")
        }
    }

    @Test func anInstanceTakesItsBootDiskWithItAndLeavesOthers() async throws {
        try await Fixture().run { google in
            try await google.makeInstance()
            try await google.makeDisk()
            try await google.done(
                "POST", "\(zone)/instances/geth-0/attachDisk", ["source": "zones/europe-west3-a/disks/chain"])
            try await google.done("DELETE", "\(zone)/instances/geth-0")
            #expect(google.google.paths(containing: "/instances/").isEmpty)
            #expect(google.google.paths(containing: "/disks/") == ["\(zone)/disks/chain"])
            #expect(try await google.get("\(zone)/disks/chain")["users"] == nil)
        }
    }

    @Test func aZoneWithoutRoomStartsNothing() async throws {
        try await Fixture().run { google in
            try await google.makeInstance()
            try await google.done("POST", "\(zone)/instances/geth-0/stop")
            google.google.failures.stockout = ["europe-west3-a"]
            let operation = try await google.done("POST", "\(zone)/instances/geth-0/start")
            #expect(operation.at(path: "error.errors.0.code") == "ZONE_RESOURCE_POOL_EXHAUSTED")
            #expect(operation["httpErrorStatusCode"] == 503)
            #expect(try await google.get("\(zone)/instances/geth-0")["status"] == "TERMINATED")
        }
    }

    @Test func theQuotaOfProcessorsEndsTheOperationAndNothingIsLeft() async throws {
        try await Fixture().run { google in
            try await google.makeNetwork()
            google.google.failures.quotas = ["CPUS": 7]
            let operation = try await google.done("POST", "\(zone)/instances", Fixture.instance())
            #expect(operation.at(path: "error.errors.0.code") == "QUOTA_EXCEEDED")
            #expect(
                operation.at(path: "error.errors.0.message")
                    == "Quota 'CPUS' exceeded.  Limit: 7.0 in region europe-west3.")
            #expect(try await google.refusal("GET", "\(zone)/instances/geth-0").status == 404)
            #expect(try await google.refusal("GET", "\(zone)/disks/geth-0").status == 404)
        }
    }
}
