import Foundation
import Testing

@testable import App

/// The definitions of a crash test: commands whose effects can be counted.
struct CrashFiles {
    /// The pull request that is commented on.
    var number: Int
    /// The commit that is deployed.
    var commit: String

    /// Writes them into `folder`, which is the bot's root then.
    func write(into folder: String) throws {
        try write(command("crash-one", steps: [restart]), "\(folder)/commands/crash-one.yaml")
        try write(command("crash-wide", steps: [restart, comment, deployment]), "\(folder)/commands/crash-wide.yaml")
        for (name, wide) in [("one", "no"), ("wide", "yes")] {
            try write(
                """
                rule: crash-alert-\(name)
                match: [status = firing, labels.alertname = Crash, labels.wide = \(wide)]
                run: crash-\(name)
                with: {id: "{{labels.id}}", workload: "{{labels.workload}}"}
                guards: {start_within: 24h}
                report: ["slack:#ops"]

                """, "\(folder)/webhooks/alertmanager/crash-alert-\(name).yaml")
            try write(
                """
                rule: crash-push-\(name)
                match: [kind = push, branch =~ "crash-.*-\(name)"]
                extract: {branch: 'crash-(?<id>d[0-9]+)-(?<workload>w[0-9])-.*'}
                run: crash-\(name)
                with: {id: "{{id}}", workload: "{{workload}}"}
                guards: {start_within: 24h}
                report: ["slack:#oncall"]

                """, "\(folder)/webhooks/github/crash-push-\(name).yaml")
        }
    }

    private func command(_ name: String, steps: [String]) -> String {
        """
        command: \(name)
        summary: Has effects that can be counted
        arguments:
          id: {type: text, pattern: "d[0-9]+", help: "Which"}
          workload: {type: text, pattern: "w[0-9]", help: "The workload"}
        roles: [operator]
        locks: ["crash/{{arguments.workload}}"]
        timeout: 24h
        steps:
        \(steps.joined(separator: "\n"))

        """
    }

    private let retry = "retry: {attempts: 60, backoff: 1s, max_backoff: 1s}"

    private var restart: String {
        """
          - name: Restart
            uses: kubernetes.rollout-restart
            \(retry)
            with: {cluster: analytics, namespace: crash, kind: Deployment, name: "{{arguments.workload}}"}
        """
    }

    private var comment: String {
        """
          - name: Comment
            uses: github.comment
            \(retry)
            with: {repository: \(SandboxPullRequests.repository), number: \(number), marker: "{{arguments.id}}", body: "Effect of {{arguments.id}}."}
        """
    }

    private var deployment: String {
        """
          - name: Deployment
            uses: github.deployment
            \(retry)
            with: {repository: \(SandboxPullRequests.repository), commit: \(commit), environment: "crash-{{arguments.id}}"}
        """
    }

    private func write(_ text: String, _ path: String) throws {
        let file = URL(filePath: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
}
