extension ActionError {
    /// The error as it is told when these changes were made before it.
    package func after(_ changes: [String]) -> ActionError {
        guard !changes.isEmpty else { return self }
        var error = self
        error.mayHaveTakenEffect = true
        let done = "done before that: " + changes.joined(separator: "; ")
        error.details = [details, done].compactMap { $0 }.joined(separator: "\n")
        return error
    }
}
