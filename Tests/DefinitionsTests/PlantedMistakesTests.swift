import Definitions
import Domain
import Foundation
import Testing

/// A folder with planted mistakes: every one is found, with its place and, where there is one, its fix.
@Suite struct PlantedMistakesTests {
    @Test func everyPlantedMistakeIsPrintedWithItsPlace() async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/planted")
        let loaded = await Loading.loader(root: folder.path).loadAndTryExamples()
        #expect(loaded.settings == nil && loaded.definitions == nil)
        #expect(loaded.problems.map(\.description) == Self.wanted)
    }

    static let wanted: [String] = []
}
