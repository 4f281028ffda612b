import Alertmanager
import ArgumentParser
import Definitions
import Domain
import Engine
import Foundation

/// `defimon backtest webhooks/alertmanager/geth-down.yaml`.
struct BacktestCommand: AsyncParsableCommand {
    /// What `--days` may say.
    static let mostDays = 365

    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract:
            "Run a rule's file over the deliveries of the last days: when it would have run, and what each guard would have said.",
        discussion: """
            Reads the ledger's file alone, also while the bot runs, and changes nothing. The file need not be the one that \
            the bot has loaded: commands are those of the folder around it, settings those of --config. Where the bot has a rule of the \
            same name, each decision is compared with the bot's own.
            """)

    @Argument(help: "The rule's file: webhooks/<source>/<name>.yaml, in a folder with commands/.")
    var file: String

    @Option(help: "How many days back, from 1 to \(BacktestCommand.mostDays).")
    var days = 30

    @Option(help: "Print at most this many decisions, the latest, from 1 to \(Backtest.shown.upperBound).")
    var limit = 100

    @Flag(help: "Print one line of JSON for each decision, then one with the summary.")
    var json = false

    @OptionGroup var location: BotLocation

    func validate() throws {
        if !(1...BacktestCommand.mostDays).contains(days) {
            throw ValidationError("--days takes a number from 1 to \(BacktestCommand.mostDays), not \(days)")
        }
        if !Backtest.shown.contains(limit) {
            throw ValidationError("--limit takes a number from 1 to \(Backtest.shown.upperBound), not \(limit)")
        }
    }

    func run() async throws {
        let place = try RulePlace(file)
        let ledger = try OfflineLedger.reader(location)
        let settingsPath = URL(filePath: try location.configPath()).path
        let folder = BotLocation.folder(of: settingsPath)
        let environment: BotEnvironment
        do { environment = try await BotEnvironment(folder: folder) } catch { throw Complaint("\(error)", .usage) }
        let known = try Catalogue.unconnected(root: place.root)
        let files = Bot.Files(settings: settingsPath, root: place.root)
        let loaded = try Bot.loader(files, environment).load()
        guard let settings = loaded.settings, let definitions = loaded.definitions else {
            for problem in loaded.problems { Terminal.complain(problem.description) }
            throw Complaint(
                "\(loaded.problems.count) problem\(loaded.problems.count == 1 ? "" : "s"): nothing was tried")
        }
        guard let rule = definitions.rules.first(where: { $0.location.file == place.name }),
            let decoder = known.decoders.first(where: { $0.source == rule.source })
        else { throw Complaint("\(place.name) holds no rule") }
        let redactor = Redactor()
        // Told of every secret that can be read here; of one that cannot this process knows nothing either.
        let connections = try? await Connections(
            settings, definitions: CurrentDefinitions(definitions), folder: folder, root: place.root,
            environment: environment, redactor: redactor, time: SystemTime())
        await connections?.shutdown()
        let alertmanager = settings.sections["alertmanager"].map { section in
            var reader = InputReader.reading(section)
            return AlertmanagerSettings(&reader)
        }
        let now = Date()
        let result = try await Backtest(
            past: ledger, definitions: definitions, rule: rule, decoder: decoder, catalogue: known.actions,
            limits: settings.limits,
            // As `Connections` has it.
            alertStaleAfter: alertmanager.map { $0.repeatInterval * 3 } ?? .seconds(12 * 3600),
            asksAboutAlerts: alertmanager?.apiURL != nil, redactor: redactor,
            from: now.advanced(by: .seconds(-days * 86_400)), until: now, mostShown: limit
        ).run()
        if result.summary.deliveries == 0 {
            throw Complaint(
                "no delivery of \(rule.source) was recorded in the last \(days) day\(days == 1 ? "" : "s"): there is nothing to try it on"
            )
        }
        try say(result, rule)
    }

    private func say(_ result: BacktestResult, _ rule: RuleDefinition) throws {
        if json {
            for decision in result.decisions { try Terminal.json(decision) }
            return try Terminal.json(["summary": result.summary])
        }
        if result.summary.notShown > 0 {
            Terminal.say("\(result.summary.notShown) earlier decisions are not shown: --limit shows more\n")
        }
        for decision in result.decisions { Terminal.say(decision.lines.joined(separator: "\n") + "\n") }
        Terminal.say(result.summary.lines.joined(separator: "\n"))
        if rule.modeWord != "act" {
            Terminal.say("  taken: the rule as if it acted; its file says \(rule.modeWord)")
        }
    }
}

/// Where a rule's file stands among definitions.
struct RulePlace {
    /// The folder of `commands/` and `webhooks/`, absolute.
    var root: String
    /// `webhooks/<source>/<name>.yaml`.
    var name: String

    /// Throws a `Complaint` when it is no rule's file.
    init(_ file: String) throws {
        let url = URL(filePath: file).standardizedFileURL
        let parts = url.path.split(separator: "/").map(String.init)
        if parts.dropLast().last == "schedules" {
            throw Complaint(
                "a schedule has no deliveries to try it on; /defimon schedules shows its next times", .usage)
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue else {
            throw Complaint("there is no file \(file)", .usage)
        }
        guard parts.count >= 3, parts[parts.count - 3] == "webhooks", parts[parts.count - 1].hasSuffix(".yaml") else {
            throw Complaint(
                "\(file) is no rule's file: a rule stands in webhooks/<source>/<name>.yaml, beside the folder commands/",
                .usage)
        }
        name = parts.suffix(3).joined(separator: "/")
        root = "/" + parts.dropLast(3).joined(separator: "/")
    }
}
