import Domain
import Foundation

/// A file of the type `external_account` (google.aip.dev/auth/4117): where the proof of who the bot is lies, and whom it
/// is exchanged for.
struct ExternalAccount: Sendable, Hashable {
    /// Where the subject token is.
    enum Source: Sendable, Hashable {
        case file(String)
        case url(String, headers: [String: String])
    }

    var audience: String
    var tokenType: String
    var tokenURL: String
    var source: Source
    /// The member of a JSON document that holds the token; nil: it is the whole text.
    var field: String?
    /// Where a token of a service account is to be had for it; nil: it is used itself.
    var impersonationURL: String?
    /// Seconds; Google's usual hour unless the file says otherwise.
    var lifetime: Int

    /// Throws `GoogleFailure` that says what does not fit.
    init(_ json: JSONValue, _ place: String) throws {
        guard json["type"]?.stringValue == "external_account" else {
            throw GoogleFailure(
                "\(place) is not of the type external_account",
                hint: "make it with gcloud iam workload-identity-pools create-cred-config")
        }
        guard let audience = json["audience"]?.stringValue, let type = json["subject_token_type"]?.stringValue,
            let tokenURL = json["token_url"]?.stringValue, let place = json["credential_source"]
        else { throw GoogleFailure("\(place) lacks audience, subject_token_type, token_url or credential_source") }
        self.audience = audience
        tokenType = type
        self.tokenURL = tokenURL
        if let file = place["file"]?.stringValue {
            source = .file(file)
        } else if let url = place["url"]?.stringValue {
            source = .url(url, headers: (place["headers"]?.objectValue ?? [:]).compactMapValues(\.stringValue))
        } else {
            throw GoogleFailure(
                "the credential_source of the workload identity is neither a file nor a URL",
                hint: "AWS' own credentials and programs are not known here: let a file or URL give the token")
        }
        let format = place["format"]
        field =
            format?["type"]?.stringValue == "json" ? format?["subject_token_field_name"]?.stringValue ?? "" : nil
        if field == "" { throw GoogleFailure("the credential_source lacks subject_token_field_name") }
        impersonationURL = json["service_account_impersonation_url"]?.stringValue
        let wanted = json["service_account_impersonation"]?["token_lifetime_seconds"]?.intValue
        lifetime = min(max(wanted ?? 3600, 600), 43_200)
    }

    /// The subject token in what the source gave. Throws `GoogleFailure`.
    func subjectToken(in bytes: [UInt8]) throws -> Secret {
        let text: String
        if let field {
            guard let found = try? JSONValue(parsing: bytes)[field]?.stringValue else {
                throw GoogleFailure("what the credential_source gives has no member \(field.prefix(80))")
            }
            text = found
        } else {
            text = String(String(decoding: bytes, as: UTF8.self).trimmed)
        }
        guard !text.isEmpty else { throw GoogleFailure("what the credential_source gives is empty") }
        return Secret(text)
    }
}
