import Domain

/// What Google checks of a health check.
enum ComputeHealthCheck {
    static func check(_ body: [String: JSONValue]) throws {
        let interval = body["checkIntervalSec"]?.intValue ?? 5
        let timeout = body["timeoutSec"]?.intValue ?? 5
        guard (1...300).contains(interval) else {
            throw GoogleError.invalid("resource.checkIntervalSec", String(interval), "Must be from 1 to 300.")
        }
        guard timeout <= interval else {
            throw GoogleError.invalid(
                "resource.timeoutSec", String(timeout), "Must be less than or equal to checkIntervalSec (\(interval)).")
        }
        for name in ["healthyThreshold", "unhealthyThreshold"] {
            guard (1...10).contains(body[name]?.intValue ?? 2) else {
                throw GoogleError.invalid("resource.\(name)", body[name]?.plainText ?? "", "Must be from 1 to 10.")
            }
        }
        let members = [
            "TCP": "tcpHealthCheck", "HTTP": "httpHealthCheck", "HTTPS": "httpsHealthCheck", "SSL": "sslHealthCheck",
            "HTTP2": "http2HealthCheck", "GRPC": "grpcHealthCheck",
        ]
        let type = body["type"]?.stringValue ?? ""
        guard members[type] != nil else {
            throw GoogleError.invalid("resource.type", type, "Must be one of \(members.keys.sorted()).")
        }
    }
}
