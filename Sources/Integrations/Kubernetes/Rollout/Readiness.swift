import Domain

/// Whether one object is ready, as its kind defines it. The generation that its controller has seen comes first: what a
/// status says of an older one is old.
enum Readiness: Sendable, Hashable {
    case ready(String)
    case waiting(String)
    /// It will not become ready by itself.
    case never(String, hint: String)

    init(_ object: ClusterObject) {
        if let rollout = RolloutState(object) {
            switch rollout {
            case .done(let ready, let wanted): self = .ready("\(ready)/\(wanted)")
            case .waiting(let ready, let wanted): self = .waiting("\(ready)/\(wanted)")
            case .stalled(let stall): self = .never(stall.message, hint: stall.hint)
            }
            return
        }
        if object.isBeingDeleted {
            self = .waiting("it is being deleted")
            return
        }
        switch object.kind {
        case "Pod": self = Readiness.pod(object)
        case "PersistentVolumeClaim": self = Readiness.claim(object)
        case "Service": self = Readiness.service(object)
        case "Ingress": self = Readiness.balanced(object, "no address yet")
        case "CustomResourceDefinition": self = Readiness.definition(object)
        case "Namespace": self = Readiness.phase(object, "Active")
        case "HorizontalPodAutoscaler": self = Readiness.autoscaler(object)
        default: self = Readiness.byCondition(object)
        }
    }

    private static func pod(_ pod: ClusterObject) -> Readiness {
        switch pod.text("status", "phase") {
        case "Succeeded": return .ready("it has succeeded")
        case "Failed":
            let why = [pod.text("status", "reason"), pod.text("status", "message")].compactMap(\.self)
            return .never(
                (["it has failed"] + why).joined(separator: ": "), hint: "look at its log, and let it be made anew")
        default:
            let condition = pod.condition("Ready")
            if condition?.isTrue == true { return .ready("it is ready") }
            return .waiting(words(pod, condition))
        }
    }

    /// Bound, and as large as it was asked to be (kubernetes.io/docs/concepts/storage/persistent-volumes, expanding).
    private static func claim(_ claim: ClusterObject) -> Readiness {
        switch claim.text("status", "phase") {
        case "Bound": break
        case "Lost": return .never("its volume is gone", hint: "restore it from a snapshot or a backup")
        default: return .waiting("no volume is bound yet")
        }
        let wanted = ResourceAmount.parse(claim["spec", "resources", "requests", "storage"])
        let there = ResourceAmount.parse(claim["status", "capacity", "storage"])
        guard let wanted, let there, there < wanted else { return .ready("its volume is bound") }
        for type in ["FileSystemResizePending", "Resizing"] {
            if let condition = claim.condition(type), condition.isTrue {
                return .waiting(condition.message.isEmpty ? "its volume is being resized" : condition.message)
            }
        }
        return .waiting("its volume is smaller than it asks for")
    }

    private static func service(_ service: ClusterObject) -> Readiness {
        guard service.text("spec", "type") == "LoadBalancer" else { return .ready("it needs no load balancer") }
        return balanced(service, "no load balancer yet")
    }

    private static func balanced(_ object: ClusterObject, _ missing: String) -> Readiness {
        let places = object["status", "loadBalancer", "ingress"]?.arrayValue ?? []
        let addresses = places.compactMap { $0["ip"]?.stringValue ?? $0["hostname"]?.stringValue }
        return addresses.isEmpty ? .waiting(missing) : .ready(addresses.joined(separator: ", "))
    }

    private static func definition(_ definition: ClusterObject) -> Readiness {
        if let names = definition.condition("NamesAccepted"), names.status == "False" {
            return .never("its names are not accepted: \(names.message)", hint: "give it names that nothing else has")
        }
        let established = definition.condition("Established")
        return established?.isTrue == true ? .ready("it is established") : .waiting("it is not established yet")
    }

    private static func phase(_ object: ClusterObject, _ wanted: String) -> Readiness {
        let phase = object.text("status", "phase") ?? "no phase"
        return phase == wanted ? .ready("it is \(wanted)") : .waiting("it is \(phase)")
    }

    private static func autoscaler(_ autoscaler: ClusterObject) -> Readiness {
        for type in ["AbleToScale", "ScalingActive"] {
            guard let condition = autoscaler.condition(type) else { continue }
            // With zero replicas people have switched it off.
            if condition.status == "False", condition.reason != "ScalingDisabled" {
                return .waiting(words(autoscaler, condition))
            }
        }
        guard autoscaler.condition("AbleToScale")?.isTrue == true else { return .waiting("it has not looked yet") }
        return .ready("it scales")
    }

    /// Any other kind: by its condition Ready or Available, if it has one; else it is there.
    private static func byCondition(_ object: ClusterObject) -> Readiness {
        if let observed = object.number("status", "observedGeneration"), observed < object.generation {
            return .waiting("its controller has not seen it yet")
        }
        guard let condition = object.condition("Ready") ?? object.condition("Available") else {
            return .ready("it is there")
        }
        return condition.isTrue ? .ready("it is ready") : .waiting(words(object, condition))
    }

    private static func words(
        _ object: ClusterObject, _ condition: (isTrue: Bool, status: String, reason: String, message: String)?
    ) -> String {
        guard let condition else { return "it says nothing yet" }
        let words = [condition.reason, condition.message].filter { !$0.isEmpty }.joined(separator: ": ")
        return words.isEmpty ? "it is not ready" : words
    }
}
