import Domain

/// What may stand under a key. Reading, schemas and the reference page know the kinds by this one list.
indirect enum KeyKind: Sendable, Hashable {
    /// Text; what it must look like, if it must.
    case text(TextForm?)
    /// Text with `{{paths}}`.
    case template
    case duration
    /// Five fields, as in crontab(5).
    case cron
    /// A name of the IANA database.
    case timeZone
    case quantity
    case integer(ClosedRange<Int>)
    case flag
    case choice([String])
    /// One condition, in Alertmanager's syntax.
    case matcher
    /// A regular expression (RE2).
    case pattern
    /// `channel:address`.
    case place
    /// `channel:address`, with `{{paths}}` in the address.
    case placeTemplate
    /// `channel:address` with `{{paths}}`, or `on_call:name`.
    case calledPlace
    /// `host:port`.
    case address
    /// The name of an action.
    case action
    /// Inputs of the action that the same map names under `uses`.
    case inputs
    case anything
    /// A map with keys of its own, by the name of its shape.
    case shape(String)
    case list(KeyKind)
    case map(KeyKind)
    case either([KeyKind])

    /// What people read: "a list, each item a matcher".
    var requirement: String {
        switch self {
        case .text(nil): "text"
        case .text(let form?): form.help
        case .template: "text, with {{paths}} filled in"
        case .duration: ValueType.duration.requirement
        case .cron: "five fields such as '30 2 * * mon-fri'"
        case .timeZone: "an IANA time zone such as Europe/Berlin"
        case .quantity: ValueType.quantity.requirement
        case .integer(let range): ValueType.integer(range).requirement
        case .flag: "true or false"
        case .choice(let choices): ValueType.choice(choices).requirement
        case .matcher: "a matcher such as labels.severity = critical"
        case .pattern: "a regular expression (RE2)"
        case .place: "a place such as slack:#ops"
        case .placeTemplate: "a place such as slack:#ops or github:{{repository}}#{{number}}"
        case .calledPlace: "a place such as slack:#oncall, or a list of people on call such as on_call:infrastructure"
        case .address: "an address such as 127.0.0.1:8080"
        case .action: "the name of an action"
        case .inputs: "a map of the action's inputs"
        case .anything: "any value"
        case .shape(let name): "a map (\(name))"
        case .list(let item): "a list, each item \(item.requirement)"
        case .map(let value): "a map, each value \(value.requirement)"
        case .either(let kinds): kinds.map(\.requirement).joined(separator: ", or ")
        }
    }
}
