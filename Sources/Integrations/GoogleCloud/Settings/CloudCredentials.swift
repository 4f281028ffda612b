package import Domain

/// As whom the bot speaks to Google (cloud.google.com/docs/authentication).
package enum CloudCredentials: Sendable, Hashable {
    /// The JSON key of a service account.
    case serviceAccount(SecretReference)
    /// The service account of the machine that the bot runs on.
    case metadata
    /// A file of the type `external_account`: who the bot is elsewhere is exchanged for a token.
    case workloadIdentity(file: String)
    /// What `gcloud auth application-default login` left, or the file that GOOGLE_APPLICATION_CREDENTIALS names.
    case applicationDefault

    /// Nil when a problem was reported.
    static func read(_ input: inout InputReader) -> CloudCredentials? {
        let key = input.secret("service_account", "The JSON key of a service account", isRequired: false)
        let metadata = input.flag("metadata", "The service account of the machine that the bot runs on")
        let identity = input.section("workload_identity", "Who the bot is elsewhere is exchanged for a token") {
            $0.text("file", "The file of the type external_account, as Google made it")
        }
        let usual = input.flag(
            "application_default",
            "What gcloud auth application-default login left, or the file of GOOGLE_APPLICATION_CREDENTIALS")
        let found: [CloudCredentials] =
            (key.map { [.serviceAccount($0)] } ?? []) + (metadata ? [.metadata] : [])
            + (identity.map { [.workloadIdentity(file: $0)] } ?? []) + (usual ? [.applicationDefault] : [])
        guard found.count == 1 else {
            input.report(
                found.isEmpty ? "google_cloud.credentials names none" : "google_cloud.credentials names several",
                field: "service_account",
                fix: "give exactly one of service_account, metadata: true, workload_identity, application_default: true"
            )
            return nil
        }
        return found[0]
    }
}
