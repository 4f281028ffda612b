extension PageScript {
    /// The channels, their messages, and the line in which one types.
    static let chat = #"""
        let shownChannel = "";
        const seen = new Map();
        const openThreads = new Set();
        const typed = [];
        let typedAt = 0;
        /** Whether the newest message is in sight; then it stays so when more come or the window changes. */
        let isAtEnd = true;

        function toEnd() {
          const place = byId("messages");
          place.scrollTop = place.scrollHeight;
          isAtEnd = true;
        }

        const me = () => byId("person").value;
        const canSee = (message) => message.onlyFor === null || message.onlyFor === me();

        function drawChat() {
          const select = byId("person");
          const wish = select.value || localStorageGet("person");
          render(select, state.people, () => state.people.map((one) => el("option", {
            value: one.id, selected: one.id === wish,
          }, one.realName + (one.note ? " (" + one.note + ")" : ""))));
          const isGitHub = shownChannel === githubTab && Boolean(state.github);
          if (!isGitHub && !state.channels.some((one) => one.id === shownChannel)) shownChannel = state.channels[0].id;
          drawTabs();
          for (const id of ["topic", "messages", "form"]) byId(id).hidden = isGitHub;
          byId("github").hidden = !isGitHub;
          if (isGitHub) return;
          const channel = state.channels.find((one) => one.id === shownChannel);
          byId("topic").textContent = channel.topic;
          byId("messages").setAttribute("aria-label", "Messages in " + nameOf(channel));
          render(byId("suggestions"), state.suggestions, () => state.suggestions.map((text) => el("button", {
            type: "button", title: "Put it into the line",
            onclick: () => { byId("line").value = text; byId("line").focus(); },
          }, text)));
          drawMessages(channel);
        }

        function nameOf(channel) { return channel.name.startsWith("@") ? channel.name : "#" + channel.name; }

        function unread(channel) {
          const last = seen.get(channel.id) || "";
          return channel.messages.filter((one) => canSee(one) && one.ts > last && one.thread === null).length;
        }

        function drawTabs() {
          for (const channel of state.channels) {
            if (!seen.has(channel.id) || channel.id === shownChannel) {
              seen.set(channel.id, channel.messages.reduce((most, one) => one.ts > most ? one.ts : most, ""));
            }
          }
          const tabs = state.channels.map((one) => [one.id, nameOf(one), one.id === shownChannel, unread(one)]);
          if (state.github) {
            const writes = botWrites();
            if (seenGitHub === null || shownChannel === githubTab || writes < seenGitHub) seenGitHub = writes;
            tabs.push([githubTab, "Pull requests", shownChannel === githubTab, writes - seenGitHub]);
          }
          render(byId("channels"), tabs, () => tabs.map(([id, name, isShown, count]) => el("button", {
            type: "button", role: "tab", id: "tab-" + id, "aria-selected": String(isShown),
            "aria-controls": id === githubTab ? "github" : "messages",
            tabindex: isShown ? "0" : "-1", onclick: () => show(id),
            onkeydown: (event) => {
              if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
              const at = tabs.findIndex((one) => one[0] === id) + (event.key === "ArrowRight" ? 1 : tabs.length - 1);
              const next = tabs[at % tabs.length][0];
              show(next);
              byId("tab-" + next).focus();
            },
          }, name, count ? el("span", {class: "count", "aria-label": count + " new"}, String(count)) : null)));
        }

        function show(id) {
          shownChannel = id;
          drawChat();
          toEnd();
        }

        /** Draws what changed: each message is an element of its own, kept while it stays the same. */
        function drawMessages(channel) {
          const place = byId("messages");
          const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
          const visible = channel.messages.filter(canSee);
          const known = new Set(visible.map((one) => one.ts));
          const top = visible.filter((one) => one.thread === null || one.broadcast || !known.has(one.thread));
          const wanted = top.map((one) => {
            const replies = visible.filter((reply) => reply.thread === one.ts);
            const id = "m-" + channel.id + "-" + one.ts;
            const text = JSON.stringify([one, replies, me()]);
            const old = byId(id);
            if (old && remembered.get(id) === text) return old;
            remembered.set(id, text);
            return drawMessage(one, replies, channel, id);
          });
          if (!wanted.length) wanted.push(el("p", {class: "message empty"}, el("span"), "No messages yet. Type a command below."));
          wanted.forEach((node, index) => {
            const there = place.children[index];
            if (there === node) return;
            if (there && there.id === node.id) there.replaceWith(node);
            else place.insertBefore(node, there || null);
          });
          while (place.children.length > wanted.length) place.lastElementChild.remove();
          if (focused && byId(focused)) byId(focused).focus();
          if (isAtEnd) toEnd();
        }

        function drawMessage(message, replies, channel, id) {
          const isPrivate = message.onlyFor !== null;
          const when = new Date(Number(message.ts) * 1000);
          const node = el("article", {class: "message" + (isPrivate ? " private" : ""), id, "data-ts": message.ts},
            el("span", {class: "avatar " + message.kind, "aria-hidden": "true"}, message.author.slice(0, 1).toUpperCase()),
            el("div", {},
              el("div", {class: "head"}, el("b", {}, message.author),
                message.kind === "bot" ? el("span", {class: "app"}, "APP") : null,
                el("small", {}, el("time", {datetime: when.toISOString(), title: when.toString()}, clockTime(when))),
                message.edits ? el("small", {title: message.edits + " edits"}, "(edited)") : null,
                isPrivate ? el("small", {class: "only"}, "only visible to you") : null),
              message.blocks.length
                ? el("div", {class: "body"}, message.blocks.map((block) => drawBlock(block, message, channel)))
                : el("div", {class: "body"}, mrkdwn(message.text))));
          if (replies.length) {
            const thread = el("details", {class: "thread", open: openThreads.has(id)},
              el("summary", {
                id: "t-" + id,
                onclick: () => { if (openThreads.has(id)) openThreads.delete(id); else openThreads.add(id); },
              }, replies.length + (replies.length === 1 ? " reply" : " replies")),
              replies.map((reply) => drawMessage(reply, [], channel, id + "-" + reply.ts)));
            node.append(thread);
          }
          return node;
        }

        function localStorageGet(name) {
          try { return localStorage.getItem(name); } catch (error) { return null; }
        }

        function startChat() {
          byId("person").addEventListener("change", () => {
            try { localStorage.setItem("person", me()); } catch (error) { /* private windows may have none */ }
            drawChat();
            drawModal();
          });
          const line = byId("line");
          byId("form").addEventListener("submit", async (event) => {
            event.preventDefault();
            const text = line.value.trim();
            if (!text || !state) return;
            typed.push(text);
            typedAt = typed.length;
            line.value = "";
            if (!await post("type", {line: text, user: me(), channel: shownChannel}) && !line.value) line.value = text;
            toEnd();
          });
          line.addEventListener("keydown", (event) => {
            if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
            const next = typedAt + (event.key === "ArrowUp" ? -1 : 1);
            if (next < 0 || next > typed.length) return;
            event.preventDefault();
            typedAt = next;
            line.value = typed[next] || "";
          });
          const place = byId("messages");
          place.addEventListener("scroll", () => {
            isAtEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 60;
          });
          new ResizeObserver(() => { if (isAtEnd) toEnd(); }).observe(place);
          line.focus();
          line.select();
        }

        """#
}
