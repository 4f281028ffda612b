import Domain
import Foundation
import HTTPTypes
import HummingbirdCore

/// One call of the API.
struct APICall: Sendable {
    let scope: RequestScope
    let parameters: [String: String]

    /// The number in the path.
    func id(_ what: String) throws(APIFailure) -> Int64 {
        guard let text = parameters["id"], let id = Int64(text), id > 0 else {
            throw .badRequest(
                "the number of the \(what) must be a whole number from 1, not '\(parameters["id"] ?? "")'")
        }
        return id
    }

    /// Who asks, by the header.
    func identity() throws(APIFailure) -> Identity {
        let name = scope.headers[ControlAPI.userHeader] ?? ""
        guard !name.isEmpty, name.utf8.count <= 64, name.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .badRequest("the header \(ControlAPI.userHeader) must name the user of this machine who asks")
        }
        return Identity(channel: "cli", userID: name)
    }

    /// The request's body as JSON.
    func body<Value: Decodable>(_ bodies: BodiesInFlight) async throws -> Value {
        var share = bodies.share()
        let bytes = try await BodyReader.read(scope, limit: ControlAPI.maxBody, &share)
        do {
            return try ListingJSON.decode(Value.self, from: bytes)
        } catch {
            throw APIFailure.badRequest("the body must be JSON with the members that this call takes")
        }
    }

    /// The query, when it holds nothing but these names.
    func query(_ names: [String]) throws(APIFailure) -> APIQuery {
        let items = URLComponents(string: scope.request.uri.string)?.queryItems ?? []
        if let unknown = items.first(where: { !names.contains($0.name) })?.name {
            throw .badRequest("there is no '\(unknown)' to ask by; there are: \(names.joined(separator: ", "))")
        }
        return APIQuery(values: Dictionary(items.map { ($0.name, $0.value ?? "") }) { "\($0),\($1)" })
    }
}
