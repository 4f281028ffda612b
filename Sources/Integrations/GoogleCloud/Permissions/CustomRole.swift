import Domain

/// The custom role of the bot's service account, as `gcloud iam roles create --file` reads it.
package enum CustomRole {
    /// JSON, one permission a line, without a final line feed.
    package static var json: String {
        let permissions = ActionPermissions.all.map { "    \"\($0)\"" }.joined(separator: ",\n")
        return """
            {
              "title": "Defimon",
              "description": "What the bot reads and changes in the infrastructure pool",
              "stage": "GA",
              "includedPermissions": [
            \(permissions)
              ]
            }
            """
    }
}
