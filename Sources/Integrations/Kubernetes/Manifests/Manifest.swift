import Domain
import YAML

/// One object to apply, and where it comes from.
struct Manifest: Sendable {
    var object: ClusterObject
    var file: String
    /// From 1.
    var line = 1
    /// When it is applied, among others of its phase: lower ones first.
    var wave = 0

    var kind: String { object.kind }
    /// `pool/api.yaml:12`, for messages.
    var place: String { "\(file):\(line)" }

    /// The same manifest with another content.
    func with(_ object: ClusterObject) -> Manifest {
        var other = self
        other.object = object
        return other
    }

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
                for document in try KubernetesYAML.placed(file.text, file: file.path) {
                    manifests += object(template.render(document.object), document.place, &problems)
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

    private static func object(_ document: JSONValue, _ place: SourceLocation, _ problems: inout [String]) -> [Manifest]
    {
        let object = ClusterObject(document)
        let found = "\(place.file):\(place.line)"
        guard !object.apiVersion.isEmpty, !object.kind.isEmpty, !object.name.isEmpty else {
            let what = object.kind.isEmpty ? "an object" : object.title.trimmed
            problems.append("\(found): \(what) lacks one of apiVersion, kind and metadata.name")
            return []
        }
        if let namespace = object["metadata", "namespace"], namespace.stringValue == nil {
            problems.append("\(found): the namespace of \(object.title) is no text; write it in quotes")
            return []
        }
        var manifest = Manifest(object: object.labelled(), file: place.file, line: place.line)
        if let given = object["metadata", "annotations", ApplyOrder.waveAnnotation] {
            guard let wave = ApplyOrder.wave(given) else {
                problems.append(
                    "\(found): \(object.title) has \(ApplyOrder.waveAnnotation): \(given.canonicalText); it must be a "
                        + "whole number from \(ApplyOrder.waves.lowerBound) to \(ApplyOrder.waves.upperBound) in quotes"
                )
                return []
            }
            manifest.wave = wave
        }
        return [manifest]
    }

    private static func unreadable(_ file: ManifestFolder.File, _ error: any Error) -> String {
        let text = String(describing: error)
        let message = text.contains(file.path) ? text : "\(file.path): \(text)"
        guard file.text.contains(": {{") else { return message }
        return message + "; a template that is a whole value stands in quotes: \"{{settings.x}}\""
    }

    private static func doubled(_ manifests: [Manifest]) -> [String] {
        var places: [String: String] = [:]
        return manifests.compactMap { manifest in
            let key = "\(manifest.object.apiVersion) \(manifest.object.title)"
            defer { places[key] = manifest.place }
            return places[key].map { "\(manifest.place): \(manifest.object.title) is in \($0) already" }
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
            return manifest.with(ClusterObject(.object(members)))
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
    func labelled() -> ClusterObject { labelled(ManagedLabel.name, ManagedLabel.value) }

    /// The object with one more label.
    func labelled(_ name: String, _ value: String) -> ClusterObject {
        guard case .object(var members) = json else { return self }
        var metadata = members["metadata"]?.objectValue ?? [:]
        var labels = metadata["labels"]?.objectValue ?? [:]
        labels[name] = .string(value)
        metadata["labels"] = .object(labels)
        members["metadata"] = .object(metadata)
        return ClusterObject(.object(members))
    }
}
