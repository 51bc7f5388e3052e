// The settings panel writes into template.yaml on the server, which keeps its comments, and follows what is
// typed there: after each save it shows the values of the text.
import { all, one, say, translate as _ } from "../lib/dom.js";

function tell(panel, text) {
  const trouble = one("[data-settings-trouble]", panel);
  trouble.textContent = text;
  trouble.hidden = !text;
}

async function write(panel, name, form, files) {
  const body = new FormData(form);
  for (const [key, value] of new FormData(panel)) body.set(key, value);
  body.set("only", name);
  try {
    const answer = await fetch(panel.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const told = await answer.json();
    tell(panel, answer.ok ? "" : told.error);
    if (!answer.ok) return;
    files.replace(told.path, told.text);
    say(_("template.yaml was changed."));
  } catch {
    tell(panel, _("The server is not answering. Try again."));
  }
}

function show(functions) {
  const known = new Map(functions.map((each) => [each.logical_id, each]));
  for (const panel of all("[data-settings-form]")) {
    const values = known.get(panel.elements.function.value);
    panel.hidden = !values;
    if (!values) continue;
    for (const input of all("input[type=number]", panel)) {
      if (input !== document.activeElement) input.value = values[input.name] ?? "";
    }
  }
}

export function followSettings(form, files) {
  document.addEventListener("change", (event) => {
    const panel = event.target.closest("[data-settings-form]");
    if (panel && event.target.reportValidity()) write(panel, event.target.name, form, files);
  });
  document.addEventListener("lambdalab:settings", (event) => show(event.detail));
}
