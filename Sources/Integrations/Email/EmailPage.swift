import Domain
import Mustache

/// The HTML part of a mail: no remote content, no links, no scripts; styles stand at the elements, since mail readers
/// drop others. Colours of text and page are the reader's own, light or dark; ours are seen on both.
struct EmailPage: Sendable {
    private let template: MustacheTemplate

    /// Throws when the template is wrong, which it is not.
    init() throws { template = try MustacheTemplate(string: EmailPage.source) }

    func html(of content: EmailContent, mood: Report.Mood) -> String {
        let context: [String: Any] = [
            "title": EmailText.forMarkup("\(content.sign) \(content.headline)"), "color": mood.color,
            "blocks": content.blocks.map(EmailPage.context), "isCut": content.isCut, "cutMark": EmailText.cutMark,
            "footer": EmailPlainText.footer,
        ]
        return template.render(context)
    }

    private static func context(_ block: Report.Block) -> [String: Any] {
        switch block {
        case .text(let text): ["text": lines(text)]
        case .code(let text): ["code": EmailText.forMarkup(text)]
        case .fields(let fields):
            ["fields": ["rows": fields.map { ["name": EmailText.forMarkup($0.name), "value": lines($0.value)] }]]
        case .steps(let steps):
            [
                "steps": [
                    "rows": steps.map { step -> [String: Any] in
                        var row = [
                            "mark": step.state.mark, "name": EmailText.forMarkup(step.name), "color": step.state.color,
                        ]
                        if !step.note.isEmpty { row["note"] = EmailText.forMarkup(step.note) }
                        return row
                    }
                ]
            ]
        case .offers(let offers):
            [
                "offers": [
                    "title": EmailPlainText.offersTitle,
                    "rows": offers.map {
                        [
                            "label": EmailText.forMarkup($0.label),
                            "line": EmailText.forMarkup("/defimon \($0.commandLine)"),
                        ]
                    },
                ]
            ]
        }
    }

    /// Lines for a template that puts a break before all but the first.
    private static func lines(_ text: String) -> [String: Any] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return [
            "lines": lines.enumerated().map { index, line -> [String: Any] in
                ["isFurther": index > 0, "words": EmailText.forMarkup(String(line))]
            }
        ]
    }

    private static let mono = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:14px"
    private static let box =
        "border:1px solid rgba(128,128,128,.35);border-radius:6px;background:rgba(128,128,128,.12)"
    private static let source = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="supported-color-schemes" content="light dark">
        <title>{{title}}</title>
        <style>:root { color-scheme: light dark; }</style>
        </head>
        <body style="margin:0;padding:0">
        <div style="max-width:680px;margin:0 auto;padding:20px 16px;font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;overflow-wrap:anywhere">
        <h1 style="margin:0 0 20px;padding:2px 0 2px 12px;border-left:5px solid {{color}};font-size:20px;line-height:1.35">{{title}}</h1>
        {{#blocks}}
        {{#text}}
        <p style="margin:0 0 16px">{{#lines}}{{#isFurther}}<br>{{/isFurther}}{{words}}{{/lines}}</p>
        {{/text}}
        {{#code}}
        <pre style="margin:0 0 16px;padding:10px 12px;\(box);\(mono);line-height:1.45;white-space:pre-wrap">{{.}}</pre>
        {{/code}}
        {{#fields}}
        <table role="presentation" style="margin:0 0 16px;border-collapse:collapse;border-spacing:0">
        {{#rows}}
        <tr><td style="padding:2px 16px 2px 0;vertical-align:top;white-space:nowrap;font-weight:600">{{name}}</td><td style="padding:2px 0;vertical-align:top">{{#value}}{{#lines}}{{#isFurther}}<br>{{/isFurther}}{{words}}{{/lines}}{{/value}}</td></tr>
        {{/rows}}
        </table>
        {{/fields}}
        {{#steps}}
        <table role="presentation" style="margin:0 0 16px;border-collapse:collapse;border-spacing:0">
        {{#rows}}
        <tr><td style="padding:2px 10px 2px 0;vertical-align:top;font-weight:700;color:{{color}}">{{mark}}</td><td style="padding:2px 0;vertical-align:top">{{name}}{{#note}}<span style="opacity:.72"> · {{.}}</span>{{/note}}</td></tr>
        {{/rows}}
        </table>
        {{/steps}}
        {{#offers}}
        <p style="margin:0 0 6px;font-weight:600">{{title}}</p>
        {{#rows}}
        <p style="margin:0 0 12px">{{label}}<br><code style="display:inline-block;padding:3px 8px;\(box);\(mono)">{{line}}</code></p>
        {{/rows}}
        {{/offers}}
        {{/blocks}}
        {{#isCut}}
        <p style="margin:0 0 16px">{{cutMark}}</p>
        {{/isCut}}
        <p style="margin:24px 0 0;padding-top:10px;border-top:1px solid rgba(128,128,128,.35);font-size:13px;opacity:.72">{{footer}}</p>
        </div>
        </body>
        </html>

        """
}

extension StepState {
    /// The colour of its sign, seen on white and on black.
    fileprivate var color: String {
        switch self {
        case .succeeded: "#2da44e"
        case .failed, .timedOut, .unknown: "#e5484d"
        case .running: "#3b82f6"
        case .pending, .skipped, .cancelled: "#8b949e"
        }
    }
}
