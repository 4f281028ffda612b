import Domain
import YAML

/// One object to apply, and the file it comes from.
struct Manifest: Sendable {
    var object: ClusterObject
    var file: String

    var kind: String { object.kind }

    /// Reads and fills in all manifests, in the order in which they are applied; with `namespace`, put into that one.
    /// All problems are in one error.
    static func read(
        _ files: [ManifestFolder.File], scope: ManifestScope, namespace: String? = nil
    ) throws(ActionError) -> [Manifest] {
        var manifests: [Manifest] = []
        var problems: [String] = []
        for file in files {
            do {
                var template = ManifestTemplate(scope: scope)
                for document in try KubernetesYAML.documents(file.text, file: file.path) where document != .null {
                    manifests += objects(template.render(document), file.path, &problems)
                }
                problems += template.missing.sorted { $0.key < $1.key }.map { path, what in
                    "\(file.path):\(place(of: path, in: file.text)): {{\(path)}} \(what)"
                }
            } catch {
                problems.append(unreadable(file, error))
            }
        }
        if let namespace { manifests = ManifestMove(to: namespace, manifests).moved(manifests, &problems) }
        problems += doubled(manifests)
        guard problems.isEmpty else {
            throw ActionError(
                problems.count == 1 ? problems[0] : "\(problems.count) problems in the manifests: \(problems[0])",
                hint: "correct the manifests or their settings file",
                details: problems.prefix(100).joined(separator: "\n"))
        }
        return ApplyOrder.sorted(withoutScaledReplicas(manifests))
    }

    private static func objects(_ document: JSONValue, _ file: String, _ problems: inout [String]) -> [Manifest] {
        if document["kind"]?.stringValue == "List", let items = document["items"]?.arrayValue {
            return items.flatMap { objects($0, file, &problems) }
        }
        let object = ClusterObject(document)
        guard !object.apiVersion.isEmpty, !object.kind.isEmpty, !object.name.isEmpty else {
            let what = object.kind.isEmpty ? "an object" : object.title.trimmed
            problems.append("\(file): \(what) lacks one of apiVersion, kind and metadata.name")
            return []
        }
        if let namespace = object["metadata", "namespace"], namespace.stringValue == nil {
            problems.append("\(file): the namespace of \(object.title) is no text; write it in quotes")
            return []
        }
        return [Manifest(object: object.labelled(), file: file)]
    }

    private static func unreadable(_ file: ManifestFolder.File, _ error: any Error) -> String {
        let text = String(describing: error)
        let message = text.contains(file.path) ? text : "\(file.path): \(text)"
        guard file.text.contains(": {{") else { return message }
        return message + "; a template that is a whole value stands in quotes: \"{{settings.x}}\""
    }

    private static func doubled(_ manifests: [Manifest]) -> [String] {
        var files: [String: String] = [:]
        return manifests.compactMap { manifest in
            let key = "\(manifest.object.apiVersion) \(manifest.object.title)"
            defer { files[key] = manifest.file }
            return files[key].map { "\(manifest.file): \(manifest.object.title) is in \($0) already" }
        }
    }

    /// What an autoscaler counts is not ours to set.
    private static func withoutScaledReplicas(_ manifests: [Manifest]) -> [Manifest] {
        let scaled = Set(
            manifests.filter { $0.kind == "HorizontalPodAutoscaler" }.map { manifest in
                [
                    manifest.object.text("spec", "scaleTargetRef", "kind") ?? "", manifest.object.namespace ?? "",
                    manifest.object.text("spec", "scaleTargetRef", "name") ?? "",
                ]
            })
        return manifests.map { manifest in
            let object = manifest.object
            guard scaled.contains([object.kind, object.namespace ?? "", object.name]),
                case .object(var members) = object.json, case .object(var spec)? = members["spec"]
            else { return manifest }
            spec["replicas"] = nil
            members["spec"] = .object(spec)
            return Manifest(object: ClusterObject(.object(members)), file: manifest.file)
        }
    }

    /// Line and column, from 1, of a template's first appearance.
    private static func place(of path: String, in text: String) -> String {
        guard let found = text.firstRange(of: "{{\(path)}}") else { return "1:1" }
        let before = text[..<found.lowerBound]
        let line = before.reduce(into: 1) { if $1.isNewline { $0 += 1 } }
        let lineStart = before.lastIndex(where: \.isNewline).map { before.index(after: $0) } ?? before.startIndex
        return "\(line):\(before[lineStart...].unicodeScalars.count + 1)"
    }
}

extension ClusterObject {
    /// The object with the label of what the bot manages.
    func labelled() -> ClusterObject {
        guard case .object(var members) = json else { return self }
        var metadata = members["metadata"]?.objectValue ?? [:]
        var labels = metadata["labels"]?.objectValue ?? [:]
        labels[ManagedLabel.name] = .string(ManagedLabel.value)
        metadata["labels"] = .object(labels)
        members["metadata"] = .object(metadata)
        return ClusterObject(.object(members))
    }
}
