import Domain
import Foundation
import Testing

@testable import GoogleCloud

@Suite struct PermissionTests {
    private let role = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy/infrastructure-pool/iam/role.json")

    @Test func `every action says what it needs, and nothing else does`() {
        let actions = Set(GoogleCloudActions.types(CloudConnection(), root: "/").map(\.name))
        #expect(Set(ActionPermissions.table.keys) == actions)
        for (action, permissions) in ActionPermissions.table {
            #expect(!permissions.isEmpty, "\(action)")
            #expect(Set(permissions.map(\.name)).count == permissions.count, "\(action) names one twice")
            #expect(permissions.allSatisfy { !$0.source.isEmpty && $0.name.split(separator: ".").count >= 3 })
        }
    }

    @Test func `the custom role holds exactly what the actions need`() throws {
        #expect(try String(contentsOf: role, encoding: .utf8) == CustomRole.json + "\n")
        let held = try JSONValue(parsing: CustomRole.json)["includedPermissions"]?.arrayValue?.compactMap(\.stringValue)
        #expect(held == ActionPermissions.all)
    }

    @Test func `what changes something can be planned`() {
        for type in GoogleCloudActions.types(CloudConnection(), root: "/") where type.effect == .changes {
            var reader = InputReader.describing()
            #expect(type.make(&reader) is any Plannable, "\(type.name)")
        }
    }
}
