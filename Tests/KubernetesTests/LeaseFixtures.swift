import Domain
import Foundation
import Synchronization
import TestSupport
import YAML

@testable import Kubernetes

extension LeaseSettings {
    static func of(seconds: Int, namespace: String = "n") -> LeaseSettings {
        var reader = InputReader.reading(
            LocatedValue(["cluster": "test", "namespace": .string(namespace), "seconds": .int(Int64(seconds))]))
        return LeaseSettings(&reader)
    }

    /// What is wrong with the settings' text, in words.
    static func problems(in text: String) throws -> [String] {
        var sections: [String: LocatedValue] = [:]
        for member in try YAMLReader.documents(text, file: "f").first?.members ?? [] {
            sections[member.name] = member.value
        }
        guard let lease = sections["lease"] else { return [] }
        var reader = InputReader.checking(lease, typeOf: { _ in nil })
        section.read(&reader)
        reader.finish()
        return (reader.problems + section.compare(sections)).map(\.message)
    }
}

/// A Lease in memory, which can fail, hang, and lose its answers.
final class FakeLeaseBoard: LeaseBoard {
    enum Trouble { case none, fails, hangs, losesAnswers }

    struct State {
        var record: LeaseRecord?
        var version = 0
        var trouble = Trouble.none
        var writes = 0
        /// Calls that have begun.
        var calls = 0
    }

    let state = Mutex(State())

    var record: LeaseRecord? { state.withLock { $0.record } }
    var writes: Int { state.withLock { $0.writes } }
    var calls: Int { state.withLock { $0.calls } }

    func set(_ trouble: Trouble) { state.withLock { $0.trouble = trouble } }

    /// Somebody writes by hand; nil: deletes it.
    func put(holder: String?, isThere: Bool = true) {
        state.withLock { state in
            state.version += 1
            state.record = isThere ? LeaseRecord(holder: holder, seconds: 15, version: String(state.version)) : nil
        }
    }

    func read() async throws -> LeaseRecord? {
        try await trouble()
        return record
    }

    func write(_ new: LeaseRecord, over old: LeaseRecord?) async throws -> LeaseRecord {
        try await trouble()
        return try state.withLock { state in
            guard state.record?.version == old?.version else { throw LeaseError.conflict }
            state.version += 1
            state.writes += 1
            var new = new
            new.version = String(state.version)
            state.record = new
            if state.trouble == .losesAnswers { throw LeaseError.failed("the connection broke") }
            return new
        }
    }

    private func trouble() async throws {
        let trouble = state.withLock { state in
            state.calls += 1
            return state.trouble
        }
        switch trouble {
        case .none, .losesAnswers: return
        case .fails: throw LeaseError.failed("HTTP 500")
        case .hangs: try await Task.sleep(for: .seconds(3600))
        }
    }
}
