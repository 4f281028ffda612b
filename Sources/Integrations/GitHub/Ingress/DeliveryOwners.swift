import Foundation

/// Whom a delivery is about, by every name that the events made of it could go by: the owner of its repository; without
/// a repository, its organisation; without that, who has the app installed.
struct DeliveryOwners: Decodable {
    private struct Account: Decodable { @Tolerant var login: String? }
    private struct Repository: Decodable {
        @Tolerant var owner: Account?
        @Tolerant var fullName: String?
        private enum CodingKeys: String, CodingKey {
            case owner
            case fullName = "full_name"
        }
    }
    private struct Installation: Decodable { @Tolerant var account: Account? }

    @Tolerant private var repository: Repository?
    @Tolerant private var organization: Account?
    @Tolerant private var installation: Installation?

    /// Nil when the bytes are no JSON object.
    init?(json: [UInt8]) {
        do { self = try JSONDecoder().decode(DeliveryOwners.self, from: Data(json)) } catch { return nil }
    }

    var names: [String] {
        if let repository {
            return [repository.owner?.login, repository.fullName.map { String($0.prefix { $0 != "/" }) }]
                .compactMap { $0 }
        }
        return [organization?.login ?? installation?.account?.login].compactMap { $0 }
    }

    /// Whether it is about this one, by every name in it. Names of GitHub do not tell upper from lower case.
    func areAll(_ owner: String) -> Bool {
        !names.isEmpty && names.allSatisfy { $0.lowercased() == owner.lowercased() }
    }
}
