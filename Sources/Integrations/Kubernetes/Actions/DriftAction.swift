import Domain

/// Tells how a cluster differs from the manifests of a folder, field by field, whoever changed it; it changes nothing.
struct DriftAction: RepeatableAction {
    /// Rows of the table, and lines of the details.
    static let mostRows = 30
    static let mostLines = 200

    private let target: ClusterTarget
    private let source: ManifestSource
    private let setNamespace: String?

    static func type(_ clusters: ClusterDirectory, _ places: ApplyAction.Places) -> ActionType {
        ActionType(
            "kubernetes.drift", "Tells how a cluster differs from the manifests of a folder", effect: .reads,
            outputs: [
                .init("objects", .integer(nil), "How many objects the folder holds"),
                .init("drifted", .integer(nil), "How many of them are there and differ"),
                .init("missing", .integer(nil), "How many of them are not there"),
                .init("extra", .integer(nil), "How many others are there that were once applied out of the folder"),
            ]
        ) { DriftAction(&$0, clusters, places) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory, _ places: ApplyAction.Places) {
        target = ClusterTarget(&input, clusters)
        source = ManifestSource(&input, places)
        setNamespace = ApplyAction.setNamespace(&input)
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        // Sizes that people have set are no drift.
        let manifests = try await SettledManifests.of(try source.manifests(), target, context).manifests
        // By force: what others manage is a difference like any other, and a dry run takes nothing from them.
        let run = ApplyRun(
            target: target, client: try target.client(), force: true, namespace: source.namespace)
        let survey = try await run.survey(manifests)
        let comparisons = try await run.compare(survey, context)
        var report = DriftReport(total: survey.entries.count)
        for (entry, comparison) in zip(survey.entries, comparisons) { report.add(entry.object, comparison) }
        if source.only.isEmpty, let set = source.set(of: manifests, namespace: setNamespace) {
            let members = try await SetKeeper(set: set, target: target).members(survey.placed) { _ in true }
            for object in members.extras.map(\.object) + members.foreign { report.addExtra(object) }
        }
        return report.output
    }
}

/// Gathers how the objects of a folder stand.
private struct DriftReport {
    let total: Int
    private var drifted = 0
    private var missing = 0
    private var extra = 0
    private var rows: [[String]] = []
    private var lines: [String] = []

    init(total: Int) { self.total = total }

    mutating func add(_ object: ClusterObject, _ comparison: ApplyRun.Comparison) {
        switch comparison {
        case .same: break
        case .missing, .later:
            missing += 1
            rows.append([object.title, "missing"])
            lines.append("\(object.title): missing")
        case .differs(let fields):
            drifted += 1
            rows.append([object.title, fields.count == 1 ? fields[0] : "\(fields.count) fields"])
            lines += fields.map { "\(object.title): \($0)" }
        }
    }

    mutating func addExtra(_ object: ClusterObject) {
        extra += 1
        rows.append([object.title, "not in the folder"])
        lines.append("\(object.title): not in the folder")
    }

    var output: JSONValue {
        var members: [String: JSONValue] = [
            "objects": .int(Int64(total)), "drifted": .int(Int64(drifted)), "missing": .int(Int64(missing)),
            "extra": .int(Int64(extra)), "summary": .string(summary),
        ]
        guard !rows.isEmpty else { return .object(members) }
        var table = TextTable(["OBJECT", "DIFFERENCE"])
        for row in rows.prefix(DriftAction.mostRows) { table.add(row) }
        if rows.count > DriftAction.mostRows { table.add(["and \(rows.count - DriftAction.mostRows) more", ""]) }
        members["table"] = .string(table.text)
        let more = lines.count > DriftAction.mostLines ? ["and \(lines.count - DriftAction.mostLines) more lines"] : []
        members["details"] = .string((lines.prefix(DriftAction.mostLines) + more).joined(separator: "\n"))
        return .object(members)
    }

    /// `3 of 31 objects differ, 1 is missing, 2 others are not in the folder`
    private var summary: String {
        let objects = total == 1 ? "1 object" : "\(total) objects"
        var parts: [String] = []
        if drifted > 0 { parts.append("\(drifted) of \(objects) differ\(drifted == 1 ? "s" : "")") }
        if missing > 0 {
            parts.append("\(missing)\(parts.isEmpty ? " of \(objects)" : "") \(missing == 1 ? "is" : "are") missing")
        }
        if extra > 0 { parts.append("\(extra) not in the folder") }
        return parts.isEmpty ? "all is as the folder says (\(objects))" : parts.joined(separator: ", ")
    }
}
