package import Foundation

extension HTTPSession {
    /// Bytes of an answer other than 200 that are kept.
    private static let keptWords = 64 * 1024

    /// Sends a request and writes the body of a 200 into a new file that only this user may read; nothing of it is held
    /// in memory. Of another status the beginning of the body is returned, and no file is made. Throws `AnswerTooLarge`;
    /// `HTTPError` when the body breaks off, is not complete within `timeout`, or cannot be written;
    /// `CancellationError` when the task is cancelled. There may be a part of the file then, which is the caller's to
    /// remove.
    package func download(
        _ request: HTTPRequest, to file: URL, maxBody: Int, timeout: Duration
    ) async throws -> HTTPResponse {
        try await withDeadline(timeout) {
            let answer = try await stream(request, timeout: timeout)
            guard answer.status == 200 else {
                return HTTPResponse(
                    status: answer.status, headers: answer.headers,
                    body: try await firstBytes(of: answer.body, HTTPSession.keptWords))
            }
            if let length = answer.headers["content-length"].flatMap(Int.init), length > maxBody {
                throw AnswerTooLarge(maxBody: maxBody)
            }
            try await HTTPSession.write(answer.body, to: file, maxBody: maxBody)
            return HTTPResponse(status: answer.status, headers: answer.headers, body: [])
        }
    }

    private static func write(_ parts: HTTPBodyParts, to file: URL, maxBody: Int) async throws {
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw notWritten(String(cString: strerror(errno))) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var count = 0
        do {
            for try await part in parts {
                count += part.count
                guard count <= maxBody else { throw AnswerTooLarge(maxBody: maxBody) }
                do { try handle.write(contentsOf: part) } catch { throw notWritten("\(error)") }
            }
            do { try handle.close() } catch { throw notWritten("\(error)") }
        } catch let error as HTTPError {
            throw error
        } catch let error as AnswerTooLarge {
            throw error
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw HTTPError(.maybeSent, "the answer broke off: \(words(error))")
        }
    }

    private static func notWritten(_ reason: String) -> HTTPError {
        HTTPError(.maybeSent, "the answer cannot be written to a file: \(reason)")
    }
}

/// An answer has more bytes than its reader takes. The same request gives the same again.
package struct AnswerTooLarge: Error, Sendable, Hashable, CustomStringConvertible {
    /// The bound, in bytes.
    package var maxBody: Int

    package var description: String { "the answer is larger than \(maxBody) bytes" }
}
