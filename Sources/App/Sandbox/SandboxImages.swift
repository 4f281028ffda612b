import Sandbox
import Synchronization

/// What the sandbox' CI does with a commit that passed: it puts its image into the registry, unless that is switched off.
final class SandboxImages: Sendable {
    let registry: RegistryStandIn
    private let isOff = Mutex(false)

    init(registry: RegistryStandIn) { self.registry = registry }

    /// Publishes `<repository>:<commit>`.
    func publish(_ repository: String, _ commit: String) {
        guard !isOff.withLock({ $0 }) else { return }
        registry.publish(image: repository, tag: commit)
    }

    var failureSwitch: SandboxFailureSwitch {
        SandboxFailureSwitch(
            id: "registry.never", system: "Registry", label: "Image never appears",
            help: "CI succeeds and puts no image into the registry.",
            isOn: { [self] in isOff.withLock { $0 } }, set: { [self] isOn in isOff.withLock { $0 = isOn } })
    }
}
