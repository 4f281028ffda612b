import Domain

/// What Google checks of a firewall rule.
enum ComputeFirewall {
    static func check(_ body: [String: JSONValue]) throws {
        let allowed = body["allowed"]?.arrayValue ?? []
        let denied = body["denied"]?.arrayValue ?? []
        guard allowed.isEmpty != denied.isEmpty else {
            throw GoogleError(
                400, "invalid",
                "Invalid value for field 'resource': exactly one of 'allowed' and 'denied' must be specified.")
        }
        for item in allowed + denied {
            guard item["IPProtocol"]?.stringValue != nil else {
                throw GoogleError.required("resource.allowed[0].IPProtocol")
            }
            for port in item["ports"]?.arrayValue ?? [] { try check(port: port) }
        }
        for name in ["sourceRanges", "destinationRanges"] {
            for range in body[name]?.arrayValue ?? [] {
                guard let text = range.stringValue, text.contains(":") || IPv4Range(text) != nil else {
                    throw GoogleError.invalid("resource.\(name)[0]", range.plainText, "Must be a CIDR address range.")
                }
            }
        }
        guard let priority = body["priority"]?.intValue, (0...65_535).contains(priority) else {
            throw GoogleError.invalid(
                "resource.priority", body["priority"]?.plainText ?? "", "Must be a number from 0 to 65535.")
        }
    }

    /// `22` or `30000-32767`.
    private static func check(port: JSONValue) throws {
        let text = port.stringValue ?? ""
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        let numbers = ends.compactMap { $0 }.filter { (0...65_535).contains($0) }
        guard numbers.count == ends.count, (1...2).contains(numbers.count), numbers == numbers.sorted() else {
            throw GoogleError.invalid(
                "resource.allowed[0].ports[0]", port.plainText, "Must be a port or a range of ports.")
        }
    }
}
