/// The custom role of the bot's service account, as `gcloud iam roles create --file` reads it.
package enum CustomRole {
    /// YAML, without a final line feed.
    package static var yaml: String {
        let head = """
            # The custom role of the bot's service account: exactly what the actions of gcp.… need. Written by
            #   defimon schema google-cloud-role
            # Make it, and change it later, with
            #   gcloud iam roles create defimon --project=PROJECT --file=role.yaml
            #   gcloud iam roles update defimon --project=PROJECT --file=role.yaml
            title: Defimon
            description: What the bot reads and changes in the infrastructure pool
            stage: GA
            includedPermissions:
            """
        return ([head] + ActionPermissions.all.map { "  - \($0)" }).joined(separator: "\n")
    }
}
