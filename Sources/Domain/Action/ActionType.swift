/// An action as definitions name it: what the catalogue holds, and what `make` builds for one step.
package struct ActionType: Sendable {
    /// What it does to the world.
    package enum Effect: String, Sendable, Hashable {
        /// Looks only.
        case reads
        /// Changes something; it must be `Plannable`.
        case changes
    }

    /// One value that later steps may read as `steps.<id>.<name>`.
    package struct Output: Sendable, Hashable {
        package var name: String
        package var type: ValueType
        package var help: String

        package init(_ name: String, _ type: ValueType, _ help: String) {
            self.name = name
            self.type = type
            self.help = help
        }
    }

    /// `kubernetes.apply`: the provider's name, a dot, what it does.
    package var name: String
    /// One sentence without a full stop.
    package var summary: String
    package var effect: Effect
    package var outputs: [Output]
    /// Reads the inputs. Problems are in the reader.
    package var make: @Sendable (inout InputReader) -> any Action

    package init(
        _ name: String, _ summary: String, effect: Effect, outputs: [Output] = [],
        make: @escaping @Sendable (inout InputReader) -> any Action
    ) {
        self.name = name
        self.summary = summary
        self.effect = effect
        self.outputs = outputs
        self.make = make
    }

    /// Its inputs, in the order in which it reads them.
    package var inputs: [InputReader.Field] {
        var reader = InputReader.describing()
        _ = make(&reader)
        return reader.fields
    }

    /// Whether it waits until something is there.
    package var isAwaiting: Bool {
        var reader = InputReader.describing()
        return make(&reader) is any AwaitingAction
    }
}

/// All actions by name. Made once at start; an integration gives its own.
package struct ActionCatalogue: Sendable {
    package private(set) var types: [String: ActionType] = [:]

    package init(_ types: [ActionType]) {
        for type in types { self.types[type.name] = type }
    }

    package subscript(_ name: String) -> ActionType? { types[name] }

    /// All names, sorted.
    package var names: [String] { types.keys.sorted() }
}
