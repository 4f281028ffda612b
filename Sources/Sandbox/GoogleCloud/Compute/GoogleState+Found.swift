import Foundation

extension GoogleState {
    /// A resource that a request names. Throws 404.
    func found(_ path: String, _ now: Date) throws -> GoogleResource {
        guard let resource = visible(path, now) else { throw GoogleError.notFound(path) }
        return resource
    }

    /// The same, and it is made and nothing that excludes others is under way on it. Throws 404 or `resourceNotReady`.
    func ready(_ path: String, _ now: Date) throws -> GoogleResource {
        let resource = try found(path, now)
        guard resource.isReady, operation(on: path) == nil else { throw GoogleError.notReady(path) }
        return resource
    }
}
