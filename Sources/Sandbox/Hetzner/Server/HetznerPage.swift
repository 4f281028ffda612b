import Domain

/// One page of a list: filtered, sorted, cut (docs.hetzner.cloud, "Pagination", "Sorting", "Label Selector").
struct HetznerPage {
    /// Hetzner's largest page.
    static let most = 50

    private let member: String
    private let items: [JSONValue]
    private let meta: JSONValue
    private let links: String

    /// `member` is the name of the list in the answer.
    init(_ all: [JSONValue], _ member: String, _ call: HetznerCall) throws {
        self.member = member
        let found = try HetznerPage.sorted(try HetznerPage.filtered(all, call), call)
        let size = try HetznerPage.number("per_page", call, 25, HetznerPage.most)
        let page = try HetznerPage.number("page", call, 1, Int(Int32.max))
        let last = max((found.count + size - 1) / size, 1)
        items = Array(found.dropFirst((page - 1) * size).prefix(size))
        func number(_ page: Int?) -> JSONValue { page.map { .int(Int64($0)) } ?? .null }
        let previous = page > 1 ? page - 1 : nil
        let next = page < last ? page + 1 : nil
        meta = [
            "pagination": [
                "page": number(page), "per_page": number(size), "previous_page": number(previous),
                "next_page": number(next), "last_page": number(last), "total_entries": number(found.count),
            ]
        ]
        let rest = call.request.query.filter { $0.name != "page" }.map { ($0.name, $0.value) }
        links = [("prev", previous), ("next", next), ("last", last)].compactMap { word, page in
            page.map { "<\(call.address)?\(FormCoding.encode(rest + [("page", String($0))]))>; rel=\"\(word)\"" }
        }.joined(separator: ", ")
    }

    /// With further members beside the list.
    func answer(_ more: [String: JSONValue] = [:]) -> SandboxAnswer {
        .json(
            200, .object([member: .array(items), "meta": meta].merging(more) { $1 }), headers: [("Link", links)])
    }

    private static func number(_ name: String, _ call: HetznerCall, _ usual: Int, _ most: Int) throws -> Int {
        guard let text = call.query(name) else { return usual }
        guard let number = Int(text), number >= 1 else { throw HetznerError.invalid(name, "must be at least 1") }
        guard number <= most else { throw HetznerError.invalid(name, "must be at most \(most)") }
        return number
    }

    private static func filtered(_ all: [JSONValue], _ call: HetznerCall) throws -> [JSONValue] {
        var all = all
        for name in ["name", "ip", "fingerprint", "type", "status", "mode", "architecture"] {
            let wanted = Set(call.queries(name))
            if !wanted.isEmpty { all = all.filter { wanted.contains($0[name]?.stringValue ?? "") } }
        }
        let ids = Set(call.queries("id"))
        if !ids.isEmpty { all = all.filter { ids.contains($0["id"]?.plainText ?? "") } }
        let bound = Set(call.queries("bound_to"))
        if !bound.isEmpty { all = all.filter { bound.contains($0["bound_to"]?.plainText ?? "") } }
        guard let text = call.query("label_selector"), !text.isEmpty else { return all }
        let selector = try selector(text, field: "label_selector")
        return all.filter { item in
            selector.matches((item["labels"]?.objectValue ?? [:]).compactMapValues(\.stringValue))
        }
    }

    /// Hetzner's language of label selectors is Kubernetes'.
    static func selector(_ text: String, field: String) throws -> LabelSelector {
        do {
            return try LabelSelector(text)
        } catch {
            throw HetznerError.invalid(field, "label selector '\(text)' is invalid")
        }
    }

    private static func sorted(_ all: [JSONValue], _ call: HetznerCall) throws -> [JSONValue] {
        let keys = try call.queries("sort").map { text in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count <= 2, parts.count == 1 || ["asc", "desc"].contains(parts[1]),
                ["id", "name", "created", "command", "status", "started", "finished"].contains(parts[0])
            else { throw HetznerError.invalid("sort", "'\(text)' is no way to sort") }
            return (name: parts[0], isDown: parts.last == "desc")
        }
        guard !keys.isEmpty else { return all }
        return all.sorted { one, other in
            for (name, isDown) in keys {
                let (first, second) = isDown ? (other, one) : (one, other)
                if let left = first[name]?.intValue, let right = second[name]?.intValue {
                    if left != right { return left < right }
                    continue
                }
                let (left, right) = (first[name]?.plainText ?? "", second[name]?.plainText ?? "")
                if left != right { return left < right }
            }
            return false
        }
    }
}
