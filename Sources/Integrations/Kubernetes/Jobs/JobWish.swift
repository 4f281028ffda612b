import Domain

/// A container that is to run as a Job, as the inputs of a step say it.
struct JobWish: Sendable {
    /// The name of the container, where no template gives another.
    static let container = "job"
    static let gpu = "nvidia.com/gpu"
    /// The longest script, in bytes.
    static let longestScript = ValueType.longestText

    let namespace: String
    let image: String?
    let command: [String]
    let env: [(name: String, value: JSONValue)]
    let serviceAccount: String?
    let user: Int?
    let resources: [String: JSONValue]
    let nodeSelector: [String: String]
    let tolerations: [JSONValue]
    let deadline: Duration?
    let keep: Duration
    let retries: Int?
    let template: String?
    let settings: String?
    let variables: [String: String]

    init(_ input: inout InputReader) {
        namespace = input.text("namespace", "Namespace of the Job", pattern: NamePattern.label)
        image = input.optionalText("image", "The container's image; a template may give it")
        command = JobWish.command(&input)
        env = JobWish.environment(&input)
        serviceAccount = input.optionalText(
            "service_account", "Its service account, whose token it then gets; without one it gets none",
            pattern: NamePattern.subdomain)
        user = input.optionalInteger(
            "user", "Its user id, when the image itself would run as root, which is refused", in: 1...2_147_483_647)
        resources = JobWish.resources(&input)
        nodeSelector = input.textMap("node_selector", "Labels that its node must have")
        tolerations = JobWish.tolerations(&input)
        deadline = input.optionalDuration(
            "deadline", "How long it may run before the cluster ends it; the step's time when left out")
        keep = input.duration(
            "keep", "How long the Job stays after its end, for people to look at", default: .seconds(86_400))
        retries = input.optionalInteger(
            "retries", "How often the cluster starts it again when it failed; never when left out", in: 0...10)
        template = input.optionalText(
            "template",
            "File with a Job or PodTemplate that it is made of, relative to the folder of defimon.yaml; what a template "
                + "says of users, rights and volumes holds, and the other inputs go over it")
        settings = input.optionalText("settings", "File with the maps images and settings that the template may name")
        variables = input.textMap(
            "variables", "Values by dotted path that go before those of the settings file")
        if template == nil, !input.isGiven("template"), !input.isGiven("image") {
            input.report("input 'image' is missing", field: "image", fix: "name an image, or a template that has one")
        }
        for name in ["settings", "variables"] where input.isGiven(name) && !input.isGiven("template") {
            input.report("'\(name)' is for a template, and there is none", field: name, fix: "leave it out")
        }
        for (name, span) in [("deadline", deadline), ("keep", keep)] {
            guard let span, !(1...30 * 86_400).contains(span.seconds) else { continue }
            input.report("'\(name)' is \(DurationText.human(span))", field: name, fix: "give it from 1s to 30d")
        }
    }

    private static func command(_ input: inout InputReader) -> [String] {
        let argv = input.texts("argv", "The program and its arguments; the image's own when left out")
        let script = input.optionalText("script", "A script, given to the interpreter as one argument")
        let interpreter = input.texts("interpreter", "What runs the script; /bin/sh -ec when left out")
        if input.isGiven("argv"), input.isGiven("script") {
            input.report("there are both 'argv' and 'script'", field: "script", fix: "leave one of them out")
        }
        if input.isGiven("interpreter"), !input.isGiven("script") {
            input.report("there is an interpreter and no script", field: "interpreter", fix: "give 'script' too")
        }
        guard let script else { return argv }
        return (interpreter.isEmpty ? ["/bin/sh", "-ec"] : interpreter) + [script]
    }

