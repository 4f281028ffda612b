import Foundation

extension GitHubStandIn {
    /// Files of a folder, for a repository: at most 500, each of at most 256 KiB; larger ones, links and names that
    /// begin with a dot are left out. Paths begin with `prefix`. A folder that is not there has no files.
    package static func files(inFolder folder: String, prefix: String) -> [String: File] {
        var found: [String: File] = [:]
        let base = URL(filePath: folder)
        guard let walk = FileManager.default.enumerator(atPath: base.path) else { return [:] }
        for case let name as String in walk where found.count < 500 {
            guard !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) else { continue }
            let url = base.appending(path: name)
            // What cannot be looked at is left out like what is too large.
            let values = try? url.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
            guard values?.isRegularFile == true, (values?.fileSize ?? .max) <= 256 * 1024,
                let data = try? Data(contentsOf: url)
            else { continue }
            found["\(prefix)/\(name)"] = .bytes(Array(data))
        }
        return found
    }
}
