import Domain
import Foundation
import Synchronization

@testable import ACME

/// A place of a test that holds one certificate, may refuse, and remembers what it held.
final class MemoryPlace: CertificateDestination {
    private struct State {
        var chain: String?
        var history: [String] = []
        var refusals = 0
    }

    let title: String
    private let state = Mutex(State())

    init(_ title: String) { self.title = title }

    /// The chain that is there.
    var chain: String? { state.withLock { $0.chain } }
    /// Serial numbers of all that were put there, one after the other.
    var history: [String] { state.withLock { $0.history } }

    /// The next so many installations fail.
    func refuse(_ count: Int) { state.withLock { $0.refusals = count } }

    /// Somebody else puts another chain there.
    func disturb(_ chain: String?) { state.withLock { $0.chain = chain } }

    func present(of name: String, _ context: ActionContext) async throws(ActionError) -> String? { chain }

    func install(_ bundle: CertificateBundle, _ context: ActionContext) async throws(ActionError) {
        let isRefused = state.withLock { state in
            if state.refusals > 0 {
                state.refusals -= 1
                return true
            }
            state.chain = bundle.chain
            state.history.append(bundle.serialNumber)
            return false
        }
        if isRefused { throw ActionError("\(title) does not take it", retry: .later(afterMilliseconds: nil)) }
    }
}