    private static func environment(_ input: inout InputReader) -> [(name: String, value: JSONValue)] {
        let values = input.textMap("env", "Its environment")
        let secrets = input.textMap("secrets", "Its environment out of Secrets: NAME: secret/key")
        var env: [(name: String, value: JSONValue)] = []
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            if secrets[name] != nil {
                input.report("'\(name)' is in 'env' and in 'secrets'", field: "env", fix: "leave one of them out")
            }
            env.append((name, ["name": .string(name), "value": .string(literal(value))]))
        }
        for (name, place) in secrets.sorted(by: { $0.key < $1.key }) {
            let parts = place.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, NamePattern.subdomain?.matches(parts[0]) != false,
                NamePattern.secretKey?.matches(parts[1]) != false
            else {
                input.report(
                    "'\(name)' is no key of a Secret", field: "secrets",
                    fix: "write it as secret/key, such as db/password"
                )
                continue
            }
            let reference: JSONValue = ["name": .string(parts[0]), "key": .string(parts[1])]
            env.append((name, ["name": .string(name), "valueFrom": ["secretKeyRef": reference]]))
        }
        for name in Set(values.keys).union(secrets.keys).sorted() where NamePattern.variable?.matches(name) == false {
            input.report(
                "'\(name)' cannot name a variable", field: values[name] == nil ? "secrets" : "env",
                fix: "use letters, digits and '_'")
        }
        return env
    }

    private static func resources(_ input: inout InputReader) -> [String: JSONValue] {
        var resources: [String: JSONValue] = [:]
        for (name, help) in [
            ("requests", "What is kept free for it on its node"), ("limits", "What it may use at most"),
        ] {
            let found = input.section(name, help) { part in
                var amounts: [String: JSONValue] = [:]
                for (resource, help) in [
                    ("cpu", "Cores, such as 500m or 2"), ("memory", "Memory, such as 512Mi"),
                    ("ephemeral-storage", "Room on the node's disk, such as 10Gi"),
                ] {
                    let amount = part.any(resource, help)
                    guard amount != .null else { continue }
                    guard let number = ResourceAmount.parse(amount), number > 0 else {
                        part.report(
                            "'\(amount.plainText)' is no amount", field: resource, fix: "write it as 500m or 1Gi")
                        continue
                    }
                    amounts[resource] = .string(amount.plainText)
                }
                return amounts
            }
            if let found, !found.isEmpty { resources[name] = .object(found) }
        }
        let count = input.optionalInteger(
            "gpu", "How many GPUs (\(gpu)); it then tolerates their nodes' taint", in: 1...64)
        if let count {
            var limits = resources["limits"]?.objectValue ?? [:]
            limits[gpu] = .string(String(count))
            resources["limits"] = .object(limits)
        }
        return resources
    }

    /// As `kubectl taint` writes taints: `key`, `key:Effect`, `key=value:Effect`.
    private static func tolerations(_ input: inout InputReader) -> [JSONValue] {
        var found: [JSONValue] = []
        for text in input.texts("tolerations", "Taints of nodes that it bears, such as dedicated=ml:NoSchedule") {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let pair = parts[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let effect = parts.count > 1 ? parts[1] : nil
            guard !pair[0].isEmpty,
                effect.map({ ["NoSchedule", "PreferNoSchedule", "NoExecute"].contains($0) }) ?? true
            else {
                input.report(
                    "'\(text)' is no taint", field: "tolerations",
                    fix: "write it as key=value:NoSchedule, key:NoSchedule or key")
                continue
            }
            var toleration: [String: JSONValue] = ["key": .string(pair[0])]
            toleration["operator"] = pair.count > 1 ? "Equal" : "Exists"
            if pair.count > 1 { toleration["value"] = .string(pair[1]) }
            if let effect { toleration["effect"] = .string(effect) }
            found.append(.object(toleration))
        }
        return found
    }

    /// Text in which the kubelet finds no `$(NAME)` to fill in: it turns `$$` into `$`
    /// (kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1, `command`).
    static func literal(_ text: String) -> String { text.replacing("$", with: "$$") }

    /// What runs, for people: the program, or the script's interpreter and length.
    var shownCommand: String? {
        guard let last = command.last else { return nil }
        var shown = command
        let lines = last.split(whereSeparator: \.isNewline).count
        if lines > 1 || last.utf8.count > 120 { shown[shown.count - 1] = "<\(lines) lines>" }
        let text = shown.joined(separator: " ")
        return text.count > 200 ? String(text.prefix(199)) + "…" : text
    }
}

extension Duration {
    /// Whole seconds, rounded up.
    var seconds: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }
}
