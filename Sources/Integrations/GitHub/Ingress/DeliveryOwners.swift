import Foundation

/// Every user and organisation that a delivery claims to be about: those of its repository, its organisation and its
/// installation.
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
        [
            repository?.owner?.login,
            repository?.fullName.map { String($0.prefix { $0 != "/" }) },
            organization?.login, installation?.account?.login,
        ].compactMap { $0 }
    }

    /// Whether it is about this one, by every name in it. Names of GitHub do not tell upper from lower case.
    func areAll(_ owner: String) -> Bool {
        !names.isEmpty && names.allSatisfy { $0.lowercased() == owner.lowercased() }
    }
}
