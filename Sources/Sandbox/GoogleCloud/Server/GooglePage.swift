import Domain
import Foundation

/// One page of a list: `filter`, then `maxResults` from `pageToken` on.
struct GooglePage {
    /// Google's largest page.
    static let most = 500

    let items: [JSONValue]
    /// The token of the next page; nil after the last.
    let next: String?

    init(_ all: [JSONValue], _ call: GoogleCall, most: Int = GooglePage.most) throws {
        var all = all
        if let text = call.query("filter"), !text.isEmpty {
            let filter = try GoogleFilter(text)
            all = all.filter(filter.matches)
        }
        var start = 0
        if let token = call.query("pageToken"), !token.isEmpty {
            guard let data = Data(base64Encoded: token), let number = Int(String(decoding: data, as: UTF8.self)),
                number >= 0
            else { throw GoogleError.invalid("pageToken", token, "The page token is not one of this list.") }
            start = min(number, all.count)
        }
        var count = most
        if let text = call.query("maxResults") {
            guard let number = Int(text), (0...most).contains(number) else {
                throw GoogleError.invalid(
                    "maxResults", text, "Values must be within the range: [0, \(most)]")
            }
            if number > 0 { count = number }
        }
        items = Array(all[start..<min(start + count, all.count)])
        let end = start + items.count
        next = end < all.count ? Data(String(end).utf8).base64EncodedString() : nil
    }
}
