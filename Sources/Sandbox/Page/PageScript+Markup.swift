extension PageScript {
    /// Slack's mrkdwn and Block Kit, as elements.
    static let markup = #"""
        const emoji = {
          white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", hourglass: "⌛",
          hourglass_flowing_sand: "⏳", rotating_light: "🚨", fire: "🔥", tada: "🎉", rocket: "🚀", eyes: "👀",
          no_entry: "⛔", no_entry_sign: "🚫", information_source: "ℹ️", question: "❓", grey_question: "❔", bell: "🔔",
          no_bell: "🔕", arrows_counterclockwise: "🔄", repeat: "🔁", stopwatch: "⏱️", clock3: "🕒", lock: "🔒",
          unlock: "🔓", large_green_circle: "🟢", large_red_circle: "🔴", red_circle: "🔴", large_yellow_circle: "🟡",
          large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫", double_vertical_bar: "⏸️", pause_button: "⏸️",
          ok_hand: "👌", thumbsup: "👍", thumbsdown: "👎", "+1": "👍", "-1": "👎", bulb: "💡", link: "🔗", mag: "🔍",
          gear: "⚙️", wrench: "🔧", package: "📦", snowflake: "❄️", heavy_minus_sign: "➖", skull: "💀",
        };

        const unescaped = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
        const plain = (text) => unescaped(text.replace(/:([a-z0-9_+-]+):/g, (all, name) => emoji[name] || all));

        /** What stands between < and >: a link, a person, a channel or a call to everybody. */
        function angle(inner) {
          const bar = inner.indexOf("|");
          const target = bar < 0 ? inner : inner.slice(0, bar);
          const label = bar < 0 ? "" : inner.slice(bar + 1);
          if (target.startsWith("@")) {
            const person = state.people.find((one) => one.id === target.slice(1));
            return el("span", {class: "mention"}, "@" + plain(label || (person ? person.realName : target.slice(1))));
          }
          if (target.startsWith("#")) {
            const channel = state.channels.find((one) => one.id === target.slice(1));
            return el("span", {class: "mention"}, "#" + plain(label || (channel ? channel.name : target.slice(1))));
          }
          if (target.startsWith("!")) {
            if (target.startsWith("!date^")) return plain(label);
            return el("span", {class: "mention"}, plain(label) || "@" + target.slice(1));
          }
          const url = unescaped(target);
          if (!/^(https?:\/\/|mailto:)/i.test(url)) return plain("<" + inner + ">");
          return el("a", {href: url, target: "_blank", rel: "noopener noreferrer"}, plain(label || target));
        }

        const styles = {"*": "strong", "_": "em", "~": "s"};
        const inlinePattern =
          /`([^`\n]+)`|<([^<>\n]+)>|(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\3(?![\p{L}\p{N}])|(https?:\/\/[^\s<>|`*]*[^\s<>|`*.,;:!?)'"])/gu;

        function inline(text) {
          const parts = [];
          let end = 0;
          for (const match of text.matchAll(inlinePattern)) {
            parts.push(plain(text.slice(end, match.index)));
            if (match[1] !== undefined) parts.push(el("code", {}, unescaped(match[1])));
            else if (match[2] !== undefined) parts.push(angle(match[2]));
            else if (match[5] !== undefined) parts.push(angle(match[5]));
            else parts.push(el(styles[match[3]], {}, inline(match[4])));
            end = match.index + match[0].length;
          }
          parts.push(plain(text.slice(end)));
          return parts;
        }

        /** mrkdwn: fences, quotes, then what stands within a line. */
        function mrkdwn(text) {
          const place = el("div", {class: "text"});
          text.split("```").forEach((piece, index, all) => {
            if (index % 2 === 1 && index < all.length - 1) {
              place.append(el("pre", {tabindex: "0"}, unescaped(piece.replace(/^\n|\n$/g, ""))));
              return;
            }
            if (index % 2 === 1) piece = "```" + piece;
            // A fence is a block of its own: line breaks beside it would show as empty lines.
            if (index > 0) piece = piece.replace(/^\n/, "");
            if (index < all.length - 1) piece = piece.replace(/\n$/, "");
            let quote = null;
            const lines = piece.split("\n");
            lines.forEach((line, number) => {
              if (line.startsWith("&gt;")) {
                if (!quote) place.append(quote = el("blockquote", {}));
                else quote.append("\n");
                quote.append(...inline(line.replace(/^&gt; ?/, "")));
              } else {
                place.append(...inline(line));
                if (number < lines.length - 1 && !lines[number + 1].startsWith("&gt;")) place.append("\n");
                quote = null;
              }
            });
          });
          return place;
        }

        function textObject(value) {
          if (!value) return null;
          if (value.type === "mrkdwn") return mrkdwn(value.text || "");
          return el("div", {class: "text"}, plain(value.text || ""));
        }

        /** All texts in a value, for kinds of blocks that are not drawn. */
        function textsIn(value) {
          if (Array.isArray(value)) return value.map(textsIn).join("");
          if (value && typeof value === "object") {
            if (typeof value.text === "string") return value.text;
            return Object.values(value).map(textsIn).join("");
          }
          return "";
        }

        function button(element, block, message, channel) {
          const label = plain(element.text ? element.text.text : "");
          return el("button", {
            type: "button", class: element.style || "", "data-action": element.action_id,
            id: ["b", message.ts, block.block_id, element.action_id].join("-"),
            onclick: async (event) => {
              const confirm = element.confirm;
              if (confirm && !window.confirm(plain(confirm.title.text) + "\n\n" + plain(confirm.text.text))) return;
              const pressed = event.currentTarget;
              pressed.disabled = true;
              await post("press", {
                channel: channel.id, ts: message.ts, block: block.block_id, action: element.action_id,
                user: byId("person").value,
              });
              pressed.disabled = false;
            },
          }, label);
        }

        function drawBlock(block, message, channel) {
          switch (block.type) {
          case "header": return el("div", {class: "block"}, el("h3", {}, plain(block.text.text)));
          case "divider": return el("hr", {class: "divider"});
          case "section": {
            const fields = (block.fields || []).map(textObject);
            const accessory = block.accessory && block.accessory.type === "button"
              ? button(block.accessory, block, message, channel) : null;
            return el("div", {class: "block section"},
              el("div", {}, textObject(block.text), fields.length ? el("div", {class: "fields"}, fields) : null),
              accessory);
          }
          case "context": return el("div", {class: "block context"}, (block.elements || []).map((element) =>
            element.type === "image" ? el("span", {}, element.alt_text || "") : textObject(element)));
          case "actions": return el("div", {class: "block actions"}, (block.elements || []).map((element) =>
            element.type === "button" ? button(element, block, message, channel)
              : el("small", {}, "(" + element.type + ")")));
          case "image": return el("div", {class: "block"}, el("small", {}, "Image: " + (block.alt_text || "")));
          default: return el("div", {class: "block text"}, plain(textsIn(block)) || "(" + block.type + ")");
          }
        }

        """#
}
