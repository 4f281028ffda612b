import Domain

/// A JWS in the flattened form (RFC 7515 §7.2.2) with what ACME wants of it (RFC 8555 §6.2).
struct ACMESignedRequest: Sendable {
    let header: JSONValue
    /// Decoded; empty for POST-as-GET (§6.3).
    let payload: [UInt8]
    private let signed: String
    private let signature: [UInt8]

    init(_ json: JSONValue) throws {
        guard let protected = json["protected"]?.stringValue, let payload = json["payload"]?.stringValue,
            let signature = json["signature"]?.stringValue
        else { throw ACMEProblem.malformed("a JWS has the members protected, payload and signature") }
        guard json["header"] == nil, json["signatures"] == nil else {
            throw ACMEProblem.malformed("a JWS must be flattened and have no unprotected header")
        }
        guard let headerBytes = Base64URL.decode(protected), let bytes = Base64URL.decode(payload),
            let signatureBytes = Base64URL.decode(signature)
        else { throw ACMEProblem.malformed("a JWS' members are base64url without padding") }
        // What is no JSON is no header.
        guard let header = try? JSONValue(parsing: headerBytes), header.objectValue != nil else {
            throw ACMEProblem.malformed("the protected header is no JSON object")
        }
        self.header = header
        self.payload = bytes
        self.signature = signatureBytes
        signed = "\(protected).\(payload)"
    }

    init(body: [UInt8]) throws {
        // Any text that is no JSON is the same.
        guard let json = try? JSONValue(parsing: body) else { throw ACMEProblem.malformed("the body is no JSON") }
        try self.init(json)
    }

    var nonce: String? { header["nonce"]?.stringValue }
    var keyID: String? { header["kid"]?.stringValue }

    /// The key in the header.
    func embeddedKey() throws -> ACMEPublicKey {
        guard let jwk = header["jwk"] else { throw ACMEProblem.malformed("the protected header has no jwk") }
        return try ACMEPublicKey(jwk)
    }

    /// The payload as a JSON object.
    func object() throws -> JSONValue {
        // Any text that is no JSON is the same.
        guard let json = try? JSONValue(parsing: payload), json.objectValue != nil else {
            throw ACMEProblem.malformed("the payload must be a JSON object")
        }
        return json
    }

    /// Throws unless the algorithm is one that is taken, and it is meant for this address.
    func check(url: String) throws {
        guard header["alg"] == "ES256" else {
            var problem = ACMEProblem(400, "badSignatureAlgorithm", "the algorithm must be ES256")
            problem.more = ["algorithms": ["ES256"]]
            throw problem
        }
        guard header["url"]?.stringValue == url else {
            throw ACMEProblem.unauthorized("the url of the protected header is not \(url)")
        }
        guard (header["jwk"] == nil) != (header["kid"] == nil) else {
            throw ACMEProblem.malformed("the protected header must have either jwk or kid")
        }
    }

    func check(signedBy key: ACMEPublicKey) throws {
        guard key.isValid(signature, of: signed) else { throw ACMEProblem.malformed("the signature is wrong") }
    }

    /// External account binding (§7.3.4): HS256 by the key that was given to the customer.
    func isAuthentic(by key: [UInt8]) -> Bool {
        ConstantTime.equals(HMACBytes.sha256(Array(signed.utf8), key: key), signature)
    }
}
