extension PageScript {
    /// Jobs, alerts, nodes and failures.
    static let side = #"""
        const moods = {
          succeeded: "good", failed: "bad", "timed-out": "bad", denied: "bad", expired: "warn", unknown: "bad",
          cancelled: "warn", superseded: "warn", running: "busy", verifying: "busy", queued: "", held: "warn",
          "waiting-confirmation": "warn", "waiting-approval": "warn",
        };
        const marks = {
          pending: "○", running: "◐", succeeded: "✓", failed: "✗", "timed-out": "✗", skipped: "–", cancelled: "⊘",
          unknown: "?",
        };
        const openJobs = new Map();

        function drawJobs() {
          const jobs = Array.isArray(state.jobs) ? state.jobs : [];
          render(byId("jobs"), jobs, () => jobs.length ? jobs.map(drawJob)
            : el("p", {class: "empty"}, "No job yet. A command or an alert makes one."));
        }

        function drawJob(job, index) {
          const isOver = Boolean(job.endedAt);
          const isOpen = openJobs.has(job.id) ? openJobs.get(job.id) : index === 0;
          const begun = job.startedAt || job.createdAt;
          const took = isOver && begun ? "took " + human(new Date(job.endedAt) - new Date(begun)) : "";
          const meta = [job.requester, begun ? clockTime(new Date(begun)) : "", took, job.reason].filter(Boolean);
          const steps = (job.steps || []).map((step) => el("li", {class: step.state},
            el("span", {title: step.state}, marks[step.state] || "○"),
            el("span", {}, step.name,
              step.progress ? el("span", {class: "note"}, " · " + step.progress) : null,
              step.attempt > 1 ? el("span", {class: "note"}, " · try " + step.attempt) : null,
              step.error ? el("div", {class: "error"}, step.error) : null)));
          const node = el("details", {class: "job", open: isOpen},
            el("summary", {id: "job-" + job.id, onclick: () => openJobs.set(job.id, !node.open)},
              el("span", {class: "num"}, "#" + job.id),
              el("code", {class: "grow"}, job.commandLine || job.command || ""),
              el("span", {class: "pill " + (moods[job.state] || "")}, job.words || job.state)),
            el("p", {class: "meta"}, meta.join(" · ")), el("ol", {class: "steps"}, steps));
          return node;
        }

        function drawAlerts() {
          render(byId("alerts"), state.alerts, () => state.alerts.length ? state.alerts.map((alert) => {
            const since = alert.firing ? "firing since " + clockTime(new Date(alert.startsAt))
              : alert.endsAt ? "resolved at " + clockTime(new Date(alert.endsAt)) : alert.summary;
            const waits = alert.delivery && alert.delivery !== "sent" ? " · " + alert.delivery : "";
            return el("div", {class: "row"},
              el("div", {class: "grow"}, alert.title, el("small", {}, since + waits)),
              el("span", {class: "pill " + (alert.firing ? "bad" : "good")}, alert.firing ? "firing" : "quiet"),
              el("button", {
                type: "button", id: "fire-" + alert.id, "aria-label": (alert.firing ? "Resolve " : "Fire ") + alert.title,
                onclick: () => post("alert", {id: alert.id, firing: !alert.firing}),
              }, alert.firing ? "Resolve" : "Fire"));
          }) : el("p", {class: "empty"}, "No alert can be fired here."));
        }

        const nodeMoods = {"in sync": "good", syncing: "busy", stuck: "warn", down: "bad"};

        function drawNodes() {
          render(byId("nodes"), state.nodes, () => state.nodes.map((node) => el("div", {class: "row"},
            el("div", {class: "grow"}, node.name,
              el("small", {}, node.state === "down" ? "no answer"
                : "block " + node.head.toLocaleString("en") + (node.lag ? " · " + node.lag.toLocaleString("en") + " behind" : "")
                  + " · " + node.peers + (node.peers === 1 ? " peer" : " peers") + (node.slow ? " · slow" : "")
                  + (node.restarts ? " · restarted " + node.restarts + "×" : ""))),
            el("span", {class: "pill " + (nodeMoods[node.state] || "")}, node.state))));
        }

        function drawSwitches() {
          const on = state.switches.filter((one) => one.on).length;
          byId("on-count").textContent = on ? on + " on" : "all off";
          const systems = [...new Set(state.switches.map((one) => one.system))];
          render(byId("switches"), state.switches, () => systems.map((system) => el("div", {class: "group"},
            el("h3", {}, system),
            el("div", {class: "toggles"}, state.switches.filter((one) => one.system === system).map((one) =>
              el("label", {title: one.help},
                el("input", {
                  type: "checkbox", id: "switch-" + one.id, checked: one.on, "aria-description": one.help,
                  onchange: (event) => post("switch", {id: one.id, on: event.currentTarget.checked}),
                }), one.label))))));
        }

        """#
}
