import Hummingbird
import NIOCore

/// What the server knows of a request besides the request.
struct ConnectionContext: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }
}
