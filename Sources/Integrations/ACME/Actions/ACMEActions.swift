package import Domain

/// What can be done with certificates.
package enum ACMEActions {
    /// For the catalogue; `keeper` is nil where the settings name no CA, and for a check of definitions.
    package static func types(_ keeper: CertificateKeeper?) -> [ActionType] {
        [
            RotateAction.type(keeper), CertificatesAction.type(keeper), RevokeAction.type(keeper),
            AccountKeyAction.type(keeper),
        ]
    }
}

extension CertificateKeeper? {
    /// Throws `ActionError` when there is none.
    func get() throws(ActionError) -> CertificateKeeper {
        guard let self else {
            throw ActionError(
                "the settings name no CA",
                hint: "add 'acme: {agree_to_terms: true, contact: […]}' and 'certificates' to defimon.yaml")
        }
        return self
    }
}
