/// What an ensure action says of a thing that it does not change.
package enum EnsureRefusal {
    /// It has no mark, and is as wanted.
    package static func onlyRead(_ what: String) -> String {
        "\(what) is there without this pool's mark, so it is only read"
    }

    /// It differs, and it is nobody's or another pool's. `adopting` is the command that takes it over.
    package static func foreign(_ what: String, _ pool: String?, _ lines: [String], adopting: String) -> ActionError {
        let differences = lines.joined(separator: "; ")
        guard let pool else {
            return ActionError(
                "\(what) is there, is not the bot's, and differs: \(differences)",
                hint: "adopt it first (\(adopting)), or change the definition to what is there")
        }
        return ActionError(
            "\(what) belongs to the pool \(pool), and differs: \(differences)", hint: "give it another name")
    }

    /// It differs in what cannot be changed.
    package static func replacement(_ what: String, _ lines: [String], _ hint: String?) -> ActionError {
        ActionError(
            "\(what) would have to be replaced, which the bot does not do: \(lines.joined(separator: "; "))",
            hint: hint ?? "change the definition to what is there, or delete it by hand and run this again")
    }

    /// The provider has taken the change, and does not show it.
    package static func unseen(_ provider: String, _ what: String, _ lines: [String]) -> ActionError {
        ActionError(
            "\(provider) has said that this was done, and does not show it: \(what): \(lines.joined(separator: "; "))",
            retry: .later(afterMilliseconds: 30_000), mayHaveTakenEffect: true)
    }
}
