/// A validated `webhooks/<source>/<name>.yaml`: which events of a source run which command.
package struct RuleDefinition: Sendable, Hashable {
    package var name: String
    package var source: Source
    /// False: it is read and checked, and matches nothing.
    package var isEnabled: Bool
    /// True: it says what it would run, and runs nothing.
    package var onlyObserves = false
    /// What makes one job of it.
    package var forEach = ForEach.alert
    /// All must hold.
    package var match: [Matcher]
    /// Dotted path → pattern whose named groups become variables; all must match.
    package var extract: [Extraction]
    /// The command it runs.
    package var run: String
    /// The command's arguments, templates not filled in.
    package var with: [LocatedValue.Member]
    package var guards: Guards
    package var verify: VerifyDefinition?
    /// Remedies that follow when the first does not help, in their order.
    package var otherwise: [RemedyDefinition] = []
    /// Places that are told when its job fails.
    package var escalate: [PlaceTemplate]
    /// Where its jobs are told; the settings' places when there are none.
    package var report: [PlaceTemplate]
    package var example: RuleExample?
    package var location: SourceLocation

    package init(
        name: String, source: Source, isEnabled: Bool = true, match: [Matcher], extract: [Extraction], run: String,
        with: [LocatedValue.Member], guards: Guards, verify: VerifyDefinition?, escalate: [PlaceTemplate],
        report: [PlaceTemplate], example: RuleExample?, location: SourceLocation
    ) {
        self.name = name
        self.source = source
        self.isEnabled = isEnabled
        self.match = match
        self.extract = extract
        self.run = run
        self.with = with
        self.guards = guards
        self.verify = verify
        self.escalate = escalate
        self.report = report
        self.example = example
        self.location = location
    }
}

extension RuleDefinition {
    /// What of a source that sends alerts in groups a rule looks at. Other sources have only the usual.
    package enum ForEach: String, Sendable, Hashable, CaseIterable {
        /// Each event by itself.
        case alert
        /// The group in which alerts are sent, as one event; its fields name this as their kind.
        case group
    }
}

/// Takes named groups out of what a path holds.
package struct Extraction: Sendable, Hashable {
    package var path: String
    package var pattern: Pattern

    package init(path: String, pattern: Pattern) {
        self.path = path
        self.pattern = pattern
    }
}

/// A recorded payload, and what the rule must make of it.
package struct RuleExample: Sendable, Hashable {
    /// Relative to the rule's file.
    package var file: String
    /// The command line that it runs; nil when it must run nothing.
    package var runs: String?
    /// The kind of event, for a source that says it in a header and not in the payload: GitHub's `pull_request`.
    package var event: String?
    package var location: SourceLocation

    package init(file: String, runs: String?, event: String? = nil, location: SourceLocation) {
        self.file = file
        self.runs = runs
        self.event = event
        self.location = location
    }
}
