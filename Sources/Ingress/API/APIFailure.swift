import Domain
import HTTPTypes

/// Why a call of the API failed: a status and one line.
struct APIFailure: Error, Sendable {
    var status: HTTPResponse.Status
    var message: String
    /// True when the log should say so too.
    var isOurs = false

    static func badRequest(_ message: String) -> APIFailure { APIFailure(status: .badRequest, message: message) }
    static func notFound(_ message: String) -> APIFailure { APIFailure(status: .notFound, message: message) }

    init(status: HTTPResponse.Status, message: String) {
        self.status = status
        self.message = message
    }

    init(_ error: any Error) {
        switch error {
        case let failure as APIFailure: self = failure
        case let refusal as Refusal:
            self.init(status: .init(code: refusal.status), message: refusal.message)
        case let error as ControlError:
            switch error {
            case .notFound(let message): self.init(status: .notFound, message: message)
            case .refused(let message): self.init(status: .forbidden, message: message)
            case .unavailable(let message): self.init(status: .serviceUnavailable, message: message)
            }
        case let error as LedgerError:
            self.init(status: .serviceUnavailable, message: APIFailure.words(error))
        default:
            self.init(status: .internalServerError, message: "an error of the bot; its log says more")
            isOurs = true
        }
    }

    private static func words(_ error: LedgerError) -> String {
        switch error {
        case .unavailable(let reason): "the ledger cannot answer: \(reason)"
        case .overloaded: "too many writes wait for the ledger"
        case .conflict(let reason): "the ledger has changed meanwhile: \(reason)"
        case .closed: "the bot is shutting down"
        }
    }
}
