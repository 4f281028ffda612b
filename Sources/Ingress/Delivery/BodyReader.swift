import Domain
import HummingbirdCore
import NIOCore

/// Reads the body of a request, once and within bounds. Its deadline is the connection's.
enum BodyReader {
    /// At most this many bytes are allotted because a header announces them.
    private static let trustedLength = 256 * 1024

    /// `limit` in bytes. Throws `tooLarge`, before anything is read if the header says so, `tooSlow`, `overloaded`, or
    /// `badRequest` when the body breaks off.
    static func read(
        _ scope: RequestScope, limit: Int, _ share: inout BodiesInFlight.Share
    ) async throws(Refusal) -> [UInt8] {
        let announced = scope.contentLength
        guard announced ?? 0 <= limit else { throw tooLarge(limit) }
        scope.letBodyCome()
        var bytes: [UInt8] = []
        if let announced { bytes.reserveCapacity(min(announced, trustedLength)) }
        do {
            for try await part in scope.request.body {
                guard bytes.count + part.readableBytes <= limit else { throw tooLarge(limit) }
                try share.grow(by: part.readableBytes)
                bytes.append(contentsOf: part.readableBytesView)
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch is BodyDeadlinePassed {
            throw Refusal(.tooSlow, "the body did not come in time")
        } catch {
            guard !Task.isCancelled else { throw stopping }
            throw Refusal(.badRequest, "the body broke off or is not valid HTTP")
        }
        // A stream that was cut may look like one that has ended.
        guard !Task.isCancelled else { throw stopping }
        guard announced == nil || announced == bytes.count else {
            throw Refusal(.badRequest, "the body broke off after \(bytes.count) of \(announced ?? 0) bytes")
        }
        return bytes
    }

    private static let stopping = Refusal(.unavailable, "the bot is shutting down; send it again")

    private static func tooLarge(_ limit: Int) -> Refusal {
        Refusal(.tooLarge, "the body is larger than \(limit) bytes")
    }
}
