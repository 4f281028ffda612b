/// A place of a definition whose address may hold `{{paths}}`: `github:{{repository}}#{{number}}`. The channel is fixed.
package struct PlaceTemplate: Sendable, Hashable, CustomStringConvertible {
    /// The longest address, in UTF-8 bytes.
    package static let longestAddress = 256

    /// Why there is no such place, for people.
    package struct Unusable: Error, Sendable, Hashable {
        package var reason: String

        package init(reason: String) { self.reason = reason }
    }

    /// The kind of channel: `slack`, `github`.
    package var channel: String
    package var address: Template

    package init(channel: String, address: Template) {
        self.channel = channel
        self.address = address
    }

    /// A place that is known already.
    package init(_ place: Place) { self.init(channel: place.channel, address: Template(literal: place.address)) }

    /// The place, filled in from `scope`. Throws `Unusable` when a path is missing or what comes out is no address.
    package func place(_ scope: JSONValue) throws(Unusable) -> Place {
        let text: String
        do { text = try address.render(scope).plainText } catch {
            throw Unusable(reason: "the place \(self): nothing provides {{\(error.path)}}")
        }
        if let problem = PlaceTemplate.problem(with: text) { throw Unusable(reason: "the place \(self): \(problem)") }
        return Place(channel: channel, address: text)
    }

    /// What is wrong with an address; nil when it can be one. What comes from outside must not break a header or a
    /// line of whatever carries it.
    package static func problem(with address: String) -> String? {
        if address.trimmed.isEmpty { return "its address is empty" }
        if address.utf8.count > longestAddress { return "its address is longer than \(longestAddress) bytes" }
        let isPlain = address.unicodeScalars.allSatisfy { scalar in
            ![.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
        }
        return isPlain ? nil : "its address holds control characters"
    }

    package var description: String {
        let parts = address.parts.map { part in
            switch part {
            case .text(let text): text
            case .path(let path): "{{\(path)}}"
            }
        }
        return "\(channel):" + parts.joined()
    }
}
