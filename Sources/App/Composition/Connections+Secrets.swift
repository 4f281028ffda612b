import Domain
import Kubernetes

extension Connections {
    /// Reads again what may be rotated: secrets of the environment, `.env` and files, and kubeconfigs. `folder` is that of
    /// the settings.
    func readSecretsAgain(folder: String) async -> SecretRereading {
        var found = SecretRereading()
        var environment: BotEnvironment?
        do { environment = try await BotEnvironment(folder: folder) } catch {
            found.failures.append(.init(name: "file:.env", reason: "\(error)"))
        }
        found.merge(secrets.readAgain(environment: environment?.variables))
        found.merge(clusters.readAgain())
        return found
    }
}
