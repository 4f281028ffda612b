/// The parts of the reference page that no table says.
enum ReferenceText {
    static let opening = """
        # Reference of definitions

        This page is written by `defimon schema`; the same code reads the files. `defimon check` prints every problem of
        all files with its place. Files are UTF-8 YAML: `true` and `false` alone are booleans, so `yes` and `on` are text;
        anchors, aliases and tags are refused, and so is a key that is written twice.
        """

    static let paths = """
        ## Templates

        `{{dotted.path}}` and nothing else. A value that is one whole template keeps the type of what it names; inside a
        longer text it becomes text. A path that nothing provides is a problem.

        | path | where | what |
        | --- | --- | --- |
        | `arguments.<name>` | commands | what the command was given |
        | `steps.<id>.<output>` | commands, after the step | what a step gave out; every action may also give `summary` and `details` |
        | `job.command`, `job.commandline`, `job.requester`, `job.person` | commands | the job; `job.person` is the id of the person who asked, empty when nobody did |
        | `job.id` | commands, but for `locks`, `supersedes`, `about` and `report` | the job's number |
        | `failure.step`, `failure.reason`, `failure.outcome` | under `on_failure` | the step that failed, why, and how the job ends: failed, cancelled, timed-out or superseded |
        | `pools.<pool>.<setting>` | everywhere | the settings of a pool |
        | `pool.<setting>` | commands with an argument `pool` | the settings of the pool that the argument names |
        | `env.<NAME>` | everywhere | an environment variable that is declared under `variables` in the settings |
        | the event's fields, also below `event.` | rules | what the event says |
        | names of groups in `extract` | rules | what the patterns found |

        A schedule's `with` may name `pools` and `env` alone; its `report` and `escalate` also `arguments`, `event.schedule`,
        `event.command`, `event.planned` and `event.when`. A place's address may hold templates too; it is at most 256
        bytes when they are filled in, and holds no control characters. In `defimon.yaml` itself only `{{env.NAME}}` is filled in.
        """

    /// Stands with each action that waits.
    static let waits =
        "It waits: the job gives its place and its locks away until what it waits for is there; the step's `timeout` is how long that may take, its `retry` is for errors. It may not stand under `on_failure`."

    static let matchers = """
        ## Conditions

        `path = value`, `path != value`, `path =~ pattern`, `path !~ pattern`, in Alertmanager's syntax on dotted paths. A
        path that is not there is the empty text. Patterns are RE2 and must match the whole text. A value with spaces at
        its ends or with quotes stands in double quotes, in which `\\"`, `\\\\` and `\\n` are escapes.
        """
}
