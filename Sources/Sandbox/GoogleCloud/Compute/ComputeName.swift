import Domain

/// Names and labels (cloud.google.com/compute/docs/naming-resources and …/labeling-resources).
enum ComputeName {
    /// RFC 1035: a letter, then letters, digits and hyphens, no hyphen at the end, 63 at most.
    static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (1...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        return isLetter(first) && (isLetter(last) || isDigit(last))
            && bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x2d }
    }

    /// The name of a new resource. Throws Google's error.
    static func checked(_ value: JSONValue?) throws -> String {
        guard let name = value?.stringValue else { throw GoogleError.required("resource.name") }
        guard isValid(name) else {
            throw GoogleError.invalid(
                "resource.name", name, "Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'")
        }
        return name
    }

    /// Labels of a resource: at most 64, keys and values of at most 63 lower-case letters, digits, `_` and `-`.
    static func labels(_ value: JSONValue?) throws -> [String: JSONValue] {
        guard let value else { return [:] }
        guard let labels = value.objectValue else {
            throw GoogleError.invalid("resource.labels", value.canonicalText, "A map is expected.")
        }
        guard labels.count <= 64 else {
            throw GoogleError.invalid("resource.labels", "\(labels.count) labels", "At most 64 labels are allowed.")
        }
        for (key, value) in labels {
            guard let text = value.stringValue, text.utf8.count <= 63, text.allSatisfy(isLabel) else {
                throw GoogleError.invalid(
                    "resource.labels", value.plainText,
                    "Label value '\(value.plainText)' violates format constraints. The value can only contain lowercase "
                        + "letters, numeric characters, underscores and dashes. The value can be at most 63 characters "
                        + "long.")
            }
            guard (1...63).contains(key.utf8.count), key.first?.isLetter == true, key.allSatisfy(isLabel) else {
                throw GoogleError.invalid(
                    "resource.labels", key,
                    "Label key '\(key)' violates format constraints. The key must start with a lowercase character, can "
                        + "only contain lowercase letters, numeric characters, underscores and dashes. The key can be at "
                        + "most 63 characters long.")
            }
        }
        return labels
    }

    private static func isLabel(_ character: Character) -> Bool {
        (character.isLetter && character.isLowercase) || character.isNumber || character == "_" || character == "-"
    }
}
