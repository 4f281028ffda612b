import Domain
import Foundation

/// One page of a list (docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api).
struct GitHubPage {
    let items: [JSONValue]
    /// The `Link` header; nil when all fits on one page.
    let link: String?

    /// 30 a page unless asked for, 100 at most.
    init(_ all: [JSONValue], of request: SandboxRequest, base: String) {
        let size = min(100, max(1, request.query("per_page").flatMap { Int($0) } ?? 30))
        let page = max(1, request.query("page").flatMap { Int($0) } ?? 1)
        let last = max(1, (all.count + size - 1) / size)
        items = Array(all.dropFirst((page - 1) * size).prefix(size))
        func address(_ number: Int) -> String {
            let query = request.query.filter { $0.name != "page" } + [(name: "page", value: String(number))]
            return "<\(base)\(request.path)?\(FormCoding.encode(query.map { ($0.name, $0.value) }))>"
        }
        var links: [String] = []
        if page > 1 { links.append("\(address(page - 1)); rel=\"prev\"") }
        if page < last { links.append("\(address(page + 1)); rel=\"next\"") }
        if page < last { links.append("\(address(last)); rel=\"last\"") }
        if page > 1 { links.append("\(address(1)); rel=\"first\"") }
        link = links.isEmpty ? nil : links.joined(separator: ", ")
    }

    var headers: [(String, String)] { link.map { [("Link", $0)] } ?? [] }
}
