import Domain

/// What `systemctl show` says of a unit (org.freedesktop.systemd1(5)).
struct UnitState: Sendable, Hashable {
    static let properties = [
        "LoadState", "ActiveState", "SubState", "UnitFileState", "Result", "Type", "InvocationID",
        "ExecMainStartTimestampMonotonic", "Job",
    ]

    private let values: [String: String]

    /// Nil when it is something else.
    init?(_ text: String) {
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let sign = line.firstIndex(of: "=") else { continue }
            values[String(line[..<sign])] = String(line[line.index(after: sign)...])
        }
        guard values["ActiveState"] != nil else { return nil }
        self.values = values
    }

    private func value(_ name: String) -> String { values[name] ?? "" }

    /// `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`, …
    var active: String { value("ActiveState") }
    /// `running`, `dead`, `exited`, …
    var sub: String { value("SubState") }
    /// `success`, `exit-code`, `timeout`, …: how its last run ended.
    var result: String { value("Result") }
    /// `loaded`, `not-found`, `masked`, …
    var load: String { value("LoadState") }
    /// `enabled`, `disabled`, `static`, …
    var enabled: String { value("UnitFileState") }
    /// What changes with each of its starts.
    var run: String { "\(value("InvocationID"))/\(value("ExecMainStartTimestampMonotonic"))" }
    /// Whether systemd is about to start or stop it.
    var hasJob: Bool { !["", "0"].contains(value("Job")) }

    var isUp: Bool { active == "active" || active == "reloading" }
    var isDown: Bool { active == "inactive" || active == "failed" }
    /// One that does its work and ends.
    var isOneShot: Bool { value("Type") == "oneshot" }
    /// Whether it is as a start should have made it.
    var hasStarted: Bool { isUp || isOneShot && active == "inactive" && result == "success" }

    var words: String { active == sub || sub.isEmpty ? active : "\(active) (\(sub))" }
}
