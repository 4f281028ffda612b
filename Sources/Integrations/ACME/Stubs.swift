package import Domain
package import Foundation
import Outbound

package struct ACMEError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable { case problem(type: String), unreachable, strange, missing }
    package var message: String
    package var kind: Kind
    package var retryAfter: Duration?
    package var mayHaveTakenEffect: Bool
    package var description: String { message }
    package var actionError: ActionError { ActionError(message) }
    var forbids: Duration? { retryAfter }
    var isRefusalOfReplacement: Bool { false }
}
package struct RenewalInfo: Sendable { package var start: Date; package var end: Date; package var explanation: String?; package var lookAgainAfter: Duration }
package struct ACMEKey: Sendable {
    static func make() -> ACMEKey { ACMEKey() }
    init() {}
    init(pem: Secret) throws(ACMEError) {}
    var pem: Secret { Secret("") }
    func keyAuthorization(_ token: String) -> String { "" }
    func dnsValue(_ token: String) -> String { "" }
}
package struct CertificateKey: Sendable {
    package enum Kind: String, CaseIterable, Sendable { case p256, rsa2048, rsa3072, rsa4096 }
    static func make(_ kind: Kind) throws -> CertificateKey { CertificateKey() }
    init() {}
    init(pem: Secret) throws(ACMEError) {}
    var pem: Secret { Secret("") }
    func request(for names: [String]) throws -> [UInt8] { [] }
}
struct IssuedCertificate: Sendable, Hashable {
    init(chain: String) throws(ACMEError) { self.chain = chain }
    var chain: String
    var leafDER: [UInt8] = []
    var serialNumber = ""
    var notBefore = Date()
    var notAfter = Date()
    var names: [String] = []
    var issuer = ""
    var issuerName = ""
    var certID: String?
    func complaint(names: [String], key: CertificateKey, at: Date) -> String? { nil }
}
struct ACMEAccount: Sendable {}
package struct ExternalAccount: Sendable {}
enum S: Sendable { case pending, ready, processing, valid, invalid }
struct ACMEOrder: Sendable { var url: String; var status: S; var expires: Date?; var names: [String]; var authorizations: [String] }
struct ACMEChallenge: Sendable { var type: String; var url: String; var status: S; var token: String }
struct ACMEAuthorization: Sendable { var name: String; var status: S; var challenges: [ACMEChallenge] }
struct ACMEClient: Sendable {
    let key: ACMEKey
    init(directory: String, key: ACMEKey, session: HTTPSession, time: any TimeSource) { self.key = key }
    func account(contact: [String], agreeToTerms: Bool, external: ExternalAccount?) async throws -> ACMEAccount { ACMEAccount() }
    func findAccount() async throws -> ACMEAccount? { nil }
    func using(_ account: ACMEAccount) -> ACMEClient { self }
    func changeKey(to new: ACMEKey) async throws {}
    func newOrder(_ names: [String], profile: String?, replaces: String?) async throws -> ACMEOrder { try await order("") }
    func order(_ url: String) async throws -> ACMEOrder { throw CancellationError() }
    func orders() async throws -> [String] { [] }
    func authorization(_ url: String) async throws -> ACMEAuthorization { throw CancellationError() }
    func begin(_ challenge: ACMEChallenge) async throws {}
    func authorized(_ order: ACMEOrder, progress: @Sendable (String) -> Void) async throws -> ACMEOrder { order }
    func finalize(_ order: ACMEOrder, request: [UInt8]) async throws -> ACMEOrder { order }
    func issued(_ order: ACMEOrder) async throws -> ACMEOrder { order }
    func chain(of order: ACMEOrder, preferredIssuer: String?) async throws -> IssuedCertificate { try IssuedCertificate(chain: "") }
    func revoke(_ certificate: [UInt8], reason: Int?) async throws {}
    func renewalInfo(_ certID: String) async throws -> RenewalInfo? { nil }
}
package struct Endpoint: Sendable { init(_ text: String) throws(ActionError) {} }
struct EndpointProof { init(endpoints: [Endpoint]) {}; func prove(_ der: [UInt8], _ context: ActionContext) async throws(ActionError) -> [String] { [] } }
struct DNSProof: Sendable {
    struct Placed: Codable, Hashable, Sendable {}
    init(texts: any DNSTexts, lookup: any DNSLookup) {}
    func spot(_ value: String, for name: String, _ context: ActionContext) async throws(ActionError) -> Placed { Placed() }
    func place(_ placed: Placed, limit: Duration, _ context: ActionContext) async throws(ActionError) {}
    func remove(_ placed: Placed, _ context: ActionContext) async throws(ActionError) {}
}
