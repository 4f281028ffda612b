extension PageScript {
    /// The modal that one has before one.
    static let modal = #"""
        const modalErrors = new Map();

        function openView() { return state ? state.views.find((one) => one.user === me()) : undefined; }

        function drawModal() {
          const dialog = byId("modal");
          const open = openView();
          render(dialog, open ? [open.id, open.view] : null, () => open ? modalForm(open) : []);
          if (open && !dialog.open) dialog.showModal();
          if (!open && dialog.open) dialog.close();
          if (!open) return;
          // What was typed stays while what is wrong is said.
          for (const [block, place] of modalErrors) place.textContent = open.errors[block] || "";
        }

        function modalForm(open) {
          const view = open.view;
          modalErrors.clear();
          const blocks = view.blocks.map((block) => block.type === "input"
            ? modalInput(block) : drawBlock(block, {ts: open.id}, {id: ""}));
          const wrong = el("p", {class: "wrong", role: "alert"});
          modalErrors.set("", wrong);
          return el("form", {id: "modal-form", autocomplete: "off"},
            el("h2", {id: "modal-title"}, plain(view.title.text)),
            el("div", {class: "inputs"}, blocks, wrong),
            el("div", {class: "end"},
              el("button", {type: "button", id: "modal-close", onclick: () => closeModal()},
                plain(view.close ? view.close.text : "Cancel")),
              view.submit ? el("button", {type: "submit", id: "modal-submit", class: "primary"}, plain(view.submit.text))
                : null));
        }

        function modalInput(block) {
          const element = block.element;
          const id = "i-" + block.block_id;
          const label = plain(block.label.text) + (block.optional ? " (optional)" : "");
          const hint = block.hint ? el("small", {}, plain(block.hint.text)) : null;
          const wrong = el("p", {class: "wrong", role: "alert"});
          modalErrors.set(block.block_id, wrong);
          if (element.type === "checkboxes") {
            const ticked = (element.initial_options || []).map((one) => one.value);
            return el("fieldset", {class: "input", "data-block": block.block_id, "data-type": element.type},
              el("legend", {}, label), element.options.map((one) => el("label", {},
                el("input", {type: "checkbox", value: one.value, checked: ticked.includes(one.value)}), " ",
                plain(one.text.text))), hint, wrong);
          }
          const input = element.type === "static_select"
            ? el("select", {id},
                el("option", {value: ""}, "Select an option"),
                element.options.map((one) => el("option", {
                  value: one.value, selected: element.initial_option && element.initial_option.value === one.value,
                }, plain(one.text.text))))
            : el("input", {id, type: "text", maxlength: String(element.max_length || 3000), spellcheck: "false",
                value: element.initial_value || ""});
          return el("div", {class: "input", "data-block": block.block_id, "data-type": element.type},
            el("label", {for: id}, label), input, hint, wrong);
        }

        function modalValues() {
          const values = {};
          for (const place of document.querySelectorAll("#modal [data-block]")) {
            values[place.dataset.block] = place.dataset.type === "checkboxes"
              ? [...place.querySelectorAll("input:checked")].map((one) => one.value)
              : place.querySelector("input, select").value;
          }
          return values;
        }

        async function closeModal() {
          const open = openView();
          if (open) await post("close", {view: open.id, user: me()});
        }

        function startModal() {
          const dialog = byId("modal");
          dialog.addEventListener("submit", async (event) => {
            event.preventDefault();
            const open = openView();
            if (!open) return;
            const button = byId("modal-submit");
            button.disabled = true;
            await post("submit", {view: open.id, user: me(), values: modalValues()});
            button.disabled = false;
          });
          dialog.addEventListener("cancel", (event) => {
            event.preventDefault();
            closeModal();
          });
        }

        """#
}
