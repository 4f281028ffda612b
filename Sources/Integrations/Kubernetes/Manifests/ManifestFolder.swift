import Domain
import Foundation
import Outbound

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
    /// What paths count from, for people.
    private let origin: String
    private let below: DefinitionsFolder

    init(root: String, origin: String = "the folder of defimon.yaml") {
        self.root = URL(filePath: root).resolvingSymlinksInPath().standardizedFileURL.path
        self.origin = origin
        below = DefinitionsFolder(root: root, origin: origin)
    }

    /// All `*.yaml` and `*.yml` below the folder, but for its `deployment/` and names that begin with a dot; sorted.
    /// With `only`, those of these files and subfolders of it.
    func manifests(in folder: String, only: [String] = []) throws(ActionError) -> [File] {
        guard try isFolder(folder) == true else {
            throw ActionError("there is no folder \(folder)", hint: "the path counts from \(origin)")
        }
        var paths: [String] = []
        if only.isEmpty { try collect(folder, isTop: true, &paths) }
        for part in only { try collect(part, of: folder, &paths) }
        guard !paths.isEmpty else {
            let place = only.isEmpty ? folder : only.map { "\(folder)/\($0)" }.joined(separator: ", ")
            throw ActionError("\(place) holds no manifest", hint: "manifests end with .yaml or .yml")
        }
        var files: [File] = []
        for path in Set(paths).sorted() { files.append(try file(path)) }
        return files
    }

    /// One file below the root.
    func file(_ path: String) throws(ActionError) -> File {
        do {
            return File(path: path, text: String(decoding: try BoundedFile.read(try below.inside(path)), as: UTF8.self))
        } catch let error as ActionError {
            throw error
        } catch let error as BoundedFile.Unread {
            throw ActionError(
                error.message.replacing(root + "/", with: ""), hint: "the path counts from \(origin)")
        } catch {
            throw ActionError("\(path) cannot be read: \(error)")
        }
    }

    /// Whether there is such a file below the root.
    func exists(_ path: String) throws(ActionError) -> Bool {
        FileManager.default.fileExists(atPath: try below.inside(path))
    }

    /// Whether a path is a folder; nil when there is nothing.
    private func isFolder(_ path: String) throws(ActionError) -> Bool? {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: try below.inside(path), isDirectory: &isFolder) else { return nil }
        return isFolder.boolValue
    }

    /// One file or subfolder of a folder.
    private func collect(_ part: String, of folder: String, _ paths: inout [String]) throws(ActionError) {
        let names = part.split(separator: "/").map(String.init)
        guard !names.isEmpty, !part.hasPrefix("/"), !names.contains(".."), !names.contains(".") else {
            throw ActionError(
                "'\(part)' is no file or subfolder of \(folder)", hint: "write it as it stands in \(folder)")
        }
        guard names[0] != ManifestFolder.settingsFolder else {
            throw ActionError("\(folder)/\(part) holds settings, no manifests", hint: "leave it out of 'only'")
        }
        let path = "\(folder)/\(names.joined(separator: "/"))"
        switch try isFolder(path) {
        case true?: try collect(path, isTop: false, &paths)
        case false? where ManifestFolder.isManifest(path): paths.append(path)
        case false?: throw ActionError("\(path) is no manifest", hint: "manifests end with .yaml or .yml")
        case nil: throw ActionError("\(folder) has no '\(part)'", hint: try known(folder, near: part))
        }
    }

    private func known(_ folder: String, near part: String) throws(ActionError) -> String {
        // Only what an error says besides: a folder that cannot be read has nothing to offer.
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: below.inside(folder))) ?? [])
            .filter { !$0.hasPrefix(".") && $0 != ManifestFolder.settingsFolder }.sorted()
        if let nearest = NearestName.of(part, in: names) { return "did you mean '\(nearest)'?" }
        return "it has: \(names.prefix(20).joined(separator: ", "))"
    }

    private func collect(_ folder: String, isTop: Bool, _ paths: inout [String]) throws(ActionError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: try below.inside(folder))
        } catch {
            throw (error as? ActionError) ?? ActionError("the folder \(folder) cannot be read")
        }
        for name in names where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: try below.inside(path), isDirectory: &isFolder) else {
                continue
            }
            if isFolder.boolValue {
                if isTop, name == ManifestFolder.settingsFolder { continue }
                try collect(path, isTop: false, &paths)
            } else if ManifestFolder.isManifest(name) {
                paths.append(path)
            }
            guard paths.count <= ManifestFolder.mostFiles else {
                throw ActionError("\(folder) holds more than \(ManifestFolder.mostFiles) manifests")
            }
        }
    }

    private static func isManifest(_ name: String) -> Bool { name.hasSuffix(".yaml") || name.hasSuffix(".yml") }
}
