import Domain
import Sandbox
import TestSupport
import Testing

@testable import GoogleCloud

@Suite struct StatusTests {
    @Test func `a pool's machines are shown with their disks, others are not`() async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            world.google.put("\(CloudWorld.zone)/instances/web-1", ["status": "RUNNING", "labels": ["defimon": "ml"]])
            let blocks = try await GoogleCloudStatus(world.cloud).blocks(pool: "infrastructure")
            #expect(
                blocks == [
                    .fields([
                        Report.Field(
                            "Instance geth-0",
                            "RUNNING, n2-standard-8, europe-west3-a, disks geth-0 50 GiB and chain-0 2 TiB")
                    ])
                ])
            #expect(try await GoogleCloudStatus(world.cloud).blocks(pool: "analytics").isEmpty)
        }
    }

    @Test func `without settings nothing is shown`() async throws {
        #expect(try await GoogleCloudStatus(CloudConnection()).blocks(pool: "infrastructure").isEmpty)
    }
}
