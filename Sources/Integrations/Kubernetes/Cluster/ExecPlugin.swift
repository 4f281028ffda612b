import Domain
import Foundation
import Outbound

/// A program that gives a cluster's credential: `users[].user.exec` of a kubeconfig
/// (kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins), as gke-gcloud-auth-plugin,
/// aws-iam-authenticator and kubelogin are. It is run without a terminal and without a shell.
struct ExecPlugin: Sendable, Hashable {
    static let apiVersion = "client.authentication.k8s.io/v1"
    /// How long the program may take.
    static let limit = Duration.seconds(60)

    var command: String
    var arguments: [String]
    /// What the kubeconfig adds to the bot's own environment.
    var environment: [String: String]
    /// Relative paths of commands start here.
    var folder: String
    /// What people read when the program is not there.
    var installHint: String?
    /// What is told of the cluster when the plugin wants to know; nil: nothing.
    var cluster: JSONValue?

    /// A credential and when it ends.
    struct Credential: Sendable {
        var token: Secret
        /// Nil: it holds until the server refuses it.
        var endsAt: Date?
    }

    /// Reads the section `exec`. Throws for what the bot cannot honour.
    init(_ section: JSONValue, folder: String, cluster: JSONValue) throws(ClusterAccessError) {
        let version = section["apiVersion"]?.stringValue ?? ""
        guard version == ExecPlugin.apiVersion else {
            throw ClusterAccessError(
                "the credential plugin speaks '\(version)', and the bot speaks \(ExecPlugin.apiVersion)",
                hint: "write a newer kubeconfig with the provider's tool")
        }
        guard let command = section["command"]?.stringValue, !command.isEmpty else {
            throw ClusterAccessError("the credential plugin has no command")
        }
        guard section["interactiveMode"]?.stringValue != "Always" else {
            throw ClusterAccessError(
                "the credential plugin '\(command)' wants a person at a terminal",
                hint: "give the bot a service account of its own")
        }
        self.command = command
        self.folder = folder
        arguments = section["args"]?.arrayValue?.compactMap(\.stringValue) ?? []
        environment = [:]
        for entry in section["env"]?.arrayValue ?? [] {
            guard let name = entry["name"]?.stringValue else { continue }
            environment[name] = entry["value"]?.stringValue ?? ""
        }
        installHint = section["installHint"]?.stringValue
        self.cluster = section["provideClusterInfo"]?.boolValue == true ? cluster : nil
    }

    /// Runs the program. Throws `ClusterAccessError` without its output, which may hold the credential, but for what it
    /// says on standard error.
    func credential(in variables: [String: String]) async throws -> Credential {
        var program = ChildProgram(
            command.contains("/") && !command.hasPrefix("/") ? "\(folder)/\(command)" : command, arguments,
            environment: variables.filter { ExecPlugin.mayKnow($0.key) }.merging(environment) { $1 }, directory: folder)
        var spec: [String: JSONValue] = ["interactive": false]
        if let cluster { spec["cluster"] = cluster }
        let information: JSONValue = [
            "apiVersion": .string(ExecPlugin.apiVersion), "kind": "ExecCredential", "spec": .object(spec),
        ]
        program.environment["KUBERNETES_EXEC_INFO"] = information.canonicalText
        let result: ChildProgram.Result
        do {
            result = try await program.run(within: ExecPlugin.limit)
        } catch ChildProgram.Failure.tookTooLong {
            throw failure("took longer than \(ExecPlugin.limit.components.seconds) s")
        } catch ChildProgram.Failure.wroteTooMuch {
            throw failure("wrote more than \(program.longestOutput) bytes")
        } catch ChildProgram.Failure.notRun(let reason) {
            throw ClusterAccessError("the credential plugin cannot be run: \(reason)", hint: installHint)
        }
        guard result.isSuccess else {
            let words = result.errors.trimmed.suffix(500)
            throw failure(words.isEmpty ? "failed and did not say why" : "failed: \(words)")
        }
        // What is no JSON is told like every other wrong answer: its words may hold the credential.
        let answer = try? JSONValue(parsing: result.output)
        guard let answer, answer["kind"]?.stringValue == "ExecCredential",
            answer["apiVersion"]?.stringValue == ExecPlugin.apiVersion
        else { throw failure("did not answer with an ExecCredential of \(ExecPlugin.apiVersion)") }
        guard let token = answer["status"]?["token"]?.stringValue, !token.isEmpty else {
            let isCertificate = answer["status"]?["clientCertificateData"]?.stringValue != nil
            throw failure(
                isCertificate
                    ? "gave a client certificate, and the bot takes tokens alone from a plugin" : "gave no token")
        }
        let end = answer["status"]?["expirationTimestamp"]?.stringValue
        let endsAt = ClusterTime.parse(end)
        guard end == nil || endsAt != nil else { throw failure("gave an expirationTimestamp that is no time") }
        return Credential(token: Secret(token), endsAt: endsAt)
    }

    /// Of the bot's environment a plugin sees where things are and the provider's own variables, and none of the bot's
    /// tokens. The kubeconfig may add what it needs besides.
    static func mayKnow(_ variable: String) -> Bool {
        ["PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR", "TZ"].contains(variable)
            || ["LC_", "XDG_", "GOOGLE_", "CLOUDSDK_", "AWS_", "AZURE_"].contains { variable.hasPrefix($0) }
    }

    private func failure(_ what: String) -> ClusterAccessError {
        ClusterAccessError("the credential plugin '\(command)' \(what)")
    }
}
