/// How long things take in the stand-in's cluster.
package struct KubernetesTiming: Sendable {
    /// From a pod's node to its containers running.
    package var podStart = Duration.milliseconds(400)
    /// From a pod's deletion to its end.
    package var podStop = Duration.milliseconds(200)
    /// How long a job's pod runs until it has completed.
    package var jobRun = Duration.milliseconds(600)
    /// From a container's first crash to its next start; doubled each time, at most sixteen-fold.
    package var crashBackoff = Duration.seconds(2)
    /// How long a namespace is seen to be terminating, at least.
    package var namespaceEnd = Duration.milliseconds(300)
    /// From a change to what the controllers make of it.
    package var controllers = Duration.milliseconds(5)

    package init() {}

    /// For tests: everything is quick, and still takes its own moment.
    package static var quick: KubernetesTiming {
        var timing = KubernetesTiming()
        timing.podStart = .milliseconds(20)
        timing.podStop = .milliseconds(10)
        timing.jobRun = .milliseconds(20)
        timing.crashBackoff = .milliseconds(40)
        timing.namespaceEnd = .milliseconds(20)
        timing.controllers = .milliseconds(1)
        return timing
    }
}
