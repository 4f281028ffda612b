import Domain
import Foundation
import SSH
import TestSupport

extension HostScene {
    func context(key: String? = nil, limit: Duration = .seconds(60)) -> ActionContext {
        ActionContext(
            jobID: 1, idempotencyKey: key ?? self.key, attempt: 1, time: SystemTime(), timeLimit: limit
        ) { _ in }
    }

    /// An action as the catalogue makes it. `root` is where definitions stand.
    func action(_ name: String, _ inputs: JSONValue) throws -> any Action {
        let types = SSHActions.types(hosts, root: server.folder.path("root"))
        guard let type = types.first(where: { $0.name == name }) else { throw Missing(name: name) }
        var members = inputs.objectValue ?? [:]
        members["host"] = members["host"] ?? "web"
        var reader = InputReader.reading(LocatedValue(JSONValue.object(members), at: .none))
        let action = type.make(&reader)
        reader.finish()
        guard reader.problems.isEmpty else { throw Unreadable(problems: reader.problems) }
        return action
    }

    struct Missing: Error {
        let name: String
    }

    /// Runs an action as the engine does.
    @discardableResult
    func perform(_ name: String, _ inputs: JSONValue, _ context: ActionContext? = nil) async throws -> JSONValue {
        let context = context ?? self.context()
        switch try action(name, inputs) {
        case let action as any RepeatableAction: return try await action.perform(context)
        case let action as any RemoteOperation:
            let handle = try await action.start(context)
            while true {
                switch try await action.observe(handle, context) {
                case .running: try await Task.sleep(for: .milliseconds(50))
                case .done(let output): return output
                case .failed(let error): throw error
                case .gone: throw Missing(name: name)
                }
            }
        default: throw Missing(name: name)
        }
    }

    func plan(_ name: String, _ inputs: JSONValue) async throws -> ActionPlan {
        guard let action = try action(name, inputs) as? any Plannable else { throw Missing(name: name) }
        return try await action.plan(context())
    }

    /// Why an action fails. Nil when it does not.
    func error(_ name: String, _ inputs: JSONValue, _ context: ActionContext? = nil) async throws -> ActionError? {
        do {
            _ = try await perform(name, inputs, context)
            return nil
        } catch let error as ActionError {
            return error
        }
    }
}
