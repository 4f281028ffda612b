/// What a look at one thing says.
package struct ThingLook: Sendable {
    package var plan: ActionPlan
    /// What is there, when nothing has to be done.
    package var asWanted: EnsuredThing?

    package init(plan: ActionPlan, asWanted: EnsuredThing? = nil) {
        self.plan = plan
        self.asWanted = asWanted
    }
}
