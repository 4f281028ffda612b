import Domain
import Foundation
import SwiftASN1
import X509

/// What Google makes of a certificate that it is given: the key is taken, and never shown
/// (cloud.google.com/compute/docs/reference/rest/v1/sslCertificates).
enum ComputeCertificate {
    static func shown(_ body: [String: JSONValue]) throws -> [String: JSONValue] {
        let given = body["selfManaged"] ?? .object(body)
        guard let chain = given["certificate"]?.stringValue else { throw GoogleError.required("resource.certificate") }
        guard let key = given["privateKey"]?.stringValue else { throw GoogleError.required("resource.privateKey") }
        let certificate: Certificate
        do {
            guard let first = try PEMDocument.parseMultiple(pemString: chain).first else {
                throw GoogleError.invalid("resource.certificate", "", "The SSL certificate is empty.")
            }
            certificate = try Certificate(pemDocument: first)
        } catch let error as GoogleError {
            throw error
        } catch {
            throw GoogleError.invalid("resource.certificate", "", "The SSL certificate could not be parsed.")
        }
        let isPair: Bool
        do {
            isPair = try Certificate.PrivateKey(pemEncoded: key).publicKey == certificate.publicKey
        } catch {
            throw GoogleError.invalid("resource.privateKey", "", "The SSL key could not be parsed.")
        }
        guard isPair else {
            throw GoogleError.invalid("resource.privateKey", "", "The SSL certificate and key do not match.")
        }
        let names = try certificate.extensions.subjectAlternativeNames ?? SubjectAlternativeNames([])
        var shown = body
        shown["privateKey"] = nil
        shown["type"] = "SELF_MANAGED"
        shown["certificate"] = .string(chain)
        shown["selfManaged"] = ["certificate": .string(chain)]
        shown["expireTime"] = .string(ComputeOperationShape.time(certificate.notValidAfter))
        shown["subjectAlternativeNames"] = .array(
            names.compactMap { name in
                guard case .dnsName(let host) = name else { return nil }
                return .string(host)
            })
        return shown
    }
}
