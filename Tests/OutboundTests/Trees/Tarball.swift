import Foundation
import TestSupport

/// Archives that Python's `tarfile` makes, the good and the hostile.
enum Tarball {
    struct NotMade: Error {
        var output: String
    }

    /// Runs `code` with `path` (of the archive to write), `folder` (a `file`), and these: `add(t, name, data=b"", **members)` adds an entry to
    /// the open archive `t`; `packed(**options)` opens one that is compressed by gzip.
    static func make(_ code: String, in folder: TemporaryFolder) async throws -> String {
        let path = folder.path("archive-\(UUID().uuidString).tar.gz")
        let program = try await RunningProgram(
            Project.program("python3") ?? "/usr/bin/python3", ["-c", prelude + code, path, folder.url.path],
            in: folder)
        guard await program.ended() == 0 else { throw NotMade(output: program.text) }
        return path
    }

    private static let prelude = """
        import gzip, io, os, sys, tarfile
        path, folder = sys.argv[1:]

        def packed(**options):
            return tarfile.open(path, "w:gz", **options)

        def add(t, name, data=b"", **members):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            for member, value in members.items():
                setattr(entry, member, value)
            t.addfile(entry, io.BytesIO(data) if entry.isreg() else None)

        """ + "\n"
}
