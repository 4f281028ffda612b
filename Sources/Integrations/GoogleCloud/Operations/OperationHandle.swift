import Domain
import Foundation

/// What a step that makes one change stores of it.
enum OperationHandle {
    /// Between two looks.
    static let pause = Duration.seconds(2)

    /// Nothing had to be done.
    static func nothing(_ why: String) -> JSONValue { ["nothing": .string(why)] }

    static func isNothing(_ handle: JSONValue) -> String? { handle["nothing"]?.stringValue }

    /// How long after its start an operation may not show yet.
    static let showsWithin = Duration.seconds(60)

    /// A handle that holds an operation that was asked for just now, and more.
    static func with(_ operation: CloudOperation, _ more: [String: JSONValue], now: Date) -> JSONValue {
        let own = (operation.handle.objectValue ?? [:]).merging(["started": .int(now.microseconds)]) { $1 }
        return .object(own.merging(more) { $1 })
    }

    /// An operation that Google does not show: one that is new may show late.
    static func notShown(_ handle: JSONValue, now: Date) -> OperationStatus {
        guard let started = handle["started"]?.intValue,
            now.since(Date(microseconds: Int64(started))) < showsWithin
        else { return .gone }
        return .running(progress: nil, askAgainAfter: pause)
    }
}
