extension SandboxSettings {
    /// Both are proven over HTTP, which the bot answers.
    func certificates(_ addresses: Addresses) -> String {
        """
        acme:
          directory: "\(authority?.directory ?? addresses.authority)"
        \(authority?.trusted.map { "  ca: \"\($0)\"" } ?? "  # The stand-in speaks plain HTTP.")
          contact: [admin@example.com]
          agree_to_terms: true
        certificates:
          bot:
            names: [bot.example.com]
            destinations:
              disk: {file: {certificate: "\(folder)/tls/bot.pem", key: "\(folder)/tls/bot.key"}, endpoints: []}
          analytics-api:
            names: [analytics.example.com]
            destinations:
              cluster: {kubernetes: {cluster: analytics, namespace: analytics, secret: analytics-api-tls}, endpoints: []}
              disk: {file: {certificate: "\(folder)/tls/analytics-api.pem", key: "\(folder)/tls/analytics-api.key"}, endpoints: []}
        """
    }
}
