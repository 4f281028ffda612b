/// An action whose work goes on at the provider when its step is cut off, and that can end it there.
package protocol StoppableAction: Action {
    /// Ends what this step has begun, and nothing else; safe when it has begun nothing or when that has ended. Called
    /// after the step's own task is over, when it was cancelled or ran out of time, never because the bot itself stops:
    /// then the work goes on, and is found again. It has 30 seconds. Throws `ActionError`.
    func stop(_ context: ActionContext) async throws
}
