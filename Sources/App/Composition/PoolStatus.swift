import Domain
import Engine
import Ethereum
import Foundation
import GoogleCloud
import Hetzner
import Kubernetes

/// `/defimon status <pool>`: workloads of the pool's namespace, its nodes, its machines at providers, its disks, its
/// endpoint and certificate.
struct PoolStatus: PoolStatusSource {
    var namespaces: NamespaceStatus
    var nodes: EthereumStatus
    var cloud: GoogleCloudStatus
    var hetzner: HetznerStatus
    var disks: PoolDisks
    var actions: ActionCatalogue
    var time: any TimeSource

    func status(of pool: String, settings: JSONValue) async throws -> [Report.Block] {
        var blocks: [Report.Block] = []
        async let disks = disks.blocks(settings: settings)
        if settings["cluster"]?.stringValue?.isEmpty == true {
            blocks.append(.text("It has no cluster yet: set pools.\(pool).cluster to the name of one."))
        } else if let cluster = settings["cluster"]?.stringValue, let namespace = settings["namespace"]?.stringValue {
            do { blocks += try await namespaces.status(cluster: cluster, namespace: namespace) } catch {
                let told = error as? ActionError
                let hint = told?.missing == nil ? nil : told?.hint  // a cluster that is still to be made
                blocks.append(
                    .text(
                        "Workloads cannot be looked at: \(told?.message ?? "\(error)")" + (hint.map { "; \($0)" } ?? "")
                    ))
            }
        }
        if settings["shows"]?.stringValue == "ethereum" { blocks += try await nodes.blocks() }
        do { blocks += try await cloud.blocks(pool: pool) } catch let error as ActionError {
            blocks.append(.text("Machines cannot be looked at: \(error.message)"))
        }
        do { blocks += try await hetzner.blocks(pool: pool) } catch let error as ActionError {
            blocks.append(.text("Servers cannot be looked at: \(error.message)"))
        }
        blocks += try await disks
        if let url = settings["docs_url"]?.stringValue, !url.isEmpty {
            blocks.append(.fields([.init("Endpoint \(url)", await endpoint(url))]))
        }
        guard !blocks.isEmpty else {
            throw ActionError(
                "its settings name no cluster and namespace", hint: "set pools.\(pool).cluster and .namespace")
        }
        return blocks
    }

    private func endpoint(_ url: String) async -> String {
        guard let check = actions["http.check"] else { return "cannot be checked" }
        var input = InputReader.reading(LocatedValue(["url": .string(url), "within": "5s"] as JSONValue))
        guard let action = check.make(&input) as? any RepeatableAction else { return "cannot be checked" }
        let context = ActionContext(jobID: 0, idempotencyKey: "status", attempt: 1, time: time, progress: { _ in })
        do {
            let output = try await action.perform(context)
            let days = output["certificate_days"]?.intValue.map { ", certificate ends in \($0) days" } ?? ""
            return (output["summary"]?.stringValue ?? "answers") + days
        } catch {
            return (error as? ActionError)?.message ?? "\(error)"
        }
    }
}
