import NIOCore
import NIOHTTP1

/// Takes a body, proves it, has it written, and answers after the commit.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let signature: Signature
    private let inserts: GroupedInserts
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(signature: Signature, inserts: GroupedInserts) {
        self.signature = signature
        self.inserts = inserts
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ByteBuffer()
        case .body(var part): body.writeBuffer(&part)
        case .end: take(context)
        }
    }

    private func take(_ context: ChannelHandlerContext) {
        guard let header = head?.headers.first(name: "x-hub-signature-256"), signature.proves(header, body),
            let id = head?.headers.first(name: "x-github-delivery")
        else { return answer(context, .unauthorized) }
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        inserts.add(
            GroupedInserts.Insert(deliveryID: id, body: body) { isCommitted in
                loop.execute {
                    let (handler, context) = bound.value
                    handler.answer(context, isCommitted ? .accepted : .serviceUnavailable)
                }
            })
    }

    private func answer(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus) {
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: ["content-length": "0"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
