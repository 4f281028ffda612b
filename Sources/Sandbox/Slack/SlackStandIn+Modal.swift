package import Domain

extension SlackStandIn {
    /// The modals that are open, at most one a person.
    package var views: [SlackView] { openViews.all }

    /// What this person has before them; nil: nothing.
    package func view(of userID: String) -> SlackView? { openViews.view(of: userID) }

    /// Sends a modal as its person does. `values`: what is in each input, by its block: a text, an option's value, or of
    /// checkboxes those that are ticked. What is not said stands as the modal prefilled it. What is wrong is said in the
    /// modal, which stays open; else it closes. Throws `SandboxInputError` when the person has no such modal.
    package func submit(_ viewID: String, values: [String: JSONValue], userID: String) async throws {
        guard let view = openViews.view(of: userID), view.id == viewID else {
            throw SandboxInputError("there is no such modal any more")
        }
        var state: [String: JSONValue] = [:]
        var missing: [String: String] = [:]
        for block in view.inputs {
            guard let id = block["block_id"]?.stringValue, let element = block["element"],
                let action = element["action_id"]?.stringValue
            else { continue }
            let input = SlackStandIn.input(element, values[id])
            if input.isEmpty, block["optional"] != true { missing[id] = "Please complete this required field." }
            state[id] = [action: input.json]
        }
        // Slack's own client does not send what lacks something.
        guard missing.isEmpty else { return openViews.set(errors: missing, in: view) }
        let payload = submission(of: view, state: state)
        let reply = await sendSigned(
            "/chat/slack/interactions", FormCoding.encode([("payload", payload.canonicalText)]))
        switch reply {
        case .failed: openViews.set(errors: ["": "We had some trouble connecting. Try again?"], in: view)
        case .body(let text) where text.allSatisfy(\.isWhitespace): openViews.close(view)
        case .body(let text):
            let answer = try? JSONValue(parsing: text)  // no JSON is no answer that Slack knows
            switch answer?["response_action"]?.stringValue {
            case "errors":
                let errors = answer?["errors"]?.objectValue ?? [:]
                openViews.set(errors: errors.mapValues(\.plainText), in: view)
            case "clear": openViews.close(view)
            default: openViews.set(errors: ["": "We had some trouble connecting. Try again?"], in: view)
            }
        }
    }

    /// Closes a modal without sending it.
    package func close(_ viewID: String, userID: String) throws {
        guard let view = openViews.view(of: userID), view.id == viewID else {
            throw SandboxInputError("there is no such modal any more")
        }
        openViews.close(view)
    }

    /// One input as the payload shows it, and whether nothing was given.
    private static func input(_ element: JSONValue, _ value: JSONValue?) -> (json: JSONValue, isEmpty: Bool) {
        let type = element["type"]?.stringValue ?? ""
        let options = element["options"]?.arrayValue ?? []
        switch type {
        case "static_select":
            let chosen =
                value.map { value in options.first { $0["value"] == value } } ?? element["initial_option"]
            return (["type": .string(type), "selected_option": chosen ?? .null], chosen == nil)
        case "checkboxes":
            let ticked =
                value?.arrayValue.map { values in options.filter { values.contains($0["value"] ?? .null) } }
                ?? element["initial_options"]?.arrayValue ?? []
            return (["type": .string(type), "selected_options": .array(ticked)], ticked.isEmpty)
        default:
            let text = value?.stringValue ?? element["initial_value"]?.stringValue ?? ""
            return (["type": .string(type), "value": text.isEmpty ? .null : .string(text)], text.isEmpty)
        }
    }

    /// The payload (docs.slack.dev/reference/interaction-payloads/view-interactions-payload).
    private func submission(of view: SlackView, state: [String: JSONValue]) -> JSONValue {
        let user = workspace.user(id: view.userID)
        var shown = view.view.objectValue ?? [:]
        let more: [String: JSONValue] = [
            "id": .string(view.id), "team_id": .string(SlackTeam.id), "state": ["values": .object(state)],
            "hash": "1596530361.3wRYuk3R", "clear_on_close": false, "notify_on_close": false,
            "previous_view_id": .null, "root_view_id": .string(view.id), "app_id": .string(SlackTeam.appID),
            "external_id": "", "app_installed_team_id": .string(SlackTeam.id), "bot_id": .string(SlackTeam.botID),
        ]
        shown.merge(more) { $1 }
        return [
            "type": "view_submission", "team": ["id": .string(SlackTeam.id), "domain": .string(SlackTeam.domain)],
            "user": [
                "id": .string(view.userID), "username": .string(user?.name ?? ""), "name": .string(user?.name ?? ""),
                "team_id": .string(SlackTeam.id),
            ],
            "api_app_id": .string(SlackTeam.appID), "token": "legacy-fixed-value",
            "trigger_id": .string(openViews.trigger(userID: view.userID)), "view": .object(shown),
            "response_urls": [], "is_enterprise_install": false, "enterprise": .null,
        ]
    }
}
