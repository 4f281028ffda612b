import CResolv
import Domain

/// One question of the Domain Name System (RFC 1035 §4.1.2).
struct DNSQuestion: Sendable {
    /// Types of records; the raw values are theirs on the wire.
    enum Kind: Int32, Sendable {
        case a = 1
        case ns = 2
        case cname = 5
        case txt = 16
        case aaaa = 28
    }

    /// Why there is no answer.
    enum Failure: Error, Sendable {
        case failed
        case refused
        case silent
        case strange
        case impossible

        /// For people, after `the name server 192.0.2.1:53 `.
        var words: String {
            switch self {
            case .failed: "says that it failed (SERVFAIL)"
            case .refused: "refuses to answer (REFUSED)"
            case .silent: "does not answer"
            case .strange: "gives an answer that is none"
            case .impossible: "cannot be asked: the name or its address is none"
            }
        }
    }

    /// Of one try, in whole seconds.
    static let seconds: Int32 = 5
    static let tries: Int32 = 2

    var name: String
    var kind: Kind
    /// Nil: the machine's own resolver.
    var server: ListenAddress?
    /// Whether the server is to ask others too.
    var isRecursive = true
    var seconds = DNSQuestion.seconds

    /// Values as people write them; none when the name has none of that type, or is not there. Blocks its thread for up to
    /// 30 seconds. Throws `Failure`.
    func ask() throws(Failure) -> [String] {
        let found = Found()
        let result = cresolv_ask(
            name, kind.rawValue, server?.host, Int32(server?.port ?? 0), isRecursive ? 1 : 0, seconds,
            DNSQuestion.tries,
            { context, value, length in
                guard let context, let value else { return }
                let bytes = UnsafeRawBufferPointer(start: value, count: length)
                Unmanaged<Found>.fromOpaque(context).takeUnretainedValue().values.append(
                    String(decoding: bytes, as: UTF8.self))
            }, Unmanaged.passUnretained(found).toOpaque())
        switch result {
        case CRESOLV_ANSWERED, CRESOLV_NO_DATA, CRESOLV_NO_NAME: return withExtendedLifetime(found) { found.values }
        case CRESOLV_SERVER_FAILED: throw .failed
        case CRESOLV_REFUSED: throw .refused
        case CRESOLV_SILENT: throw .silent
        case CRESOLV_IMPOSSIBLE: throw .impossible
        default: throw .strange
        }
    }

    /// What the callback collects; it lives for one call, on one thread.
    private final class Found {
        var values: [String] = []
    }
}
