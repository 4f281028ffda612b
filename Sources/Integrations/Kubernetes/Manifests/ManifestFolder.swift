import Domain
import Foundation

/// The manifests below one folder. Nothing outside the root is ever read, whatever names or links say.
struct ManifestFolder: Sendable {
    /// One file as it is on disk; `path` is relative to the root.
    struct File: Sendable, Hashable {
        var path: String
        var text: String
    }

    static let mostFiles = 500
    /// The subfolder that holds settings instead of manifests.
    static let settingsFolder = "deployment"

    private let root: String

    init(root: String) {
        self.root = URL(filePath: root).resolvingSymlinksInPath().standardizedFileURL.path
    }

    /// All `*.yaml` and `*.yml` below the folder, but for its `deployment/` and names that begin with a dot; sorted.
    func manifests(in folder: String) throws(ActionError) -> [File] {
        let top = try inside(folder)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: top, isDirectory: &isFolder), isFolder.boolValue else {
            throw ActionError("there is no folder \(folder)", hint: "the path counts from the folder of defimon.yaml")
        }
        var paths: [String] = []
        try collect(folder, isTop: true, &paths)
        guard !paths.isEmpty else {
            throw ActionError("\(folder) holds no manifest", hint: "manifests end with .yaml or .yml")
        }
        var files: [File] = []
        for path in paths.sorted() { files.append(try file(path)) }
        return files
    }

    /// One file below the root.
    func file(_ path: String) throws(ActionError) -> File {
        do {
            return File(path: path, text: String(decoding: try BoundedFile.read(try inside(path)), as: UTF8.self))
        } catch let error as ActionError {
            throw error
        } catch let error as ClusterAccessError {
            throw ActionError(
                error.message.replacing(root + "/", with: ""), hint: "the path counts from the folder of defimon.yaml")
        } catch {
            throw ActionError("\(path) cannot be read: \(error)")
        }
    }

    /// Whether there is such a file below the root.
    func exists(_ path: String) throws(ActionError) -> Bool { FileManager.default.fileExists(atPath: try inside(path)) }

    private func collect(_ folder: String, isTop: Bool, _ paths: inout [String]) throws(ActionError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: try inside(folder))
        } catch {
            throw (error as? ActionError) ?? ActionError("the folder \(folder) cannot be read")
        }
        for name in names where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: try inside(path), isDirectory: &isFolder) else { continue }
            if isFolder.boolValue {
                if isTop, name == ManifestFolder.settingsFolder { continue }
                try collect(path, isTop: false, &paths)
            } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                paths.append(path)
            }
            guard paths.count <= ManifestFolder.mostFiles else {
                throw ActionError("\(folder) holds more than \(ManifestFolder.mostFiles) manifests")
            }
        }
    }

    /// The path on disk. Throws when it is not below the root, by itself or through a symbolic link.
    private func inside(_ path: String) throws(ActionError) -> String {
        let refusal = ActionError(
            "'\(path)' is outside of the folder of the definitions", hint: "give a path below it, without '..'")
        guard !path.isEmpty, !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else { throw refusal }
        let full = URL(filePath: root).appending(path: path).resolvingSymlinksInPath().standardizedFileURL.path
        guard full == root || full.hasPrefix(root + "/") else { throw refusal }
        return full
    }
}
