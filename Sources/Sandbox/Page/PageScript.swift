/// The page's program: plain JavaScript, no library. All text goes into the page as text, never as HTML.
enum PageScript {
    static let all =
        core + PageScript.markup + PageScript.chat + PageScript.modal + PageScript.github + PageScript.side + start

    private static let core = #"""
        "use strict";
        const byId = (id) => document.getElementById(id);

        /** Makes an element: attributes, then children (elements or texts). */
        function el(tag, attributes, ...children) {
          const node = document.createElement(tag);
          for (const [name, value] of Object.entries(attributes || {})) {
            if (value === null || value === undefined || value === false) continue;
            if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
            else if (value === true) node.setAttribute(name, "");
            else node.setAttribute(name, value);
          }
          node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
          return node;
        }

        let state = null;
        let version = "";
        const remembered = new Map();

        /** Runs `build` only when what it depends on has changed; the focus stays where it was. */
        function render(target, depends, build) {
          const text = JSON.stringify(depends);
          if (remembered.get(target.id) === text) return;
          remembered.set(target.id, text);
          const focused = target.contains(document.activeElement) ? document.activeElement.id : "";
          target.replaceChildren(...[build()].flat());
          if (focused && byId(focused)) byId(focused).focus();
        }

        function notice(text) {
          const place = byId("notice");
          place.textContent = text;
          place.hidden = !text;
        }

        function connection(text, mood) {
          const pill = byId("link");
          if (pill.textContent !== text) pill.textContent = text;
          pill.className = "pill " + mood;
        }

        async function post(path, body) {
          try {
            const answer = await fetch("/sandbox/" + path, {
              method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
            });
            const value = await answer.json();
            notice(answer.ok ? "" : value.error || "The sandbox answered " + answer.status + ".");
            return answer.ok;
          } catch (error) {
            notice("The sandbox does not answer: is it still running?");
            return false;
          }
        }

        /** Asks for news again and again; each question waits up to 20 seconds for some. */
        async function follow() {
          let pause = 0;
          for (;;) {
            try {
              const answer = await fetch("/sandbox/state?version=" + encodeURIComponent(version), {
                signal: AbortSignal.timeout(40000),
              });
              if (!answer.ok) throw new Error("status " + answer.status);
              const value = await answer.json();
              connection("live", "good");
              pause = 0;
              if (value.version !== version) {
                version = value.version;
                state = value.state;
                draw();
              }
            } catch (error) {
              connection("not connected", "bad");
              pause = Math.min(pause ? pause * 2 : 500, 5000);
              await new Promise((done) => setTimeout(done, pause));
            }
          }
        }

        function clockTime(date) {
          return date.toLocaleTimeString([], {hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false});
        }

        function human(milliseconds) {
          const seconds = Math.max(0, Math.round(milliseconds / 1000));
          if (seconds < 60) return seconds + " s";
          const minutes = Math.floor(seconds / 60);
          if (minutes < 60) return minutes + " min " + (seconds % 60) + " s";
          return Math.floor(minutes / 60) + " h " + (minutes % 60) + " min";
        }

        """#

    private static let start = #"""
        function draw() {
          drawLinks();
          drawGitHub();
          drawChat();
          drawModal();
          drawJobs();
          drawAlerts();
          drawNodes();
          drawSwitches();
        }

        function drawLinks() {
          const safe = state.links.filter((link) => /^https?:\/\/|^\//.test(link.url));
          render(byId("links"), safe, () => safe.map((link) =>
            el("a", {href: link.url, target: "_blank", rel: "noopener noreferrer"}, link.title)));
        }

        startChat();
        startModal();
        follow();

        """#
}
