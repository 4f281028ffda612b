package import Domain

/// A modal that one person has before them.
package struct SlackView: Sendable, Hashable {
    package var id: String
    package var userID: String
    /// As `views.open` was given it.
    package var view: JSONValue
    /// What is wrong with what was sent, by block; what belongs to none stands under "".
    package var errors: [String: String] = [:]

    package init(id: String, userID: String, view: JSONValue) {
        self.id = id
        self.userID = userID
        self.view = view
    }

    /// Why Slack would not open a view, each with its place; empty: it would.
    package static func problems(in view: JSONValue) -> [String] { SlackViewCheck.problems(in: view) }

    package var title: String { view.at(path: "title.text")?.plainText ?? "" }

    /// Its inputs, in their order.
    package var inputs: [JSONValue] { (view["blocks"]?.arrayValue ?? []).filter { $0["type"] == "input" } }
}
