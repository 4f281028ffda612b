/// What is said about a job, without any channel's markup. All texts are plain; an outlet escapes them for its channel.
package struct Report: Sendable, Codable, Hashable {
    package enum Mood: String, Sendable, Codable, Hashable {
        case info, waiting, running, success, warning, failure
    }

    /// One line about a step.
    package struct StepLine: Sendable, Codable, Hashable {
        package var state: StepState
        package var name: String
        /// `12 s`, `analytics-api 2/3`.
        package var note: String

        package init(state: StepState, name: String, note: String) {
            self.state = state
            self.name = name
            self.note = note
        }
    }

    package struct Field: Sendable, Codable, Hashable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A command that is offered as a button; pressing it is the same as typing it.
    package struct Offer: Sendable, Codable, Hashable {
        package enum Style: String, Sendable, Codable, Hashable {
            /// What one would usually do.
            case primary
            /// What cannot be taken back.
            case danger
        }

        package var label: String
        package var commandLine: String
        /// How a channel with such means shows it; nil: as any other.
        package var style: Style?

        package init(label: String, commandLine: String, style: Style? = nil) {
            self.label = label
            self.commandLine = commandLine
            self.style = style
        }
    }

    /// A part of the body, in order.
    package enum Block: Sendable, Codable, Hashable {
        case text(String)
        case fields([Field])
        case steps([StepLine])
        /// Text of fixed width: logs, tables, diffs.
        case code(String)
        case offers([Offer])
    }

    package var mood: Mood
    package var title: String
    package var blocks: [Block]
    /// What a channel with forms shows in its place.
    package var form: CommandForm?

    package init(mood: Mood, title: String, blocks: [Block] = []) {
        self.mood = mood
        self.title = title
        self.blocks = blocks
    }

    /// The whole report as plain text, for notifications, terminals and channels without markup.
    package var plainText: String {
        var lines = [title]
        for block in blocks {
            switch block {
            case .text(let text), .code(let text): lines.append(text)
            case .fields(let fields): lines += fields.map { "\($0.name): \($0.value)" }
            case .steps(let steps):
                lines += steps.map { "\($0.state.mark) \($0.name)" + ($0.note.isEmpty ? "" : " · \($0.note)") }
            case .offers(let offers): lines += offers.map { "\($0.label): /defimon \($0.commandLine)" }
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension StepState {
    /// The sign before a step's name.
    package var mark: String {
        switch self {
        case .pending: "○"
        case .running: "◐"
        case .succeeded: "✓"
        case .failed, .timedOut: "✗"
        case .skipped: "–"
        case .cancelled: "⊘"
        case .unknown: "?"
        }
    }
}
