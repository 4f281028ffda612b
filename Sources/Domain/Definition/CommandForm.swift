/// What a person is asked who called a command without its arguments, for channels that can show a form. Others say the
/// command's usage.
package struct CommandForm: Sendable, Codable, Hashable {
    package enum Kind: Sendable, Codable, Hashable {
        case text
        /// One of these.
        case choice([Option])
        /// Yes or no.
        case flag
    }

    /// One of the values of a choice.
    package struct Option: Sendable, Codable, Hashable {
        package var value: String
        /// What people read.
        package var label: String

        package init(value: String, label: String) {
            self.value = value
            self.label = label
        }
    }

    /// One argument.
    package struct Field: Sendable, Codable, Hashable {
        package var name: String
        package var help: String
        /// What its value must be, for people: "a whole number from 1 to 10".
        package var requirement: String
        package var kind: Kind
        /// Whether it must be given; a flag never must.
        package var isRequired: Bool
        /// What stands there before anything is typed: the argument's default. Of a flag `true` or nothing.
        package var initial: String?

        package init(
            name: String, help: String, requirement: String, kind: Kind, isRequired: Bool, initial: String?
        ) {
            self.name = name
            self.help = help
            self.requirement = requirement
            self.kind = kind
            self.isRequired = isRequired
            self.initial = initial
        }
    }

    /// The command's name: `preview create`.
    package var command: String
    package var summary: String
    package var fields: [Field]
    /// Whether `--plan` can be asked for: always but where the command has an argument of that name.
    package var offersPlan: Bool
    /// Whether it was asked for already.
    package var isPlanOnly: Bool
    /// Where private answers to it go, as for the request that opened it.
    package var answerTo: Place?
    /// Where it was called, which is where its job is told.
    package var reportTo: Place?
    /// What the channel itself calls that place.
    package var placeName: String?

    /// `people` are the values of arguments that name a person.
    package init(
        of command: CommandDefinition, people: [Person], isPlanOnly: Bool, answerTo: Place?, reportTo: Place?,
        placeName: String?
    ) {
        self.command = command.name
        summary = command.summary
        fields = command.arguments.map { argument in
            let kind: Kind =
                switch argument.type {
                case .flag: .flag
                case .choice(let choices): .choice(choices.map { Option(value: $0, label: $0) })
                case .person: .choice(people.map { Option(value: $0.id, label: $0.name) })
                default: .text
                }
            let initial = argument.defaultValue.flatMap { value in
                value == false || argument.defaultTemplate != nil ? nil : value.plainText
            }
            return Field(
                name: argument.name, help: argument.help, requirement: argument.type.requirement, kind: kind,
                isRequired: argument.isRequired && argument.defaultValue == nil && argument.type != .flag,
                initial: initial)
        }
        offersPlan = !command.arguments.contains { $0.name == "plan" }
        self.isPlanOnly = isPlanOnly && offersPlan
        self.answerTo = answerTo
        self.reportTo = reportTo
        self.placeName = placeName
    }
}

/// A form as a person sends it.
package struct FilledForm: Sendable, Hashable {
    package var command: String
    /// What was given, by the argument's name; of flags `true` or `false`.
    package var values: [String: String]
    package var isPlanOnly: Bool

    package init(command: String, values: [String: String], isPlanOnly: Bool) {
        self.command = command
        self.values = values
        self.isPlanOnly = isPlanOnly
    }

    /// The command line that says the same. Each value stands behind its name, so that none can be read as an option.
    package var text: String {
        let arguments = values.sorted { $0.key < $1.key }.map { "\($0.key)=\(CommandLine.quoted($0.value))" }
        return ([command] + arguments + (isPlanOnly ? ["--plan"] : [])).joined(separator: " ")
    }
}

/// Looks at a filled-in form while the person still has it before them. Called by an integration on its way to the
/// acknowledgement; the engine implements it, and must answer at once. What is right here is looked at once more when
/// it is carried out.
package protocol FormCheck: Sendable {
    /// What is wrong, by the argument's name; what belongs to none stands under "". Empty: nothing is.
    func problems(in form: FilledForm) -> [String: String]
}
