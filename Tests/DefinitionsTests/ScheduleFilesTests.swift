import Definitions
import Domain
import Foundation
import Testing

/// `schedules/<name>.yaml`, and `schedule` in a command's file.
@Suite struct ScheduleFilesTests {
    private func files(_ schedule: String, own: String = "") -> [String: String] {
        [
            "defimon.yaml": "pools: {p: {what: x}}\n",
            "commands/sweep.yaml":
                "command: sweep\nsummary: s\narguments: {what: {type: text}}\nsteps: [{uses: http.check, with: {url: x}}]\n\(own)",
            "schedules/nightly.yaml": "schedule: nightly\n\(schedule)",
        ]
    }

    @Test func `A schedule's file is read as it is written`() async throws {
        let loaded = try await Loading.load(
            files(
                """
                summary: Tidy up
                run: sweep
                with: {what: "{{pools.p.what}}"}
                cron: "30  2 * * mon-fri"
                time_zone: Europe/Berlin
                jitter: 10m
                missed: all
                overlap: allow
                guards: {cooldown: 1h, per: "{{arguments.what}}", start_within: 2h}
                report: ["slack:#{{arguments.what}}"]
                escalate: ["slack:#oncall"]
                enabled: false

                """))
        #expect(loaded.problems == [])
        let schedule = try #require(loaded.definitions?.schedules.first)
        #expect(schedule.name == "nightly" && schedule.summary == "Tidy up" && schedule.run == "sweep")
        #expect(schedule.timing.description == "30 2 * * mon-fri in Europe/Berlin")
        #expect(schedule.jitter == .seconds(600) && schedule.missed == .all && schedule.overlap == .allow)
        #expect(schedule.guards.cooldownMilliseconds == 3_600_000 && schedule.guards.per == "{{arguments.what}}")
        #expect(schedule.guards.startWithinMilliseconds == 7_200_000 && !schedule.isEnabled)
        #expect(schedule.report.map(\.description) == ["slack:#{{arguments.what}}"])
        #expect(schedule.escalate.map(\.description) == ["slack:#oncall"])
    }

    @Test func `Unless it says otherwise it is in UTC, makes up for the latest, and refuses what overlaps`()
        async throws
    {
        let loaded = try await Loading.load(
            files("run: sweep\nwith: {what: a}\ncron: 0 3 * * *\n", own: "schedule: {every: 1h, with: {what: b}}\n"))
        let set = try #require(loaded.definitions)
        #expect(set.allSchedules.map(\.name) == ["nightly", "sweep"])
        #expect(set.allSchedules.map(\.run) == ["sweep", "sweep"])
        #expect(set.allSchedules.map(\.timing.description) == ["0 3 * * * in UTC", "every 1h"])
        for schedule in set.allSchedules {
            #expect(schedule.missed == .once && schedule.overlap == .refuse && schedule.jitter == nil)
            #expect(schedule.isEnabled && schedule.guards == Guards())
        }
    }

    static let right = "run: sweep\nwith: {what: a}\n"

