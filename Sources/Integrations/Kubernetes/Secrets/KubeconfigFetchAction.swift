import Domain

/// Reads a cluster's kubeconfig on one of its hosts and keeps it in the bot's own secrets, where `clusters` read it as
/// `{stored: name}`. Nothing of it is in any output, plan, log or error.
struct KubeconfigFetchAction: RepeatableAction, Plannable {
    /// How often a file that is not there yet is looked for.
    private static let look = Duration.seconds(5)
    /// How long it is looked for when nobody says how long the step may take.
    private static let usualTime = Duration.seconds(600)
    /// How long one look may take.
    private static let limit = Duration.seconds(60)

    // Nil is never seen: the texts are constant and compile.
    private static let file = try? Pattern("/[^\\n]*[^/\\n]")
    private static let address = try? Pattern("(https?://[^\\s/?#@]+)?")
    private static let secretName = try? Pattern("[a-z0-9][-a-z0-9._]{0,99}")

    private let host: String
    private let path: String
    private let server: String
    private let name: String
    private let waits: Bool
    private let hosts: any HostAccess
    private let store: any SecretStore
    private let onSecret: @Sendable (Secret) -> Void

    static func type(
        _ hosts: any HostAccess, _ store: any SecretStore, onSecret: @escaping @Sendable (Secret) -> Void
    ) -> ActionType {
        ActionType(
            "kubernetes.kubeconfig-fetch",
            "Reads a cluster's kubeconfig on one of its hosts and keeps it in the bot's own secrets", effect: .changes,
            outputs: [.init("changed", .flag, "False when it was kept already, as it is")]
        ) { KubeconfigFetchAction(&$0, hosts, store, onSecret) }
    }

    init(
        _ input: inout InputReader, _ hosts: any HostAccess, _ store: any SecretStore,
        _ onSecret: @escaping @Sendable (Secret) -> Void
    ) {
        host = input.text("host", "Name of the host in the settings")
        path = input.text(
            "path", "The file there, absolute", pattern: KubeconfigFetchAction.file,
            default: "/etc/rancher/k3s/k3s.yaml")
        server = input.text(
            "server",
            "Where the bot reaches the cluster, such as https://10.0.0.2:6443, instead of where the file says; empty: as "
                + "the file says", pattern: KubeconfigFetchAction.address, default: "")
        name = input.text(
            "secret", "Under which name it is kept, as in {stored: name}", pattern: KubeconfigFetchAction.secretName)
        waits = input.flag("wait", "Waits until the host answers and the file is there")
        self.hosts = hosts
        self.store = store
        self.onSecret = onSecret
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        let kept = try await kept()
        let found: FetchedKubeconfig?
        do {
            if case .found(let kubeconfig) = try await look(context) { found = kubeconfig } else { found = nil }
        } catch {
            // A host that an earlier step makes cannot be asked yet.
            guard hosts.names.contains(host), error.kind != .cancelled else { throw error.actionError(changes: false) }
            found = nil
        }
        guard let found else {
            return ActionPlan(
                changes: [], knownLater: ["secret \(name): the kubeconfig \(path) of host \(host), when it is there"])
        }
        guard kept != found.text else { return ActionPlan(changes: []) }
        return ActionPlan(changes: ["secret \(name): \(kept == nil ? "new" : "other"), the kubeconfig of host \(host)"])
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let found = try await fetched(context)
        let changed = try await kept() != found.text
        if changed {
            do throws(SecretStoreError) { try await store.save(name, found.text) } catch { throw error.actionError }
        }
        return [
            "changed": .bool(changed),
            "summary": .string("secret \(name): the kubeconfig of host \(host)" + (changed ? "" : ", as it was")),
        ]
    }

    private func kept() async throws -> Secret? {
        do throws(SecretStoreError) { return try await store.all()[name] } catch { throw error.actionError }
    }

    private enum Look {
        case found(FetchedKubeconfig)
        /// Why it is not there or not whole.
        case notYet(String)
    }

    private func fetched(_ context: ActionContext) async throws -> FetchedKubeconfig {
        let time = context.timeLimit ?? KubeconfigFetchAction.usualTime
        // It ends before its step does, so that what it waited for is told.
        let end = context.time.now.advanced(by: time * 3 / 4)
        while true {
            let reason: String
            var error: HostError?
            do throws(HostError) {
                switch try await look(context) {
                case .found(let found): return found
                case .notYet(let why): reason = why
                }
            } catch let failure {
                reason = failure.reason
                error = failure
            }
            let passes =
                switch error?.kind {
                case nil, .notConnected(passes: true)?, .lost?: true
                default: false
                }
            guard waits, passes, context.time.now < end else {
                throw error?.actionError(changes: false) ?? ActionError("host \(host): \(reason)")
            }
            context.progress("host \(host): \(reason)")
            try await context.time.sleep(for: KubeconfigFetchAction.look)
        }
    }

    /// Throws an error without any output of the host, which may hold a part of the file.
    private func look(_ context: ActionContext) async throws(HostError) -> Look {
        let command = HostCommand(
            ["env", "LC_ALL=C", "cat", "--", path], limit: KubeconfigFetchAction.limit,
            longestOutput: StoredSecret.largest)
        let result: HostCommandResult
        do throws(HostError) { result = try await hosts.run(command, on: host, for: context.jobID) } catch {
            var error = error
            error.output = nil
            throw error
        }
        let text = result.output.text
        guard result.isSuccess else {
            let words = result.errors.text.split(whereSeparator: \.isNewline).suffix(2).joined(separator: "; ")
            if words.contains("No such file or directory") { return .notYet("there is no \(path)") }
            throw HostError(
                host, .notUsable,
                "\(path) cannot be read: \(words.isEmpty ? "\(result.ending)" : String(words.prefix(300)))")
        }
        guard !text.isEmpty else { return .notYet("\(path) is empty") }
        guard result.output.leftOut == 0 else {
            throw HostError(host, .notUsable, "\(path) is larger than \(StoredSecret.largest) bytes")
        }
        do throws(FetchedKubeconfig.Complaint) {
            let found = try FetchedKubeconfig(text, server: server)
            for secret in found.secrets { onSecret(secret) }
            return .found(found)
        } catch {
            // Whoever writes it may be in the middle of it.
            return .notYet("\(path) is no kubeconfig that can be used: \(error)")
        }
    }
}
