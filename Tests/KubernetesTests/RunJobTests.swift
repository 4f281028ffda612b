import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(3)))
struct RunJobTests {
    typealias Operation = any RemoteOperation & Plannable & StoppableAction

    private static let inputs: [String: JSONValue] = [
        "namespace": "default", "image": "r.test/tool:1", "script": "echo hello\n",
    ]

    private func operation(
        _ clusters: ClusterDirectory, _ more: [String: JSONValue] = [:], root: String = "/",
        onSecret: @escaping @Sendable (Secret) -> Void = { _ in }
    ) throws -> Operation {
        let inputs = RunJobTests.inputs.merging(more) { $1 }.filter { $0.value != .null }
        let made = try anyAction("kubernetes.run-job", inputs, clusters: clusters, root: root, onSecret: onSecret)
        return try #require(made as? Operation)
    }

    /// As the engine does it.
    private func run(_ operation: Operation, _ context: ActionContext) async throws -> JSONValue {
        let handle = try await operation.start(context)
        return try await observed(operation, handle, context)
    }

    private func observed(_ operation: Operation, _ handle: JSONValue, _ context: ActionContext) async throws
        -> JSONValue
    {
        switch try await operation.observe(handle, context) {
        case .done(let output): return output
        case .failed(let error): throw error
        case .gone: throw ActionError("gone")
        case .running: throw ActionError("running")
        }
    }

    private func name(_ context: ActionContext) -> String { JobManifest.name(context) }

    private func job(_ standIn: KubernetesStandIn, _ context: ActionContext) -> JSONValue? {
        standIn.object(apiVersion: "batch/v1", kind: "Job", namespace: "default", name: name(context))
    }

    private func comes(_ condition: @Sendable () -> Bool) async -> Bool {
        await eventually { condition() ? true : nil } == true
    }

    // MARK: Ends

