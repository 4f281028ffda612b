import Domain
import Foundation

/// An answer that says yes.
struct GitHubReply: Sendable {
    var status: Int
    var body: [UInt8]
    /// Where the next page is, if the answer was one page of more (RFC 8288, relation type `next`).
    var next: String?

    /// Reads the body. Throws `GitHubFailure` when it is not what we know.
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do { return try decoder.decode(type, from: Data(body)) } catch {
            throw GitHubFailure("GitHub's answer is not what is known of it: \(GitHubReply.words(error))")
        }
    }

    /// Where the decoder stopped and why, without anything of the body's contents.
    private static func words(_ error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.isEmpty
                ? "the body" : path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        }
        return switch error {
        case DecodingError.keyNotFound(let key, let context): "\(place(context.codingPath + [key])) is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\(place(context.codingPath)) is of another kind"
        default: "it is not JSON"
        }
    }

    /// The address behind `rel="next"` in a `Link` header; nil when there is none.
    static func next(in header: String?) -> String? {
        for part in (header ?? "").split(separator: ",") {
            let pieces = part.split(separator: ";").map(\.trimmed)
            guard let target = pieces.first, target.hasPrefix("<"), target.hasSuffix(">"),
                pieces.dropFirst().contains(where: { $0 == "rel=\"next\"" || $0 == "rel=next" })
            else { continue }
            return String(target.dropFirst().dropLast())
        }
        return nil
    }
}
