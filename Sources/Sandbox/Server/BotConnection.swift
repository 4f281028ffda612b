/// How a stand-in sends a request to the bot: path, headers, body; the answer's status and body. The composition root
/// provides it. Throws when there is no answer.
package typealias BotConnection =
    @Sendable (_ path: String, _ headers: [(String, String)], _ body: [UInt8]) async throws
    -> (status: Int, body: String)
