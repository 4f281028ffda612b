extension PageScript {
    /// Pull requests: a view of its own in the place of the chat.
    static let github = #"""
        const githubTab = "github";
        const openPulls = new Map();
        let seenGitHub = null;

        const pullMoods = {open: "good", draft: "", merged: "busy", closed: "bad"};
        const ciWords = {
          "": "no CI", queued: "CI queued", in_progress: "CI running", success: "CI succeeded", failure: "CI failed",
        };
        const ciMoods = {queued: "busy", in_progress: "busy", success: "good", failure: "bad", "": ""};
        const deployMoods = {
          success: "good", failure: "bad", error: "bad", in_progress: "busy", queued: "busy", pending: "busy", inactive: "",
        };
        const deployWords = {in_progress: "in progress"};

        const short = (sha) => sha.slice(0, 7);
        const pill = (text, mood, title) => el("span", {class: "pill " + (mood || ""), title}, text);
        const ciPill = (ci) => pill(ciWords[ci] || "CI " + ci.replaceAll("_", " "), ci in ciMoods ? ciMoods[ci] : "warn");
        const imagePill = (image) => image === null ? null
          : pill(image ? "image published" : "no image", image ? "good" : "", "Whether the registry has the image of this commit");
        const isRunning = (ci) => ci === "queued" || ci === "in_progress";
        const gitHub = (action, more) => post("github", {action, user: me(), ...more});

        /** A link only where it is one; anything else stays text. */
        function safeLink(url, label) {
          if (!/^https?:\/\//i.test(url)) return label || url;
          return el("a", {href: url, target: "_blank", rel: "noopener noreferrer"}, label || url);
        }

        const markdownPattern =
          /\\([!-\/:-@[-`{-~])|`([^`\n]+)`|\*\*(?=\S)([^\n]*?\S)\*\*|\[([^\]\n]*)\]\((https?:\/\/[^\s)]+)\)|<(https?:\/\/[^\s<>]+)>|(https?:\/\/[^\s<>|`*]*[^\s<>|`*.,;:!?)'"])/g;

        /** What stands within a line of Markdown: escapes, code, bold, links. The rest is shown as it was written. */
        function markdownLine(text) {
          const parts = [];
          let end = 0;
          for (const match of text.matchAll(markdownPattern)) {
            parts.push(text.slice(end, match.index));
            if (match[1] !== undefined) parts.push(match[1]);
            else if (match[2] !== undefined) parts.push(el("code", {}, match[2]));
            else if (match[3] !== undefined) parts.push(el("strong", {}, markdownLine(match[3])));
            else if (match[5] !== undefined) parts.push(safeLink(match[5], markdownLine(match[4])));
            else parts.push(safeLink(match[6] || match[7]));
            end = match.index + match[0].length;
          }
          parts.push(text.slice(end));
          return parts.flat();
        }

        /** One row of a table; the line of dashes and empty rows are left out. */
        function tableRow(table, line) {
          const cells = line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim());
          if (cells.every((cell) => /^:?-*:?$/.test(cell))) return;
          table.append(el("tr", {}, cells.map((cell) => el("td", {}, markdownLine(cell)))));
        }

        /** A comment as text. Hidden marks are left out, as GitHub does. */
        function markdown(body) {
          const place = el("div", {class: "text"});
          const text = body.replaceAll("\r\n", "\n").replace(/<!--[\s\S]*?-->\n?/g, "").trim();
          text.split(/^```[^\n]*\n?/m).forEach((piece, index) => {
            if (index % 2 === 1) {
              place.append(el("pre", {tabindex: "0"}, piece.replace(/\n$/, "")));
              return;
            }
            if (index > 0) piece = piece.replace(/^\n+/, "");
            let table = null;
            piece.split("\n").forEach((line, number, all) => {
              if (/^\|.*\|$/.test(line)) {
                if (!table) place.append(table = el("table", {}));
                tableRow(table, line);
                return;
              }
              // A table is a block of its own: the line break behind it would show as an empty line.
              if (table && line === "") { table = null; return; }
              table = null;
              const heading = /^#{1,6} +(.*)$/.exec(line);
              if (heading) place.append(el("strong", {}, markdownLine(heading[1])));
              else place.append(...markdownLine(line.replace(/^( *)[-*] +/, "$1• ").replace(/^> ?/, "│ ")));
              if (number < all.length - 1) place.append("\n");
            });
          });
          return place;
        }

        /** Counts what the bot wrote, so that the tab can tell of news. */
        function botWrites() {
          return state.github.pulls.reduce((sum, pull) => sum
            + pull.comments.filter((one) => one.isBot).reduce((edits, one) => edits + 1 + one.edits, 0), 0);
        }

        function drawGitHub() {
          const place = byId("github");
          if (!state.github) return;
          const github = state.github;
          render(byId("gh-main"), [github.repository, github.branch, github.head, github.message, github.ci, github.image, github.held],
            () => drawMain(github));
          const pulls = github.pulls.map(drawPull);
          if (!pulls.length) pulls.push(byId("gh-none") || el("p", {class: "empty", id: "gh-none"},
            "No pull request yet. Open one: the bot hears of it at once."));
          const list = byId("gh-pulls");
          pulls.forEach((node, index) => {
            if (list.children[index] !== node) list.insertBefore(node, list.children[index] || null);
          });
          while (list.children.length > pulls.length) list.lastElementChild.remove();
          byId("gh-others").hidden = !github.deployments.length;
          render(byId("gh-deployments"), github.deployments, () => github.deployments.map(drawDeployment));
          place.setAttribute("aria-label", "Pull requests of " + github.repository);
        }

        function drawMain(github) {
          return [
            el("div", {class: "gh-head"}, el("h2", {}, github.repository),
              el("div", {class: "buttons"},
                el("button", {type: "button", id: "gh-open", class: "primary", onclick: () => gitHub("open")}, "Open a pull request"),
                el("button", {type: "button", id: "gh-fork", onclick: () => gitHub("fork")}, "Open one from a fork"))),
            el("div", {class: "gh-branch"},
              el("div", {class: "grow"}, el("b", {}, github.branch), " ", el("code", {}, short(github.head)), " ",
                el("span", {class: "note"}, github.message)),
              ciPill(github.ci), imagePill(github.image),
              el("div", {class: "buttons"},
                el("button", {type: "button", id: "gh-push-main", onclick: () => gitHub("main")}, "Push to " + github.branch),
                isRunning(github.ci) ? ciButtons("gh-main-ci", {}) : null)),
            github.held ? el("p", {class: "note"}, github.held + (github.held === 1 ? " webhook is" : " webhooks are")
              + " held back; switch that failure off to send them.") : null,
          ].filter(Boolean);
        }

        function ciButtons(id, more) {
          return [
            el("button", {type: "button", id: id + "-pass", onclick: () => gitHub("pass", more)}, "CI succeeds"),
            el("button", {type: "button", id: id + "-fail", onclick: () => gitHub("fail", more)}, "CI fails"),
          ];
        }

        /** One pull request. Its frame is made once, so that a comment that is being written stays. */
        function drawPull(pull, index) {
          const id = "pull-" + pull.number;
          let node = byId(id);
          if (!node) {
            const line = el("input", {
              type: "text", id: id + "-line", maxlength: "3000", spellcheck: "false", autocapitalize: "none",
              placeholder: "/defimon preview", autocomplete: "off",
            });
            node = el("details", {class: "pull", id},
              el("summary", {
                id: id + "-summary", onclick: () => openPulls.set(pull.number, !node.open),
              }), el("div", {class: "pull-body"},
                el("div", {id: id + "-facts"}), el("div", {id: id + "-comments", class: "comments", "aria-live": "polite"}),
                el("form", {
                  class: "entry", onsubmit: async (event) => {
                    event.preventDefault();
                    const text = line.value.trim();
                    if (!text) return;
                    line.value = "";
                    if (!await gitHub("comment", {number: pull.number, text}) && !line.value) line.value = text;
                  },
                }, el("label", {class: "hidden", for: id + "-line"}, "Comment on #" + pull.number), line,
                  el("button", {type: "submit", id: id + "-send"}, "Comment"))));
          }
          // Until somebody chooses, the newest is open, and one in which a comment is being written.
          const isOpen = openPulls.has(pull.number) ? openPulls.get(pull.number)
            : index === 0 || node.querySelector("input").value !== "";
          if (node.open !== isOpen) node.open = isOpen;
          fill(node, id + "-summary", [pull.number, pull.title, pull.state, pull.fork, pull.ci], () => [
            el("span", {class: "num"}, "#" + pull.number), el("span", {class: "grow"}, pull.title),
            pull.fork ? pill("fork", "warn") : null, pull.state === "open" || pull.state === "draft" ? ciPill(pull.ci) : null,
            pill(pull.state, pullMoods[pull.state])]);
          fill(node, id + "-facts", {...pull, comments: 0}, () => drawFacts(pull, id));
          fill(node, id + "-comments", pull.comments, () => pull.comments.map(drawComment));
          return node;
        }

        /** `render` for a part of an element that may not be on the page yet. */
        function fill(node, id, depends, build) {
          render(node.querySelector("#" + id), depends, () => [build()].flat().filter(Boolean));
        }

        function drawFacts(pull, id) {
          const isOpen = pull.state === "open" || pull.state === "draft";
          const number = pull.number;
          const button = (action, label, mood) => el("button", {
            type: "button", class: mood || "", id: id + "-" + action, onclick: () => gitHub(action, {number}),
          }, label);
          const buttons = isOpen
            ? [button("push", "Push a commit"), ...(isRunning(pull.ci) ? ciButtons(id, {number}) : []),
              button("merge", "Merge"), button("close", "Close", "danger")]
            : pull.state === "closed" ? [button("reopen", "Reopen")] : [];
          return [
            el("p", {class: "meta"}, (pull.fork ? pull.author + ":" : "") + pull.branch + " → " + pull.base + " · ",
              "head ", el("code", {}, short(pull.head)), " · by " + pull.author + " · ", safeLink(pull.url, "link"), " ",
              imagePill(pull.image)),
            buttons.length ? el("div", {class: "buttons"}, buttons) : null,
            ...pull.deployments.map(drawDeployment),
          ];
        }

        function drawDeployment(one) {
          return el("div", {class: "row deployment"},
            el("div", {class: "grow"}, el("b", {}, one.environment), " ", el("code", {}, short(one.sha)),
              el("small", {}, one.url ? safeLink(one.url) : null, one.url && one.description ? " · " : "", one.description)),
            pill(deployWords[one.state] || one.state, deployMoods[one.state], "Deployment " + one.id));
        }

        function drawComment(comment) {
          const when = new Date(comment.at);
          return el("article", {class: "comment" + (comment.isBot ? " bot" : ""), id: "comment-" + comment.id},
            el("div", {class: "head"},
              el("span", {class: "avatar " + (comment.isBot ? "bot" : "person"), "aria-hidden": "true"}, comment.author.slice(0, 1).toUpperCase()),
              el("b", {}, comment.author), comment.isBot ? el("span", {class: "app"}, "BOT") : null,
              el("small", {}, el("time", {datetime: when.toISOString(), title: when.toString()}, clockTime(when))),
              comment.edits ? el("small", {title: comment.edits + " edits"},
                "(edited " + clockTime(new Date(comment.editedAt)) + ")") : null),
            markdown(comment.body));
        }

        """#
}
