/// Writes of Secrets, whose values must be in no error.
enum SecretWrite {
    /// Runs a write; nil when somebody else was faster. An error of the server is thrown without its words where they
    /// may quote values.
    static func guarded<Value>(_ body: () async throws -> Value) async throws -> Value? {
        do {
            return try await body()
        } catch let error as KubernetesError
            where error.isAlreadyExists || (error.status == 409 && error.isTransient)
        {
            return nil
        } catch var error as KubernetesError where [400, 422].contains(error.status) {
            error.message = "the cluster calls it invalid (\(error.reason))"
            error.causes = []
            throw error
        }
    }
}
