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
        | `job.id`, `job.command`, `job.commandline`, `job.requester` | commands | the job |
        | `pools.<pool>.<setting>` | everywhere | the settings of a pool |
        | `pool.<setting>` | commands with an argument `pool` | the settings of the pool that the argument names |
        | `env.<NAME>` | everywhere | an environment variable that is declared under `variables` in the settings |
        | the event's fields, also below `event.` | rules | what the event says |
        | names of groups in `extract` | rules | what the patterns found |

        In `defimon.yaml` itself only `{{env.NAME}}` is filled in.
        """

    static let matchers = """
        ## Conditions

        `path = value`, `path != value`, `path =~ pattern`, `path !~ pattern`, in Alertmanager's syntax on dotted paths. A
        path that is not there is the empty text. Patterns are RE2 and must match the whole text. A value with spaces at
        its ends or with quotes stands in double quotes, in which `\\"`, `\\\\` and `\\n` are escapes.
        """
}
