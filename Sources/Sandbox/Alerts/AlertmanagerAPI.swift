import Domain
import Foundation

/// Alertmanager's API version 2 (api/v2/openapi.yaml), the part that tells which alerts fire.
struct AlertmanagerAPI: Sendable {
    let receiver: String
    let firing: @Sendable () -> [AlertmanagerBody.Alert]
    let now: @Sendable () -> Date

    func answer(_ request: SandboxRequest) -> SandboxAnswer {
        switch request.path {
        case "/-/healthy", "/-/ready": return .text(200, "OK")
        case "/api/v2/alerts":
            guard request.method == "GET" else { return .json(405, "method not allowed") }
            return alerts(request)
        default: return .json(404, "not found")
        }
    }

    private func alerts(_ request: SandboxRequest) -> SandboxAnswer {
        // None is silenced or inhibited here, so without the active ones nothing is left.
        guard request.query("active") != "false" else { return .json(200, []) }
        if let wish = request.query("receiver") {
            guard let pattern = try? Pattern(wish) else {  // the reason adds nothing to "bad receiver"
                return .json(400, .string("failed to parse receiver param: \(wish)"))
            }
            if !pattern.matches(receiver) { return .json(200, []) }
        }
        var matchers: [Matcher] = []
        for filter in request.query where filter.name == "filter" {
            do throws(Matcher.Invalid) {
                matchers.append(try Matcher(parsing: filter.value))
            } catch {
                return .json(400, .string("bad matcher format: \(filter.value): \(error.reason)"))
            }
        }
        let found = firing().filter { alert in
            let labels = JSONValue.object(alert.labels.mapValues(JSONValue.string))
            return matchers.allSatisfy { $0.verdict(on: labels).holds }
        }
        return .json(200, .array(found.map(json)))
    }

    private func json(_ alert: AlertmanagerBody.Alert) -> JSONValue {
        let now = now()
        return [
            "annotations": .object(alert.annotations.mapValues(JSONValue.string)),
            "labels": .object(alert.labels.mapValues(JSONValue.string)),
            "fingerprint": .string(AlertFingerprint.of(alert.labels)),
            "receivers": [["name": .string(receiver)]],
            "startsAt": .string(AlertmanagerBody.time(alert.startsAt)),
            "updatedAt": .string(AlertmanagerBody.time(now)),
            // Prometheus says until when it vouches for the alert.
            "endsAt": .string(AlertmanagerBody.time(now.addingTimeInterval(240))),
            "generatorURL": "http://prometheus.sandbox.example:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
            "status": ["state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []],
        ]
    }
}
