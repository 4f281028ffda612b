import Domain
import Foundation
import Synchronization

/// All secrets that the settings name, each with its newest value. Who was given one has a new value as soon as it is
/// read; the redactor knows it before, and the old ones for ever.
final class CurrentSecrets: SecretSource, ExpirySource {
    private struct State {
        var reader: SecretReader
        var known: [SecretReference: CurrentSecret] = [:]
    }

    private let redactor: Redactor
    private let state: Mutex<State>

    /// Relative paths of secret files start in `folder`.
    init(environment: [String: String], folder: String, redactor: Redactor) {
        self.redactor = redactor
        state = Mutex(State(reader: SecretReader(environment: environment, folder: folder)))
    }

    func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret {
        try state.withLock { state throws(MissingSecret) in
            if let known = state.known[reference] { return known.secret }
            let secret = try state.reader.read(reference)
            redactor.add(secret)
            let current = CurrentSecret(secret)
            state.known[reference] = current
            return current.secret
        }
    }

    /// Takes what a secret store holds; before that `{stored: name}` cannot be read.
    func take(_ stored: [String: Secret], from place: String) {
        state.withLock { $0.reader.stored = SecretReader.Stored(place: place, secrets: stored) }
    }

    /// Takes what was just saved in the secret store: it holds from now on for all who read it and who have it already.
    func take(_ name: String, _ secret: Secret) {
        redactor.add(secret)
        state.withLock { state in
            state.reader.stored?.secrets[name] = secret
            state.known[.stored(name)]?.replace(with: secret)
        }
    }

    /// Reads all that were handed out again; `environment` is what the variables are now, `stored` what the secret store
    /// holds now; nil when nobody can tell. One that cannot be read keeps its value.
    func readAgain(environment: [String: String]?, stored: [String: Secret]? = nil) -> SecretRereading {
        state.withLock { state in
            if let environment { state.reader.environment = environment }
            if let stored { state.reader.stored?.secrets = stored }
            var found = SecretRereading()
            for (reference, current) in state.known.sorted(by: { $0.key.description < $1.key.description }) {
                do {
                    let secret = try state.reader.read(reference)
                    guard secret != current.secret else { continue }
                    redactor.add(secret)
                    current.replace(with: secret)
                    found.rotated.append(reference.description)
                } catch {
                    found.failures.append(.init(name: reference.description, reason: "\(error)"))
                }
            }
            return found
        }
    }

    /// Of those that are JSON Web Tokens.
    func expiries() async -> [Expiry] {
        let known = state.withLock { $0.known }
        return known.compactMap { Expiry(name: "token \($0.key)", token: $0.value.secret) }
    }
}
