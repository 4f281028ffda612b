import Domain

/// One rule of a firewall.
struct HetznerFirewallRule: Sendable, Hashable {
    enum Direction: String, CaseIterable {
        case `in`
        case out
    }

    enum Transport: String, CaseIterable {
        case tcp, udp, icmp, esp, gre
    }

    /// Sources or destinations of one rule (docs.hetzner.cloud, Firewalls).
    static let mostRanges = 100

    private let direction: Direction
    private let transport: Transport
    private let port: String?
    private let ranges: [String]
    private let description: String?

    init(_ input: inout InputReader) {
        direction = input.choice("direction", "Which way", of: Direction.self, default: .in) ?? .in
        transport = input.choice("protocol", "What it lets through", of: Transport.self) ?? .tcp
        let port = input.optionalText("port", "A port or a range, such as 30000-32767; for tcp and udp")
        self.port = port
        let sources = Self.ranges(
            "sources", "From where, as a list or with commas between; 0.0.0.0/0 is everybody", &input)
        let destinations = Self.ranges("destinations", "Of what goes out: to where", &input)
        ranges = direction == .in ? sources : destinations
        description = input.optionalText("description", "For people, at most 255 characters")
        let hasPort = transport == .tcp || transport == .udp
        if hasPort != (port != nil) {
            input.report(
                hasPort ? "the rule names no port" : "\(transport.rawValue) has no ports", field: "port",
                fix: hasPort ? "port: \"22\"" : nil)
        }
        if let port, HetznerName.ports?.matches(port) == false || !Self.isPort(port) {
            input.report("'\(port.prefix(40))' is no port", field: "port", fix: "such as 22 or 30000-32767")
        }
        // Hetzner would refuse it; a template may have been empty.
        let member = direction == .in ? "sources" : "destinations"
        if ranges.isEmpty { input.report("the rule names no \(member)", field: member) }
        if (description ?? "").count > 255 { input.report("'description' is too long", field: "description") }
    }

    private static func isPort(_ text: String) -> Bool {
        let numbers = text.split(separator: "-").compactMap { Int($0) }
        return numbers.allSatisfy { (1...65_535).contains($0) } && numbers == numbers.sorted()
    }

    private static func ranges(_ name: String, _ help: String, _ input: inout InputReader) -> [String] {
        let value = input.any(name, help)
        let texts =
            value.arrayValue?.map { $0.stringValue ?? "" }
            ?? (value.stringValue ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init)
        let whole = texts.map { text in
            text.contains("/") ? text : text + (text.contains(":") ? "/128" : "/32")
        }
        for text in whole where AddressRange(text) == nil && !text.contains(":") {
            input.report(
                "'\(text.prefix(80))' in '\(name)' is no range of addresses", field: name, fix: "such as 203.0.113.0/24"
            )
        }
        if whole.count > mostRanges {
            input.report("'\(name)' has \(whole.count) items, more than \(mostRanges)", field: name)
        }
        return whole.sorted()
    }

    var json: JSONValue {
        var rule: [String: JSONValue] = [
            "direction": .string(direction.rawValue), "protocol": .string(transport.rawValue),
            direction == .in ? "source_ips" : "destination_ips": Field.strings(ranges),
        ]
        if let port { rule["port"] = .string(port) }
        if let description { rule["description"] = .string(description) }
        return .object(rule)
    }

    /// As both sides are compared: `in tcp 22 from 203.0.113.0/24`.
    var words: String { Self.words(json) }

    static func words(_ rule: JSONValue) -> String {
        let isIn = rule["direction"] == "in"
        let ranges = (rule[isIn ? "source_ips" : "destination_ips"]?.arrayValue ?? []).compactMap(\.stringValue)
        let parts: [String?] = [
            rule["direction"]?.stringValue, rule["protocol"]?.stringValue, rule["port"]?.stringValue,
            isIn ? "from" : "to", ranges.sorted().joined(separator: " "),
            rule["description"]?.stringValue.flatMap { $0.isEmpty ? nil : "(\($0))" },
        ]
        return parts.compactMap { $0 }.joined(separator: " ")
    }
}
