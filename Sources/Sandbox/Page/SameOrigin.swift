/// Keeps other web sites from reading or driving the page: names that a site could point at this machine are refused
/// (DNS rebinding), and what changes anything must come from the page itself.
struct SameOrigin: Sendable {
    /// Names under which the page may be opened, beside localhost and plain addresses.
    let hosts: Set<String>

    /// Why the request is refused; nil when it may go on.
    func refusal(of request: SandboxRequest) -> String? {
        guard isKnown(host: request.host) else {
            return "open the page as http://127.0.0.1 or http://localhost, not under another name"
        }
        guard request.method != "GET" else { return nil }
        guard request.header("origin") == "http://\(request.host)" else {
            return "only the page itself may change anything: the header Origin must be http://\(request.host)"
        }
        if let site = request.header("sec-fetch-site"), site != "same-origin" {
            return "only the page itself may change anything: the request comes from another site"
        }
        guard request.mediaType == "application/json" else {
            return "the body must be application/json"
        }
        return nil
    }

    private func isKnown(host: String) -> Bool {
        let name =
            host.hasPrefix("[") ? String(host.prefix { $0 != "]" }.dropFirst()) : String(host.prefix { $0 != ":" })
        guard !name.isEmpty else { return false }
        return name == "localhost" || hosts.contains(name)
            || name.allSatisfy { $0.isHexDigit || $0 == ":" } && host.hasPrefix("[")
            || name.split(separator: ".", omittingEmptySubsequences: false).count == 4
                && name.split(separator: ".").allSatisfy { UInt8($0) != nil }
    }
}