    @Test(
        arguments: [
            (right + "cron: 0 25 * * *\n", ["4:7: error: '25' is no hour; it is from 0 to 23"]),
            (right + "cron: \"0 3 * * mo\"\n", ["4:7: error: 'mo' is no day of the week; did you mean 'mon'?"]),
            (
                right + "cron: 5\n",
                ["4:7: error: 'cron' must be five fields such as '30 2 * * mon-fri', and it is 5"]
            ),
            (
                right + "cron: 0 3 * * *\ntime_zone: Europe/Berln\n",
                ["5:12: error: 'Europe/Berln' is no time zone; did you mean 'Europe/Berlin'?"]
            ),
            (
                right + "cron: 0 3 * * *\ntime_zone: GMT+2\n",
                ["5:12: error: 'GMT+2' is no time zone; write an IANA name such as Europe/Berlin, or UTC"]
            ),
            (right + "cron: 0 3 * * *\ntime_zone: UTC\n", []),
            (right + "cron: 0 3 * * *\ntime_zone: Europe/Kyiv\n", []),
            (
                right + "every: 1h\ncron: 0 3 * * *\n",
                ["5:1: error: a schedule has either 'every' or 'cron'; remove one of them"]
            ),
            (
                right + "every: 1h\ntime_zone: Europe/Berlin\n",
                ["5:1: error: 'time_zone' has no effect without 'cron'; remove it"]
            ),
            (
                right,
                [
                    "1:1: error: the schedule says neither 'every' nor 'cron'; add every: 15m, or cron: '30 2 * * *' and a time_zone"
                ]
            ),
            (right + "crn: 0 3 * * *\n", ["4:1: error: unknown key 'crn' in the schedule; did you mean 'cron'?"]),
            (right + "every: 1h\njitter: 59m\n", []),
            (
                right + "every: 1h\njitter: 1h\n",
                ["5:9: error: 'jitter' must be shorter than the time between two runs, which is 1h"]
            ),
            // On one day of the week two runs are ten minutes apart.
            (
                right + "cron: 0,10 3 * * sun\njitter: 10m\n",
                ["5:9: error: 'jitter' must be shorter than the time between two runs, which is 10m"]
            ),
            (right + "cron: 0,10 3 * * sun\njitter: 9m\n", []),
            (right + "cron: 0 3 1 1 *\njitter: 1d\n", []),
            (
                right + "cron: 0 3 1 1 *\njitter: 1d1s\n",
                ["5:9: error: 'jitter' must be from 1s to 1d, and it is '1d1s'"]
            ),
            (
                right + "every: 1h\nmissed: al\noverlap: no\n",
                [
                    "5:9: error: 'missed' must be one of once, skip, all, and it is 'al'; did you mean 'all'?",
                    "6:10: error: 'overlap' must be one of refuse, allow, and it is 'no'",
                ]
            ),
            (
                right
                    + "every: 1h\nguards: {firing_for: 2m, cancel_on_resolve: true, cooldown: 5m, per: \"{{labels.x}}\"}\n",
                [
                    "5:10: error: 'firing_for' has no effect here: no alert leads to a schedule's jobs; remove it",
                    "5:26: error: 'cancel_on_resolve' has no effect here: no alert leads to a schedule's jobs; remove it",
                    "5:70: error: nothing provides {{labels.x}}; there is arguments, event, job, pools",
                ]
            ),
            (
                "run: swep\nevery: 1h\n", ["2:6: error: there is no command 'swep'; did you mean 'sweep'?"]
            ),
            (
                "run: sweep\nwith: {wat: a}\nevery: 1h\n",
                ["3:8: error: 'sweep' has no argument 'wat'; did you mean 'what'?"]
            ),
            (
                "run: sweep\nevery: 1h\n",
                ["2:6: error: 'sweep' cannot run without its argument 'what'; add with: {what: …}, text"]
            ),
            (
                right + "every: 1h\nreport: [\"slack:{{arguments.wat}}\"]\nescalate: [\"slak:x\"]\n",
                [
                    "5:10: error: nothing provides {{arguments.wat}}; did you mean 'arguments.what'?",
                    "6:12: error: 'slak' is no channel; did you mean 'slack'?",
                ]
            ),
        ] as [(String, [String])])
    func `Mistakes are named with their place and what would be right`(text: String, wanted: [String]) async throws {
        let found = try await Loading.problems(files(text))
        #expect(found == wanted.map { "schedules/nightly.yaml:\($0)" })
    }

    @Test func `Names are the files', and differ from those of commands' own schedules`() async throws {
        var files = files("run: sweep\nwith: {what: a}\nevery: 1h\n", own: "schedule: {every: 1h, with: {what: b}}\n")
        files["schedules/sweep.yaml"] = "schedule: sweep\nrun: sweep\nwith: {what: a}\nevery: 1h\n"
        files["schedules/other.yaml"] = "schedule: another\nrun: sweep\nwith: {what: a}\nevery: 1h\n"
        files["schedules/deep/down.yaml"] = "schedule: down\n"
        #expect(
            try await Loading.problems(files) == [
                "schedules/deep/down.yaml:1:1: error: a schedule stands in schedules/<name>.yaml",
                "schedules/other.yaml:1:11: error: the name 'another' is not the file's; write other, or rename the file to another.yaml",
                "schedules/sweep.yaml:1:11: error: the command 'sweep' has a schedule of its own, which has this name; choose another name",
            ])
    }

    @Test func `A command's own schedule takes a cron time as well`() async throws {
        let own = "schedule: {cron: 0 3 * * *, time_zone: Europe/Berlin, with: {what: b}, guards: {cooldown: 5m}}\n"
        let set = try #require(try await Loading.load(files(Self.right + "every: 1h\n", own: own)).definitions)
        #expect(set.commands["sweep"]?.schedule?.timing.description == "0 3 * * * in Europe/Berlin")
        #expect(set.commands["sweep"]?.schedule?.guards.cooldownMilliseconds == 300_000)
    }

    @Test func `A schedule's file counts in the definitions' hash`() async throws {
        let first = try await Loading.load(files(Self.right + "every: 1h\n")).definitions?.hash
        let second = try await Loading.load(files(Self.right + "every: 2h\n")).definitions?.hash
        #expect(first != nil && first != second)
    }
}
