/// Things of several kinds, each as its ensure action's inputs say, in the step or in files: one list serves to adopt
/// what is there and to make what is wanted.
package struct ThingList<Thing: ListedThing>: Sendable {
    /// Things of one step.
    package static var most: Int { 100 }
    package static var mostFiles: Int { 10 }

    private let inStep: [Thing]
    private let files: [String]
    private let values: [String: JSONValue]
    private let folder: ThingFolder
    private let templates: Set<String>

    /// `provider` is what the names of its actions begin with: `gcp`; `example` is a file as people write it. `templates`
    /// are members whose files are filled in too.
    package init(
        _ input: inout InputReader, in folder: ThingFolder, provider: String, example: String,
        templates: Set<String> = []
    ) {
        self.folder = folder
        self.templates = templates
        let items = input.list(
            "things", "Each with its kind, as in \(provider).<kind>-ensure, and the inputs of that action")
        files = input.texts(
            "files",
            "Files that hold such a list 'things', in the folder deployment of the pool, such as \(example)")
        let values = input.any(
            "values", "What files name as values.x, beside settings.x and images.x of their settings")
        self.values = values.objectValue ?? [:]
        var things: [Thing] = []
        for (index, item) in items.prefix(Self.most).enumerated() {
            do { things.append(try Thing(item)) } catch {
                let title = "thing \(index + 1)" + (error.kind.map { ", \($0):" } ?? "")
                for problem in error.problems {
                    input.report("\(title) \(problem.message)", field: "things", fix: problem.fix)
                }
            }
        }
        inStep = things
        check(&input, items.count, values)
        if input.isChecking { checkFiles(&input) }
    }

    private func check(_ input: inout InputReader, _ count: Int, _ values: JSONValue) {
        if count > Self.most {
            input.report("'things' are \(count), more than \(Self.most)", field: "things")
        }
        if files.count > Self.mostFiles {
            input.report("'files' are \(files.count), more than \(Self.mostFiles)", field: "files")
        }
        if input.isGiven("values"), values.objectValue == nil, values != .null {
            input.report("'values' is no map", field: "values")
        }
        if !input.isGiven("things"), !input.isGiven("files") {
            input.report("nothing is listed", field: "things", fix: "give 'things' or 'files'")
        }
    }

    /// Finds the mistakes of files before a run.
    private func checkFiles(_ input: inout InputReader) {
        let names = input.isGiven("values") ? input.memberNames(of: "values") : []
        for path in files.prefix(Self.mostFiles) where !path.contains("{{") {
            do throws(ActionError) {
                // Only what names no value of the step is known here.
                let file = try ThingFile(path, in: folder, values: [:], templates: templates)
                input.report(try file.problems(Thing.self, values: names))
            } catch {
                input.report(error.message, field: "files", fix: error.hint)
            }
        }
    }

    /// All of them: those of the step, and then those of the files. Throws `ActionError` when a file does not fit.
    package func all() throws(ActionError) -> [Thing] {
        var things = inStep
        for path in files {
            things += try ThingFile(path, in: folder, values: values, templates: templates).things()
        }
        guard things.count <= Self.most else {
            throw ActionError("\(things.count) things are listed, more than \(Self.most)")
        }
        return things
    }
}
