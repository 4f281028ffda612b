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
              disk: {file: {certificate: tls/bot.pem, key: tls/bot.key}, endpoints: []}
          analytics-api:
            names: [analytics.example.com]
            destinations:
              # The Secret that the pool's Ingress names.
              cluster: {kubernetes: {cluster: analytics, namespace: analytics, secret: analytics-tls}, endpoints: ["\(addresses.secureIngress)=analytics.example.com"]}
              disk: {file: {certificate: tls/analytics-api.pem, key: tls/analytics-api.key}, endpoints: []}
        """
    }
}
