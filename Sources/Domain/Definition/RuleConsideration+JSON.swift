extension RuleConsideration {
    /// What the ledger keeps of it. Built by hand, since each event has one for every rule, and an encoder takes longer
    /// than all else that is done for an event.
    package var json: JSONValue {
        [
            "rule": .string(rule), "variables": .object(variables), "outcome": outcome.json,
            "verdicts": .array(
                verdicts.map {
                    ["matcher": .string($0.matcher), "saw": .string($0.saw), "holds": .bool($0.holds)]
                }),
        ]
    }
}

extension RuleConsideration.Outcome {
    fileprivate var json: JSONValue {
        switch self {
        case .noMatch(let why): ["noMatch": ["_0": .string(why)]]
        case .problem(let what): ["problem": ["_0": .string(what)]]
        case .runs(let command, let arguments, let commandLine):
            [
                "runs": [
                    "command": .string(command), "arguments": .object(arguments), "commandLine": .string(commandLine),
                ]
            ]
        }
    }
}
