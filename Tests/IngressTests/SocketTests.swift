import Domain
import Foundation
import Ingress
import Logging
import NIOCore
import NIOPosix
import Outbound
import ServiceLifecycle
import TestSupport
import Testing

/// The file of the API's socket.
@Suite struct SocketTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `only its owner may open the socket, and nothing else is left beside it`() async throws {
        try await withIngress { ingress, _ async throws in
            #expect(try mode(ingress.socketPath) == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: ingress.folder.url.path) == ["bot.sock"])
            #expect(try await ingress.api("GET", "/api/v1/ready").status == 200)
        }
    }

    @Test func `the socket goes with the bot`() async throws {
        try await withIngress { ingress, stop async throws in
            await stop()
            let isGone = await eventually {
                FileManager.default.fileExists(atPath: ingress.socketPath) ? nil : true
            }
            #expect(isGone == true)
        }
    }

    @Test func `what a dead bot left is replaced`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("bot.sock")
        let dead = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(unixDomainSocketPath: folder.path("dying.sock")).get()
        try FileManager.default.moveItem(atPath: folder.path("dying.sock"), toPath: path)
        try await dead.close()
        #expect(FileManager.default.fileExists(atPath: path))
        try await run(folder) { ingress async throws in
            #expect(try await ingress.api("GET", "/api/v1/ready").status == 200)
        }
    }

    @Test func `a living bot is not pushed aside`() async throws {
        try await withIngress { ingress, _ async throws in
            let error = await #expect(throws: IngressError.self) { try await run(ingress.folder) { _ in } }
            #expect(
                error?.description == "another bot is listening on \(ingress.socketPath); stop it first, "
                    + "or set another socket path")
            #expect(try await ingress.api("GET", "/api/v1/ready").status == 200)
        }
    }

    @Test func `a file that is no socket is not removed`() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("precious", to: "bot.sock")
        let error = await #expect(throws: IngressError.self) {
            try await run(folder) { _ in }
        }
        #expect(error?.description == "\(path) is there and is no socket; remove it, or set another socket path")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    @Test func `a path that the kernel does not take is named`() async throws {
        let folder = try TemporaryFolder()
        let error = await #expect(throws: IngressError.self) {
            try await run(folder, socketName: String(repeating: "x", count: 100)) { _ in }
        }
        #expect(error?.description.contains("at most 95 are possible") == true)
    }

    @Test func `an address that is taken is named`() async throws {
        try await withIngress { ingress, _ async throws in
            let folder = try TemporaryFolder()
            let error = await #expect(throws: IngressError.self) {
                try await run(folder, port: ingress.port) { _ in }
            }
            #expect(error?.description.hasPrefix("cannot listen on 127.0.0.1:\(ingress.port): ") == true)
        }
    }

    /// Runs an ingress and throws why it did not start.
    private func run(
        _ folder: TemporaryFolder, socketName: String = "bot.sock", port: Int = 0,
        _ body: @escaping @Sendable (RunningIngress) async throws -> Void
    ) async throws {
        let ingress = RunningIngress(http: try HTTPSession(), folder: folder, socketName: socketName, port: port)
        let server = ingress.server(limits: Limits(), hasAdmin: false)
        let group = ServiceGroup(configuration: .init(services: [server], logger: SocketTests.quiet))
        let result = await withTaskGroup(of: Result<Void, any Error>.self) { tasks in
            tasks.addTask { await Result { try await group.run() } }
            let result = await Result {
                _ = try await server.addresses.bound
                try await body(ingress)
            }
            await group.triggerGracefulShutdown()
            await tasks.waitForAll()
            return result
        }
        await ingress.http.shutdown()
        try result.get()
    }
}

extension Result where Failure == any Error {
    fileprivate init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
