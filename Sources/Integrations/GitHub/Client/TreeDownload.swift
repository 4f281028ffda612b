import Domain
import Foundation
import Outbound

/// Fetches one archive (docs.github.com, "Download a repository archive (tar)"): the API answers with a redirect to
/// another server, whose address holds a short-lived token of its own and is never shown.
struct TreeDownload: Sendable {
    var session: HTTPSession
    /// Bytes of the archive.
    var maxBody: Int
    var time: any TimeSource

    /// Throws `GitHubFailure`, or `CancellationError`.
    func fetch(_ request: HTTPRequest, to file: URL) async throws {
        let first = try await answer(request, file)
        switch first.status {
        case 200: return
        case 301, 302, 303, 307, 308:
            // The secret is for GitHub's API alone.
            let second = try await answer(
                HTTPRequest(
                    url: try target(of: first, from: request), headers: [("User-Agent", GitHubClient.userAgent)]),
                file)
            guard second.status != 200 else { return }
            guard !(300...399).contains(second.status) else {
                throw GitHubFailure(
                    "GitHub redirects the download more than once", status: second.status,
                    hint: "name the repository as it is called now, if it was renamed or moved")
            }
            throw failure(second)
        default: throw failure(first)
        }
    }

    private func answer(_ request: HTTPRequest, _ file: URL) async throws -> HTTPResponse {
        do {
            return try await session.download(request, to: file, maxBody: maxBody, timeout: TreeAction.patience)
        } catch let error as HTTPError {
            // Reading changes nothing, so it does not matter whether GitHub had the request.
            throw GitHubFailure.unreachable(HTTPError(.notSent, error.message))
        } catch is AnswerTooLarge {
            throw GitHubFailure("the archive is larger than \(maxBody) bytes")
        }
    }

    /// Where the archive is. Only with TLS, unless the API itself is without.
    func target(of response: HTTPResponse, from request: HTTPRequest) throws(GitHubFailure) -> String {
        let scheme = URLComponents(string: request.url)?.scheme?.lowercased()
        guard let location = response.headers["location"], let url = URLComponents(string: location),
            let host = url.host, !host.isEmpty, url.user == nil, url.password == nil
        else { throw GitHubFailure("GitHub redirects the download to no address", status: response.status) }
        guard let given = url.scheme?.lowercased(), given == "https" || (given == "http" && given == scheme) else {
            throw GitHubFailure(
                "GitHub redirects the download to \(host.prefix(100)) without TLS, which is not followed",
                status: response.status)
        }
        return location
    }

    private func failure(_ response: HTTPResponse) -> GitHubFailure {
        let limit = RateLimit(response, now: time.now)
        guard limit.isExceeded else { return GitHubFailure(response, now: time.now) }
        return .limited(
            "GitHub's rate limit is reached\(GitHubFailure.words(of: response))",
            after: limit.wait ?? RateLimit.usualWait, status: response.status)
    }
}
