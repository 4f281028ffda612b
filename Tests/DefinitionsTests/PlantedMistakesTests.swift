import Definitions
import Domain
import Foundation
import Testing

/// A folder with planted mistakes: every one is found, with its place and, where there is one, its fix.
@Suite struct PlantedMistakesTests {
    @Test func everyPlantedMistakeIsPrintedWithItsPlace() async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/planted")
        let loaded = await Loading.loader(root: folder.path).loadAndTryExamples()
        #expect(loaded.settings == nil && loaded.definitions == nil)
        #expect(loaded.problems.map(\.description) == Self.wanted)
    }

    static let wanted = [
        "commands/deploy.yaml:2:1: error: unknown key 'sumary' in the command; did you mean 'summary'?",
        "commands/deploy.yaml:4:3: error: the choice 'infrastructur' of the argument 'pool' is no pool of the settings; did you mean 'infrastructure'?",
        "commands/deploy.yaml:5:17: error: a type must be one of text, integer, quantity, duration, choice, flag, person, git-ref, and it is 'intger'; did you mean 'integer'?",
        "commands/deploy.yaml:6:35: error: the default of 'wait' does not fit: it must be a time span such as 90s or 2h30m",
        "commands/deploy.yaml:8:9: error: nothing provides {{arguments.pol}}; did you mean 'arguments.pool'?",
        "commands/deploy.yaml:11:11: error: there is no action 'kubernetes.namespace-ensur'; did you mean 'kubernetes.namespace-ensure'?",
        "commands/deploy.yaml:15:11: error: input 'namespace' is missing; it is text",
        "commands/deploy.yaml:15:41: error: unknown input 'namespce'; did you mean 'namespace'?",
        "commands/deploy.yaml:16:14: error: the step may take 20 min, and the whole command 10 min; give the command a longer 'timeout'",
        "commands/deploy.yaml:17:10: error: nothing provides 'pool.domian', which this condition looks at; did you mean 'pool.domain'?",
        "commands/deploy.yaml:19:18: error: nothing provides {{steps.later.ready}}; the step 'later' runs later; move it up",
        "commands/deploy.yaml:19:54: error: input 'min_peers' must be a whole number from 0 to 1000, and {{arguments.wait}} is a time span such as 90s or 2h30m; declare it as type integer",
        "commands/deploy.yaml:22:35: error: nothing provides {{nothing.like.it}}; there is arguments, job, pool, pools, steps",
        "commands/deploy.yaml:24:25: error: there is no command 'deplo'; did you mean 'deploy'?",
        "commands/deploy.yaml:26:5: error: the example cannot be read: 'analytcs' is not a value for 'pool': it must be one of analytics, infrastructur — did you mean 'analytics'?",
        "commands/help.yaml:1:10: error: 'help' is a built-in command; choose another name",
        "commands/help.yaml:5:48: error: input 'status' is '200', which does not fit; it must be a whole number from 100 to 599",
        "commands/restart.yaml:8:64: error: input 'kind' is 'Statefulset', which does not fit; it must be one of Deployment, StatefulSet, DaemonSet",
        "commands/twice.yaml:5:1: error: 'roles' is written twice in one map; remove one of them; the first is on line 3",
        "defimon.yaml:3:3: error: unknown key 'concurent_jobs' in the limits; did you mean 'concurrent_jobs'?",
        "defimon.yaml:6:46: error: slack:U1 is ada's already; one account belongs to one person",
        "defimon.yaml:7:10: error: 'slak' is no channel; did you mean 'slack'?",
        "defimon.yaml:9:65: error: the environment has no ANALYTICS_DOMAIN; set it, or give it a default: variables: {ANALYTICS_DOMAIN: …}",
        "defimon.yaml:13:13: error: input 'beacon' is missing; it is text",
        "defimon.yaml:13:42: error: unknown input 'beakon'; did you mean 'beacon'?",
        "webhooks/alertmanager/b-down.yaml:1:7: error: rule 'b-down' is never needed: 'a-down' matches whenever it does, and runs the same; remove one of them, or change its match",
        "webhooks/alertmanager/c-down.yaml:4:5: error: nothing provides 'stats', which this condition looks at; did you mean 'status'?",
        "webhooks/alertmanager/c-down.yaml:6:5: error: this rule can never run: 'labels.alertname = \"GethStuck\"' contradicts 'labels.alertname = \"GethDown\"'; remove one of them, or write one with =~ \"a|b\"",
        "webhooks/alertmanager/c-down.yaml:7:5: error: 'labels.severity' has no comparison; write for example labels.severity = \"critical\"",
        "webhooks/alertmanager/c-down.yaml:8:28: error: the regular expression '(?<node>geth-[0-9' is not valid: missing ]: [0-9",
        "webhooks/alertmanager/c-down.yaml:9:6: error: there is no command 'restrat'; did you mean 'restart'?",
        "webhooks/alertmanager/c-down.yaml:10:20: error: 'cooldown' must be a time span such as 90s or 2h30m, and it is '15 minutes'",
        "webhooks/alertmanager/c-down.yaml:10:60: error: unknown key 'firing_fo' in the guards; did you mean 'firing_for'?",
        "webhooks/alertmanager/d-down.yaml:5:8: error: 'restart' has no argument 'nod'; did you mean 'node'?",
        "webhooks/alertmanager/d-down.yaml:5:31: error: nothing provides {{lables.severity}}; did you mean 'labels.severity'?",
        "webhooks/alertmanager/d-down.yaml:5:31: error: nothing provides {{noed}}; did you mean 'node'?",
        "webhooks/alertmanager/f-check.yaml:6:32: error: the payload 'missing.json' is not there",
        "webhooks/alertmanager/f-check.yaml:7:32: error: the example should run 'check other', and it runs 'check a'",
        "webhooks/alertmanager/f-check.yaml:8:32: error: the example should run nothing, and it runs 'check a'",
        "webhooks/alertmanager/f-check.yaml:9:31: error: the example should run 'check a', and it runs nothing: Other: labels.alertname = \"Check\" does not hold: it saw \"Other\"",
        "webhooks/alertmanger/e.yaml:1:1: error: no source is called 'alertmanger'; did you mean webhooks/alertmanager?",
    ]
}