    @Test func aScriptRunsOnceAsAJobThatIsSafeByItselfAndItsLogIsKept() async throws {
        try await withStandIn { standIn, clusters in
            let told = Recorder<String>()
            let context = context { told.add($0) }
            standIn.setLogLines(["hello", "done: 3 rows"], namespace: "default", workload: name(context))
            let operation = try operation(clusters)
            #expect(
                try await operation.plan(context).changes == [
                    "Job in default: runs r.test/tool:1 with /bin/sh -ec echo hello\n"
                ])
            #expect(standIn.objects(apiVersion: "batch/v1", kind: "Job").isEmpty)
            let handle = try await operation.start(context)
            #expect(try await operation.start(context) == handle)
            let output = try await observed(operation, handle, context)
            #expect(output["exit_code"] == 0)
            #expect(output["output"] == "hello\ndone: 3 rows")
            #expect(output["details"] == "hello\ndone: 3 rows")
            #expect(output["job"]?.stringValue == name(context))
            #expect(told.all.contains { $0.hasSuffix(": done: 3 rows") })
            #expect(standIn.objects(apiVersion: "batch/v1", kind: "Job").count == 1)

            let spec = try #require(job(standIn, context)?["spec"])
            #expect(spec["backoffLimit"] == 0)
            #expect(spec["ttlSecondsAfterFinished"] == 86_400)
            let pod = try #require(spec["template"]?["spec"])
            #expect(pod["restartPolicy"] == "Never")
            #expect(pod["automountServiceAccountToken"] == false)
            #expect(pod["securityContext"] == ["runAsNonRoot": true, "seccompProfile": ["type": "RuntimeDefault"]])
            let container = try #require(pod["containers"]?.arrayValue?.first)
            #expect(container["command"] == ["/bin/sh", "-ec", "echo hello\n"])
            #expect(
                container["securityContext"] == [
                    "allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]],
                ])
            #expect(job(standIn, context)?["metadata"]?["labels"]?["defimon/job"] == "1")
        }
    }

    @Test(arguments: [
        (KubernetesFailures.CrashLoop(lines: ["no such table"], exitCode: 3), "ended with exit code 3", "its log"),
        (.init(lines: [], exitCode: 137, reason: "OOMKilled"), "more memory than its limit", "limits.memory"),
        (.init(lines: [], exitCode: 127), "a program that is not there", "the image holds"),
    ])
    func aFailureIsExplainedWithItsCause(
        _ crash: KubernetesFailures.CrashLoop, _ words: String, _ hint: String
    ) async throws {
        try await withStandIn { standIn, clusters in
            standIn.setFailures { $0.crashLoop["*"] = crash }
            let operation = try operation(clusters)
            let error = await refusal { _ = try await run(operation, context()) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            #expect(error?.hint?.contains(hint) == true)
            #expect(error?.retry == .never)
            #expect(crash.lines.isEmpty || error?.details?.contains(crash.lines[0]) == true)
        }
    }

    @Test func anImageThatCannotBePulledEndsTheWaitAndTheJob() async throws {
        try await withStandIn { standIn, clusters in
            standIn.setFailures { $0.imagePull = ["tool"] }
            let operation = try operation(clusters)
            let error = await refusal { _ = try await run(operation, context()) }
            #expect(error?.message.contains("cannot pull its image (ImagePullBackOff)") == true)
            #expect(job(standIn, context()) == nil)
        }
    }

    @Test func noNodeIsWaitedForAsLongAsTheInputSays() async throws {
        try await withStandIn { standIn, clusters in
            standIn.setFailures { $0.unschedulable = ["*"] }
            let told = Recorder<String>()
            let operation = try operation(clusters, ["node_within": "3m"])
            let context = context(time: HurriedTime()) { told.add($0) }
            let began = context.time.now
            let error = await refusal { _ = try await run(operation, context) }
            #expect(error?.message.contains("finds no node: 0/1 nodes are available") == true)
            #expect(context.time.now.since(began) >= .seconds(180))
            #expect(told.all.contains { $0.hasPrefix("waits for a node: 0/1 nodes") })
        }
    }

    @Test func aQuotaThatIsUsedUpIsSaid() async throws {
        try await withStandIn { standIn, clusters in
            standIn.setFailures { $0.quota = ["default"] }
            let operation = try operation(clusters)
            let error = await refusal { _ = try await run(operation, context()) }
            #expect(error?.message.contains("its pods are not created") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("exceeded quota") == true)
            #expect(job(standIn, context()) == nil)
        }
    }

    @Test func theClusterItselfEndsItAtTheShorterOfDeadlineAndTheStepsTime() async throws {
        try await withStandIn { standIn, clusters in
            standIn.setFailures { $0.endless = ["*"] }
            let operation = try operation(clusters, ["deadline": "1h"])
            var context = context()
            context.timeLimit = .seconds(1)
            let error = await refusal { _ = try await run(operation, context) }
            #expect(error?.message.contains("it ran longer than 1 s, its deadline") == true, "\(error?.message ?? "")")
            #expect(job(standIn, context)?["spec"]?["activeDeadlineSeconds"] == 1)
        }
    }

    // MARK: Found again, ended, somebody else's

    @Test func aBotThatComesBackFindsTheJobAndItsEnd() async throws {
        try await withStandIn { standIn, clusters in
            standIn.setFailures { $0.endless = ["*"] }
            let operation = try operation(clusters)
            guard case .notStarted = try await operation.find(context()) else {
                Issue.record("there is none yet")
                return
            }
            let handle = try await operation.start(context())
            guard case .found(let found) = try await operation.find(context()) else {
                Issue.record("it is not found")
                return
            }
            #expect(found == handle)
            standIn.setFailures {
                $0.endless = []
                $0.reset = 2
                $0.internalErrors = 1
                $0.expireWatches = 1
            }
            #expect(try await observed(operation, found, context())["exit_code"] == 0)
        }
    }

    @Test func aJobThatIsNotThereAnyMoreIsGone() async throws {
        try await withStandIn { _, clusters in
            let operation = try operation(clusters)
            let handle: JSONValue = ["namespace": "default", "name": .string(name(context())), "uid": "other"]
            guard case .gone = try await operation.observe(handle, context()) else {
                Issue.record("not gone")
                return
            }
        }
    }

    @Test func aJobOfSomebodyElseIsNeverTakenOver() async throws {
        try await withStandIn { standIn, clusters in
            let operation = try operation(clusters)
            standIn.setFailures { $0.endless = ["*"] }
            var object = try JobManifest(wish: wish(), template: nil).object(context()).json
            object = ObjectStore.merged(object, ["metadata": ["annotations": ["defimon/key": "another"]]])
            _ = try await clusters.client("test").create(.jobs, namespace: "default", object)
            let error = await refusal { _ = try await operation.start(context()) }
            #expect(error?.message.contains("it is none of this step") == true)
            guard case .notStarted = try await operation.find(context()) else {
                Issue.record("found somebody else's")
                return
            }
            try await operation.stop(context())
            #expect(job(standIn, context()) != nil)
        }
    }

    private func wish() throws -> JobWish {
        var reader = InputReader.reading(LocatedValue(.object(RunJobTests.inputs)))
        return JobWish(&reader)
    }

    @Test func aCancelledStepEndsTheJobAndItsPod() async throws {
        try await withStandIn { standIn, clusters in
            standIn.setFailures { $0.endless = ["*"] }
            let operation = try operation(clusters)
            _ = try await operation.start(context())
            #expect(await comes { standIn.objects(apiVersion: "v1", kind: "Pod").count == 1 })
            try await operation.stop(context())
            #expect(
                await comes {
                    standIn.objects(apiVersion: "batch/v1", kind: "Job").isEmpty
                        && standIn.objects(apiVersion: "v1", kind: "Pod").isEmpty
                })
            try await operation.stop(context())
        }
    }

    @Test func aJobThatHasEndedStaysForPeopleToLookAt() async throws {
        try await withStandIn { standIn, clusters in
            let operation = try operation(clusters)
            _ = try await run(operation, context())
            try await operation.stop(context())
            #expect(job(standIn, context()) != nil)
        }
    }

    @Test func aJobThatSomebodyDeletesIsSaidToBe() async throws {
        try await withStandIn { standIn, clusters in
            standIn.setFailures { $0.endless = ["*"] }
            let operation = try operation(clusters)
            let handle = try await operation.start(context())
            let told = Recorder<String>()
            async let end = refusal {
                _ = try await observed(operation, handle, context { told.add($0) })
            }
            #expect(await comes { told.all.contains { $0.hasPrefix("runs") } })
            try await clusters.client("test").delete(.jobs, namespace: "default", name: name(context()))
            #expect(await end?.message.contains("was deleted by somebody") == true)
        }
    }

    // MARK: What it is made of

    @Test func noTextIsFilledInByTheKubelet() throws {
        var reader = InputReader.reading(
            LocatedValue([
                "namespace": "n", "image": "i", "script": "echo $$ $(date) ${A}", "env": ["A": "$(B) $$"],
            ]))
        let object = try JobManifest(wish: JobWish(&reader), template: nil).object(context())
        let container = object["spec", "template", "spec", "containers"]?.arrayValue?.first
        #expect(container?["command"]?.arrayValue?.last == "echo $$$$ $$(date) $${A}")
        #expect(container?["env"] == [["name": "A", "value": "$$(B) $$$$"]])
    }

    @Test func secretsAreToldToTheRedactorAndMustBeThere() async throws {
        try await withStandIn { standIn, clusters in
            let told = Recorder<String>()
            let operation = try operation(clusters, ["secrets": ["PASSWORD": "db/password"]]) { told.add($0.reveal()) }
            #expect(
                try await operation.plan(context()).knownLater == ["Secret default/db, which is not there yet"])
            let error = await refusal { _ = try await operation.start(context()) }
            #expect(error?.message.contains("it needs Secret default/db, which is not there") == true)
            let client = try clusters.client("test")
            _ = try await client.create(
                .secrets, namespace: "default",
                [
                    "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "db"],
                    "data": ["password": SecretValue.encode("correct horse"), "other": SecretValue.encode("unused")],
                ])
            _ = try await run(operation, context())
            #expect(Set(told.all) == ["correct horse"])
            let container = job(standIn, context())?["spec"]?["template"]?["spec"]?["containers"]?.arrayValue?.first
            #expect(
                container?["env"] == [
                    ["name": "PASSWORD", "valueFrom": ["secretKeyRef": ["name": "db", "key": "password"]]]
                ])
        }
    }

    @Test func aTemplateHoldsAndTheInputsGoOverIt() throws {
        let root = try TemporaryFolder()
        try root.write(
            """
            apiVersion: v1
            kind: PodTemplate
            metadata: {name: train}
            template:
              metadata: {labels: {app: train}}
              spec:
                restartPolicy: OnFailure
                containers:
                - name: train
                  image: "{{images.train}}"
                  args: [fit]
                  env: [{name: A, value: old}, {name: B, value: kept}]
                  resources: {limits: {memory: 4Gi}}
            """, to: "jobs/train.yaml")
        try root.write("images: {train: 'r.test/train:7'}\n", to: "settings.yaml")
        var reader = InputReader.reading(
            LocatedValue([
                "namespace": "ml", "template": "jobs/train.yaml", "argv": ["train", "--all"], "env": ["A": "new"],
                "gpu": 2, "tolerations": ["dedicated=ml:NoSchedule", "spot"], "node_selector": ["pool": "gpu"],
                "requests": ["cpu": 2], "retries": 1, "deadline": "90s",
            ]))
        let wish = JobWish(&reader)
        reader.finish()
        #expect(reader.problems.isEmpty)
        let folder = ManifestFolder(root: root.url.path)
        let scope = try ManifestScope(files: [try folder.file("settings.yaml")], environment: [:], variables: [:])
        let template = try Manifest.read([try folder.file("jobs/train.yaml")], scope: scope)[0].object
        let object = try JobManifest(wish: wish, template: template).object(context())
        #expect(object["spec", "backoffLimit"] == 1)
        #expect(object["spec", "activeDeadlineSeconds"] == 90)
        #expect(object["spec", "template", "metadata", "labels", "app"] == "train")
        let pod = object["spec", "template", "spec"]
        #expect(pod?["restartPolicy"] == "OnFailure")
        #expect(pod?["securityContext"] == nil)
        #expect(pod?["nodeSelector"] == ["pool": "gpu"])
        #expect(
            pod?["tolerations"] == [
                ["key": "dedicated", "operator": "Equal", "value": "ml", "effect": "NoSchedule"],
                ["key": "spot", "operator": "Exists"],
                ["key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"],
            ])
        let container = pod?["containers"]?.arrayValue?.first
        #expect(container?["image"] == "r.test/train:7")
        #expect(container?["command"] == ["train", "--all"])
        #expect(container?["args"] == nil)
        #expect(container?["env"] == [["name": "B", "value": "kept"], ["name": "A", "value": "new"]])
        #expect(
            container?["resources"] == [
                "limits": ["memory": "4Gi", "nvidia.com/gpu": "2"], "requests": ["cpu": "2"],
            ])
    }

    @Test(
        arguments: [
            (["image": .null], "input 'image' is missing"),
            (["argv": ["a"]], "there are both 'argv' and 'script'"),
            (["script": .null, "interpreter": ["python3", "-c"]], "there is an interpreter and no script"),
            (["secrets": ["A": "db"]], "'A' is no key of a Secret"),
            (["env": ["a-b": "c"]], "'a-b' cannot name a variable"),
            (["env": ["A": "c"], "secrets": ["A": "db/a"]], "'A' is in 'env' and in 'secrets'"),
            (["limits": ["cpu": "much"]], "'much' is no amount"),
            (["limits": ["gpu": 1]], "unknown input 'gpu'"),
            (["tolerations": ["a:Never"]], "'a:Never' is no taint"),
            (["deadline": "0s"], "'deadline' is"),
            (["deadline": "31d"], "'deadline' is"),
            (["settings": "a.yaml"], "'settings' is for a template"),
            (["retries": 11], "input 'retries' is '11'"),
        ] as [([String: JSONValue], String)])
    func wrongInputsAreSaid(_ more: [String: JSONValue], _ words: String) {
        let problem = #expect(throws: Problem.self) { try operation(ClusterDirectory(), more) }
        #expect(problem?.message.contains(words) == true, "\(problem?.message ?? "")")
    }
}
