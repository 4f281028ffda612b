import Domain
import NIOCore
import NIOHTTP1

/// Holds one connection to its deadlines, and ends it so that the last answer still arrives.
///
/// It stands right behind the HTTP decoder. A header that is not complete in time closes the connection. A body that is
/// not complete in time fails for its reader with `BodyDeadlinePassed`. When a request is turned away before its body
/// has come, what still comes of it is dropped, up to a bound: the sender can read the answer, and 160 MiB are not
/// taken in for nothing.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What a request handler says to the guard of its connection.
    enum Event: Sendable {
        /// The request is turned away: if it has not come whole, no more of it is read, and the connection ends after
        /// the answer.
        case stopReading
        /// The sender waits for a word before it sends the body (RFC 9110 §10.1.1).
        case sendContinue
    }

    private enum Phase {
        /// Nothing of the next request has come.
        case idle
        case readingHeader
        case readingBody
        /// What comes is dropped.
        case discarding
    }

    private let limits: ConnectionLimits
    private var phase = Phase.idle
    /// Requests whose header has come, and requests that are answered; a sender may send several at once.
    private var asked = 0
    private var answered = 0
    /// The number of the request after whose answer the connection ends.
    private var last = Int.max
    private var discarded = 0
    private var deadline: Scheduled<Void>?
    /// Ends the connection after its last answer.
    private var linger: Scheduled<Void>?

    private let count: OpenConnections.Count

    init(limits: ConnectionLimits, count: OpenConnections.Count) {
        self.limits = limits
        self.count = count
    }

    func handlerAdded(context: ChannelHandlerContext) {
        count.opened()
    }

    /// The first bytes of a request are there. Called by `FirstByteHandler`, which stands before the decoder.
    func bytesCame() {
        guard case .idle = phase else { return }
        phase = .readingHeader
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .discarding = phase {
            if case .body(let bytes) = unwrapInboundIn(data) { discarded += bytes.readableBytes }
            return
        }
        switch unwrapInboundIn(data) {
        case .head(let head):
            enter(.readingBody)
            asked += 1
            // HTTP/1.0, and `Connection: close` in any spelling.
            if !head.isKeepAlive { last = asked }
        case .body: break
        case .end: enter(asked == last ? .discarding : .idle)
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // A timer is made only for what did not come whole in one read: most requests need none.
        if deadline == nil {
            switch phase {
            case .idle: break
            case .readingHeader: schedule(limits.headerTimeout, context) { $0.headerIsLate($1) }
            case .readingBody: schedule(limits.bodyTimeout, context) { $0.bodyIsLate($1) }
            case .discarding: if discarded <= limits.discardedBytes { context.read() }
            }
        }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The rest of a request that was turned away cannot be wrong.
        if case .discarding = phase { return }
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancelTimers()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        count.closed()
        cancelTimers()
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        switch event as? Event {
        case .stopReading:
            stopReading(context)
            promise?.succeed()
        case .sendContinue:
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: promise)
        case nil:
            context.triggerUserOutboundEvent(event, promise: promise)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where answered + 1 == last:
            head.headers.replaceOrAdd(name: "connection", value: "close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .head, .body:
            context.write(data, promise: promise)
        case .end:
            answered += 1
            context.write(data, promise: promise)
            if answered == last { finish(context) }
        }
    }

    private func stopReading(_ context: ChannelHandlerContext) {
        // A request that has come whole leaves nothing to drop, and its connection may go on.
        guard case .readingBody = phase, asked == answered + 1 else { return }
        last = asked
        enter(.discarding)
        context.read()
    }

    private func headerIsLate(_ context: ChannelHandlerContext) {
        context.close(promise: nil)
    }

    private func bodyIsLate(_ context: ChannelHandlerContext) {
        last = asked
        enter(.discarding)
        context.fireErrorCaught(BodyDeadlinePassed())
        context.read()
    }

    /// The last answer is written: no further request is taken, and the connection ends when the sender has closed its
    /// side, or a little later.
    private func finish(_ context: ChannelHandlerContext) {
        enter(.discarding)
        // For those behind, the input has ended; they close the output, which sends what is written first.
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        guard linger == nil else { return }
        let channel = context.channel
        linger = context.eventLoop.scheduleTask(in: TimeAmount(limits.linger)) { channel.close(promise: nil) }
    }

    private func enter(_ next: Phase) {
        phase = next
        deadline?.cancel()
        deadline = nil
    }

    private func schedule(
        _ duration: Duration, _ context: ChannelHandlerContext,
        _ act: @escaping @Sendable (ConnectionGuard, ChannelHandlerContext) -> Void
    ) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: TimeAmount(duration)) {
            let (handler, context) = bound.value
            handler.deadline = nil
            act(handler, context)
        }
    }

    private func cancelTimers() {
        deadline?.cancel()
        deadline = nil
        linger?.cancel()
        linger = nil
    }
}

/// Fails the reader of a body that was not complete in time.
struct BodyDeadlinePassed: Error {}
