import Domain
import Kubernetes

extension Connections {
    /// Reads again what may be rotated: secrets of the environment, `.env`, files and the secret store, kubeconfigs, and
    /// the files of the listener's certificate.
    /// `folder` is that of the settings.
    func readSecretsAgain(folder: String) async -> SecretRereading {
        var found = SecretRereading()
        var environment: BotEnvironment?
        do { environment = try await BotEnvironment(folder: folder) } catch {
            found.failures.append(.init(name: "file:.env", reason: "\(error)"))
        }
        found.merge(clusters.readAgain())
        if let files = listenerTLS?.files { found.merge(files.readAgain()) }
        var stored: [String: Secret]?
        do { stored = try await secretStore.all() } catch {
            found.failures.append(.init(name: "secret_store", reason: "\(error)"))
        }
        found.merge(secrets.readAgain(environment: environment?.variables, stored: stored))
        return found
    }
}
