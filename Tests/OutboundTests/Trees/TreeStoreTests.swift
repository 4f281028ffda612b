import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Outbound

@Suite(.timeLimit(.minutes(2))) struct TreeStoreTests {
    private let folder: TemporaryFolder
    private let time = VirtualTime()
    private let archive: URL

    init() async throws {
        folder = try TemporaryFolder()
        archive = URL(
            filePath: try await Tarball.make(
                "with packed() as t:\n    add(t, 'top/a', b'abc')\n    add(t, 'top/b/c', b'defgh')\n", in: folder))
    }

    private func store(_ change: (inout TreeStore.Keep) -> Void = { _ in }) -> TreeStore {
        var keep = TreeStore.Keep()
        change(&keep)
        return TreeStore(folder: folder.path("state/trees"), keep: keep, time: time)
    }

    /// What is in the folder; each tree has one record.
    private var names: [String] {
        let all = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path("state/trees"))) ?? []).sorted()
        let trees = all.filter { !$0.hasPrefix(".record-") }
        #expect(all.count - trees.count == trees.count { !$0.hasPrefix(".") })
        return trees
    }

    private func copy(to file: URL) throws { try FileManager.default.copyItem(at: archive, to: file) }

    @Test func aTreeIsFetchedOnceAndFoundAgainByAnother() async throws {
        let tree = try await store().fetch("acme.api-1a2b3c4") { try copy(to: $0) }
        #expect(tree.files == 2 && tree.bytes == 8 && tree.leftOut == 0)
        #expect(try String(contentsOfFile: tree.folder + "/b/c", encoding: .utf8) == "defgh")
        // As after a restart.
        let again = try await store().fetch("acme.api-1a2b3c4") { _ in
            Issue.record("it is here already")
        }
        #expect(again == tree)
        #expect(try store().folder(of: "acme.api-1a2b3c4") == tree.folder)
        #expect(names == ["acme.api-1a2b3c4"])
        #expect(tree.folder == folder.path("state/trees/acme.api-1a2b3c4"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: tree.folder).sorted() == ["a", "b"])
    }

    @Test func aTreeThatIsNotHereIsSaid() throws {
        #expect(try store().tree("x") == nil)
        let error = #expect(throws: TreeError.self) { try store().folder(of: "x") }
        #expect(error?.kind == .missing)
        #expect(error?.actionError.hint?.isEmpty == false)
    }

    @Test(arguments: [
        "", ".", "..", ".partial-1", "a/b", "../x", "a b", "ä", "-x", "_x", String(repeating: "x", count: 201),
    ])
    func whatIsNoIDReachesNoFile(id: String) async throws {
        #expect(throws: TreeError.self) { try store().tree(id) }
        await #expect(throws: TreeError.self) { try await store().fetch(id) { _ in } }
        #expect(names == [])
    }

    @Test func anIDHasABound() {
        #expect(TreeStore.isID(String(repeating: "x", count: 200)))
        #expect(!TreeStore.isID(String(repeating: "x", count: 201)))
    }

    @Test func aDownloadThatFailsLeavesNothing() async throws {
        struct Gone: Error {}
        await #expect(throws: Gone.self) {
            try await store().fetch("x") { file in
                try Data("half".utf8).write(to: file)
                throw Gone()
            }
        }
        #expect(names == [])
    }

    @Test func anArchiveThatIsRefusedLeavesNothing() async throws {
        for code in [
            "open(path, 'wb').write(b'no')\n",
            "with packed() as t:\n    add(t, 'top/a', b'a')\n    add(t, '../a', b'a')\n",
        ] {
            let bad = URL(filePath: try await Tarball.make(code, in: folder))
            await #expect(throws: TreeError.self) {
                try await store().fetch("x") { try FileManager.default.copyItem(at: bad, to: $0) }
            }
            #expect(names == [])
            #expect(try store().tree("x") == nil)
        }
    }

    @Test(arguments: [(0, true), (-1, false)]) func anArchiveHasABound(more: Int, isFine: Bool) async throws {
        var limits = TreeLimits()
        limits.compressedBytes = try Data(contentsOf: archive).count + more
        let bounded = limits
        if isFine {
            _ = try await store().fetch("x", limits: bounded) { try copy(to: $0) }
        } else {
            let error = await #expect(throws: TreeError.self) {
                try await store().fetch("x", limits: bounded) { try copy(to: $0) }
            }
            #expect(error?.kind == .refused)
        }
    }

    @Test func whatACrashHasLeftIsNoTreeAndIsRemoved() async throws {
        // Killed while it was unpacked; and a folder that nobody has finished.
        try folder.write("half", to: "state/trees/.partial-1/files/a")
        try folder.write("half", to: "state/trees/.partial-77/files/a")
        try folder.write("half", to: "state/trees/y/a")
        #expect(try store().tree("y") == nil)
        let tree = try await store().fetch("y") { try copy(to: $0) }
        #expect(names == ["y"])
        #expect(try String(contentsOfFile: tree.folder + "/a", encoding: .utf8) == "abc")
    }

    @Test func aRecordWithoutItsTreeIsNoTree() async throws {
        // Killed right before the rename that shows the tree.
        try folder.write(#"{"files":2,"bytes":8,"leftOut":0}"#, to: "state/trees/.record-x")
        #expect(try store().tree("x") == nil)
        _ = try await store().fetch("x") { try copy(to: $0) }
        #expect(names == ["x"])
    }

    @Test func twoWhoFetchTheSameGetTheSame() async throws {
        let store = store()
        let started = Counter()
        let trees = try await withThrowingTaskGroup(of: Tree.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await store.fetch("x") { file in
                        started.add()
                        // All of them are under way before one is done.
                        _ = await eventually { started.count == 4 ? true : nil }
                        try copy(to: file)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(trees).count == 1 && trees.count == 4)
        #expect(names == ["x"])
    }

    @Test func theTreesUsedLastAreKept() async throws {
        let store = store { $0.trees = 3 }
        for id in ["a", "b", "c"] {
            _ = try await store.fetch(id) { try copy(to: $0) }
            time.advance(by: .seconds(10))
        }
        #expect(names == ["a", "b", "c"])
        _ = try store.tree("a")
        time.advance(by: .seconds(10))
        _ = try await store.fetch("d") { try copy(to: $0) }
        #expect(names == ["a", "c", "d"])
    }

    @Test(arguments: [(16, ["b", "c"]), (15, ["c"]), (1, ["c"])] as [(Int64, [String])])
    func treesHaveABoundOfBytesTogether(
        bytes: Int64, kept: [String]
    ) async throws {
        let store = store { $0.bytes = bytes }
        for id in ["a", "b", "c"] {
            _ = try await store.fetch(id) { try copy(to: $0) }
            time.advance(by: .seconds(10))
        }
        #expect(names == kept)
    }

    @Test func aFetchThatIsCancelledLeavesNothing() async throws {
        let store = store()
        let underWay = Counter()
        let task = Task {
            try await store.fetch("x") { _ in
                underWay.add()
                try await Task.sleep(for: .seconds(600))
            }
        }
        _ = await eventually { underWay.count > 0 ? true : nil }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(names == [])
    }

    @Test func aFolderThatCannotBeWrittenIsSaidWithItsName() async throws {
        try folder.write("a file", to: "state/trees")
        let error = await #expect(throws: TreeError.self) { try await store().fetch("x") { try copy(to: $0) } }
        #expect(error?.kind == .storage)
        #expect(error?.message.contains("state/trees") == true)
    }
}

private final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func add() { value.withLock { $0 += 1 } }
}
