import Domain

/// `ssh.run`: which of the two it is, its inputs say.
enum RunAction {
    static func type(_ hosts: any HostAccess) -> ActionType {
        ActionType(
            "ssh.run", "Runs a program on a host and waits for its end", effect: .changes,
            outputs: [
                .init("exit_code", .integer(nil), "The code that it ended with"),
                .init(
                    "output", .text(nil),
                    "What it wrote to standard output, without the last line feed; of more than "
                        + "\(RunWish.longestOutput) bytes the middle is left out"),
                .init("changed", .flag, "False when 'done_when' said that all was done"),
            ]
        ) { make(&$0, hosts) }
    }

    private static func make(_ input: inout InputReader, _ hosts: any HostAccess) -> any Action {
        let wish = RunWish(&input, hosts)
        let doneWhen = input.texts(
            "done_when", "A program that only looks and its arguments: it ends with 0 when nothing is left to do")
        let isRepeatable = input.flag(
            "repeatable",
            "It does no harm to run it twice. Without this and 'done_when' a crash while it runs ends as unknown")
        if let complaint = doneWhen.isEmpty ? nil : HostCommand(doneWhen, limit: .seconds(1)).complaint {
            input.report(complaint, field: "done_when")
        }
        guard doneWhen.isEmpty, !isRepeatable else {
            return RepeatableRunAction(wish: wish, doneWhen: doneWhen.isEmpty ? nil : doneWhen)
        }
        return SingleRunAction(wish: wish)
    }
}
