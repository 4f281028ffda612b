import Domain
import Outbound

/// Things of several kinds, each as its ensure action's inputs say, in the step or in files: one list serves to adopt
/// what is there and to make what is wanted.
struct ThingList: Sendable {
    /// Things of one step.
    static let most = 100
    static let mostFiles = 10

    private let inStep: [Thing]
    private let files: [String]
    private let values: [String: JSONValue]
    private let folder: DefinitionsFolder

    init(_ input: inout InputReader, root: String) {
        let items = input.list("things", "Each with its kind, as in gcp.<kind>-ensure, and the inputs of that action")
        files = input.texts(
            "files",
            "Files that hold such a list 'things', in the folder deployment of the pool, such as "
                + "deploy/infrastructure-pool/deployment/google-network.yaml")
        let values = input.any(
            "values", "What files name as values.x, beside settings.x and images.x of their settings")
        self.values = values.objectValue ?? [:]
        folder = DefinitionsFolder(root: root)
        var things: [Thing] = []
        for (index, item) in items.prefix(ThingList.most).enumerated() {
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
        if count > ThingList.most {
            input.report("'things' are \(count), more than \(ThingList.most)", field: "things")
        }
        if files.count > ThingList.mostFiles {
            input.report("'files' are \(files.count), more than \(ThingList.mostFiles)", field: "files")
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
        for path in files.prefix(ThingList.mostFiles) where !path.contains("{{") {
            do throws(ActionError) {
                input.report(try ThingFile.problems(in: path, folder, values: names))
            } catch {
                input.report(error.message, field: "files", fix: error.hint)
            }
        }
    }

    /// All of them: those of the step, and then those of the files. Throws `ActionError` when a file does not fit.
    func all() throws(ActionError) -> [Thing] {
        var things = inStep
        for path in files { things += try ThingFile(path, in: folder, values: values).things() }
        guard things.count <= ThingList.most else {
            throw ActionError("\(things.count) things are listed, more than \(ThingList.most)")
        }
        return things
    }
}
