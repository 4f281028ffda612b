import Foundation
import TestSupport
import Testing

@testable import Outbound

@Suite(.timeLimit(.minutes(2))) struct TreeUnpackerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Unpacks what Python's code packs; the files by their path.
    private func unpack(_ code: String, _ change: (inout TreeLimits) -> Void = { _ in }) async throws
        -> (contents: TreeContents, files: [String: String])
    {
        try unpacked(try await Tarball.make(code, in: folder), change)
    }

    private func unpacked(_ archive: String, _ change: (inout TreeLimits) -> Void = { _ in }) throws
        -> (contents: TreeContents, files: [String: String])
    {
        var limits = TreeLimits()
        change(&limits)
        let root = folder.url.appending(path: "tree-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        let contents = try TreeUnpacker(limits: limits).unpack(archive, into: root.path)
        var files: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: root.path) {
            let full = root.appending(path: path).path
            let type = try FileManager.default.attributesOfItem(atPath: full)[.type] as? FileAttributeType
            #expect(type == .typeRegular || type == .typeDirectory, "\(path)")
            if type == .typeRegular {
                files[path] = String(decoding: try Data(contentsOf: URL(filePath: full)), as: UTF8.self)
            }
        }
        return (contents, files)
    }

    private func refusal(_ code: String, _ change: (inout TreeLimits) -> Void = { _ in }) async throws -> TreeError {
        let archive = try await Tarball.make(code, in: folder)
        let error = #expect(throws: TreeError.self) { try unpacked(archive, change) }
        return try #require(error)
    }

    // MARK: What is good

    @Test func aForgesArchiveIsUnpackedWithoutItsTopFolder() async throws {
        let (contents, files) = try await unpack(
            """
            with packed(pax_headers={"comment": "1a2b3c4"}) as t:
                add(t, "acme-api-1a2b3c4", type=tarfile.DIRTYPE)
                add(t, "acme-api-1a2b3c4/README.md", b"hello")
                add(t, "acme-api-1a2b3c4/deploy/kubernetes", type=tarfile.DIRTYPE)
                add(t, "acme-api-1a2b3c4/deploy/kubernetes/api.yaml", b"kind: Deployment")
                add(t, "acme-api-1a2b3c4/empty", type=tarfile.DIRTYPE)
            """)
        #expect(files == ["README.md": "hello", "deploy/kubernetes/api.yaml": "kind: Deployment"])
        #expect(contents == TreeContents(files: 2, bytes: 21, leftOut: 0))
    }

    @Test func whatGitItselfPacksIsUnpacked() async throws {
        let (_, files) = try await unpack(
            """
            import subprocess
            def git(*arguments):
                subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments],
                               cwd=repository, check=True, capture_output=True, env={"PATH": os.environ["PATH"], "HOME": folder})
            repository = os.path.join(folder, "repository")
            os.makedirs(os.path.join(repository, "long/" * 30))
            for name in ["a.yaml", "\\u00e4.yaml", "long/" * 30 + "\\u00f6.yaml"]:
                open(os.path.join(repository, name), "w").write(name)
            git("init", "-q"); git("add", "."); git("commit", "-q", "-m", "x")
            git("archive", "--format=tar.gz", "--prefix=top/", "-o", path, "HEAD")
            """)
        let long = String(repeating: "long/", count: 30) + "ö.yaml"
        #expect(files == ["a.yaml": "a.yaml", "ä.yaml": "ä.yaml", long: long])
    }

    @Test(arguments: ["USTAR", "GNU", "PAX"]) func everyDialectKeepsNamesOfOtherLanguages(dialect: String) async throws
    {
        let (_, files) = try await unpack(
            """
            with packed(format=tarfile.\(dialect)_FORMAT, encoding="utf-8") as t:
                add(t, "top/\\u00e4\\u4e2d\\U0001f680.yaml", b"x")
            """)
        #expect(files == ["ä中🚀.yaml": "x"])
    }

    @Test func aSparseFileIsUnpackedWithItsHoles() async throws {
        let (contents, files) = try await unpack(
            """
            import subprocess
            os.makedirs(folder + "/sparse/top")
            with open(folder + "/sparse/top/file", "wb") as f:
                f.seek(1000000); f.write(b"end")
            subprocess.run(["tar", "--sparse", "-czf", path, "-C", folder + "/sparse", "top"], check=True)
            """)
        #expect(contents.bytes == 1_000_003)
        #expect(files["file"]?.hasSuffix("\0end") == true)
    }

    // MARK: What is left out

    @Test func linksAndDevicesAreLeftOutAndNothingIsWrittenThroughThem() async throws {
        let victim = try folder.write("untouched", to: "victim/file")
        let (contents, files) = try await unpack(
            """
            with packed() as t:
                add(t, "top/link", type=tarfile.SYMTYPE, linkname=folder + "/victim")
                add(t, "top/link/file", b"evil")
                add(t, "top/etc", type=tarfile.SYMTYPE, linkname="/etc")
                add(t, "top/hard", type=tarfile.LNKTYPE, linkname=folder + "/victim/file")
                add(t, "top/hard2", type=tarfile.LNKTYPE, linkname="top/link/file")
                add(t, "top/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3)
                add(t, "top/disk", type=tarfile.BLKTYPE, devmajor=8)
                add(t, "top/pipe", type=tarfile.FIFOTYPE)
            """)
        #expect(files == ["link/file": "evil"])
        #expect(contents.leftOut == 7)
        #expect(try String(contentsOfFile: victim, encoding: .utf8) == "untouched")
    }

    @Test func anArchiveOfLinksOnlyIsNoTree() async throws {
        let error = try await refusal(
            """
            with packed() as t:
                add(t, "top/link", type=tarfile.SYMTYPE, linkname="/etc/passwd")
            """)
        #expect(error == TreeError(.broken, "the archive holds no file"))
    }

    // MARK: What is refused

    @Test(
        arguments: [
            ("../evil", "leads out"), ("top/../../evil", "leads out"), ("top/a/..", "leads out"), ("..", "leads out"),
            ("/etc/evil", "absolute"), ("//evil", "absolute"), ("top/a\\nb", "control characters"),
            ("top/a\\x7fb", "control characters"), ("top/\\udcff\\udcfe", "UTF-8"),
            ("top", "instead of a folder"), ("./top", "instead of a folder"), (".", "without a name"),
            ("top/" + String(repeating: "n", count: 256), "longer than 255"),
        ])
    func aNameThatCouldDoHarmIsRefused(name: String, word: String) async throws {
        let error = try await refusal(
            """
            with packed(format=tarfile.GNU_FORMAT, encoding="utf-8", errors="surrogateescape") as t:
                add(t, "top/good", b"x")
                add(t, "\(name)", b"evil")
            """)
        #expect(error.kind == .refused)
        #expect(error.message.contains(word), "\(error.message)")
        #expect(!error.message.contains("\n"))
    }

    @Test(arguments: ["\"top/a\", b\"1\"", "\"top/a/b\", b\"1\"", "\"top/a\", type=tarfile.DIRTYPE"])
    func twoThingsOfOneNameAreRefused(second: String) async throws {
        let error = try await refusal("with packed() as t:\n    add(t, 'top/a', b'0')\n    add(t, \(second))\n")
        #expect(error.kind == .refused)
        #expect(error.message.contains("two things of one name"), "\(error.message)")
    }

    @Test func twoTopFoldersAreRefused() async throws {
        let error = try await refusal("with packed() as t:\n    add(t, 'a/x', b'0')\n    add(t, 'b/x', b'0')\n")
        #expect(error.message.contains("two folders at the top: 'a', 'b'"))
    }

    // MARK: Bounds

    @Test(arguments: [(5, true), (4, false)]) func entriesHaveABound(limit: Int, isFine: Bool) async throws {
        // Links count too.
        let code = """
            with packed() as t:
                for n in range(4): add(t, f"top/{n}", b"x")
                add(t, "top/link", type=tarfile.SYMTYPE, linkname="x")
            """
        if isFine {
            #expect(try await unpack(code) { $0.entries = limit }.contents.files == 4)
        } else {
            let error = try await refusal(code) { $0.entries = limit }
            #expect(error == TreeError(.refused, "the archive holds more than 4 entries"))
        }
    }

    @Test func aMillionEntriesEndAtTheBound() async throws {
        let error = try await refusal(
            """
            header = tarfile.TarInfo("top/" + "x" * 90)
            header.type = tarfile.DIRTYPE
            block = header.tobuf() * 1000
            with gzip.open(path, "wb", compresslevel=1) as f:
                for _ in range(1000): f.write(block)
            """
        ) { $0.ratio = 1_000_000 }
        #expect(error == TreeError(.refused, "the archive holds more than 20000 entries"))
    }

    @Test(arguments: [(300, true), (299, false)]) func unpackedBytesHaveABound(limit: Int, isFine: Bool) async throws {
        let code = "with packed() as t:\n    for n in range(3): add(t, f'top/{n}', b'x' * 100)\n"
        if isFine {
            #expect(try await unpack(code) { $0.unpackedBytes = limit }.contents.bytes == 300)
        } else {
            let error = try await refusal(code) { $0.unpackedBytes = limit }
            #expect(error == TreeError(.refused, "the archive unpacks to more than 299 bytes"))
        }
    }

    @Test func aSizeThatIsOnlyClaimedIsRefusedBeforeItIsRead() async throws {
        let error = try await refusal(
            """
            entry = tarfile.TarInfo("top/huge")
            entry.size = 1 << 50
            with gzip.open(path, "wb") as f: f.write(entry.tobuf(tarfile.GNU_FORMAT) + b"x" * 5120)
            """)
        #expect(error.message.contains("unpacks to more than"))
    }

    @Test func aSparseFileCannotClaimMoreThanTheBound() async throws {
        let error = try await refusal(
            """
            import subprocess
            os.makedirs(folder + "/sparse/top")
            with open(folder + "/sparse/top/file", "wb") as f: f.truncate(1 << 40)
            subprocess.run(["tar", "--sparse", "-czf", path, "-C", folder + "/sparse", "top"], check=True)
            """)
        #expect(error.message.contains("unpacks to more than"))
    }

    @Test(arguments: [(20, true), (19, false)]) func aPathHasABound(limit: Int, isFine: Bool) async throws {
        let code = "with packed() as t:\n    add(t, 'top/' + 'a/' * 7 + 'bc', b'x')\n"
        if isFine {
            #expect(try await unpack(code) { $0.pathBytes = limit }.files == ["a/a/a/a/a/a/a/bc": "x"])
        } else {
            let error = try await refusal(code) { $0.pathBytes = limit }
            #expect(error.message.contains("a path longer than 19 bytes"))
        }
    }

    @Test func aBombIsRefusedByItsRatio() async throws {
        let code = "with packed() as t:\n    add(t, 'top/zeros', bytes(4 << 20))\n"
        let error = try await refusal(code) { $0.ratioFrom = 1 << 20 }
        #expect(error.message.contains("more than 200 times its size"))
        // Zeros are packed about a thousandfold, and below a few mebibytes nobody minds.
        #expect(
            try await unpack(code) {
                $0.ratioFrom = 1 << 20
                $0.ratio = 5000
            }.contents.bytes == 4 << 20)
        #expect(try await unpack(code) { $0.ratioFrom = 5 << 20 }.contents.bytes == 4 << 20)
    }

    @Test(arguments: [(201, true), (200, false)])
    func whatIsLeftOutCountsToo(limit: Int, isFine: Bool) async throws {
        // A hard link that brings its file's data along, as pax allows.
        let code = """
            with packed(format=tarfile.PAX_FORMAT) as t:
                add(t, "top/x", b"x", pax_headers={"comment": "x"})
                entry = tarfile.TarInfo("top/hard")
                entry.type, entry.linkname, entry.size = tarfile.LNKTYPE, "top/x", 200
                entry.pax_headers = {"comment": "x"}
                t.addfile(entry)
                t.fileobj.write(b"y" * 200 + bytes(312))
                t.offset += 512
            """
        if isFine {
            #expect(
                try await unpack(code) { $0.unpackedBytes = limit }.contents == .init(files: 1, bytes: 1, leftOut: 1))
        } else {
            let error = try await refusal(code) { $0.unpackedBytes = limit }
            #expect(error == TreeError(.refused, "the archive unpacks to more than 200 bytes"))
        }
    }

    @Test func aChainOfSpecialHeadersEnds() async throws {
        let error = try await refusal(
            """
            header = tarfile.TarInfo.create_pax_global_header({"comment": "x"})
            with gzip.open(path, "wb") as f:
                f.write(header * 100000 + tarfile.TarInfo("top/x").tobuf() + bytes(1024))
            """)
        #expect([.refused, .broken].contains(error.kind))
    }

    // MARK: What is broken

    @Test(
        arguments: [
            "open(path, 'wb').write(b'')", "open(path, 'wb').write(b'not found')",
            "open(path, 'wb').write(os.urandom(5000))",
            "open(path, 'wb').write(b'\\x1f\\x8b\\x08' + os.urandom(5000))",
            "gzip.open(path, 'wb').write(b'')", "gzip.open(path, 'wb').write(b'hello' * 1000)",
            "gzip.open(path, 'wb').write(os.urandom(5000))", "gzip.open(path, 'wb').write(bytes(10240))",
            "t = tarfile.open(path, 'w:'); add(t, 'top/x', b'x'); t.close()",
            "t = tarfile.open(path, 'w:bz2'); add(t, 'top/x', b'x'); t.close()",
            "t = tarfile.open(path, 'w:xz'); add(t, 'top/x', b'x'); t.close()",
            "t = packed(); add(t, 'top/x', b'x'); t.close(); b = open(path, 'rb').read(); gzip.open(path, 'wb').write(b)",
            "import zipfile; zipfile.ZipFile(path, 'w').writestr('top/x', b'x')",
        ])
    func whatIsNoArchiveOfItsKindIsBroken(code: String) async throws {
        let error = try await refusal(code + "\n")
        #expect(error.kind == .broken, "\(error.message)")
    }

    @Test(arguments: [1, 2, 3, 10, 50, 90]) func anArchiveThatIsCutOffIsBroken(percent: Int) async throws {
        let archive = try await Tarball.make(
            """
            with packed() as t:
                for n in range(20): add(t, f"top/{n}", os.urandom(5000))
            """, in: folder)
        let whole = try Data(contentsOf: URL(filePath: archive))
        try whole.prefix(whole.count * percent / 100).write(to: URL(filePath: archive))
        let error = #expect(throws: TreeError.self) { try unpacked(archive) }
        #expect(error?.kind == .broken)
    }

    @Test func aTreeThatNobodyWantsAnyMoreEnds() async throws {
        let archive = try await Tarball.make("with packed() as t:\n    add(t, 'top/x', b'x')\n", in: folder)
        let root = folder.path("cancelled")
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        #expect(throws: CancellationError.self) {
            try TreeUnpacker(limits: TreeLimits(), isCancelled: { true }).unpack(archive, into: root)
        }
    }
}
