// The page of a lab.
import { all, one, say, translate as _ } from "./lib/dom.js";
import { Draft } from "./playground/draft.js";
import { Files } from "./playground/files.js";
import { Running } from "./playground/running.js";
import { followSettings } from "./playground/settings.js";
import { mountPlayers } from "./run/player.js";

const shell = one("main");
const form = one("#lab-form");

function showPane(name) {
  shell.dataset.pane = name;
  for (const link of all(".paneswitch a")) {
    if (link.dataset.pane === name) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}
one(".paneswitch").addEventListener("click", (event) => {
  const link = event.target.closest("[data-pane]");
  if (!link) return;
  event.preventDefault();
  showPane(link.dataset.pane);
  scrollTo(0, 0);
});

const run = () => form.requestSubmit();
const files = new Files(form, { nonce: shell.dataset.nonce, onRun: run, onChange: () => changed() });
let draft = null; // the draft may bring back text while it is being made
draft = new Draft(form, files, shell.dataset.lab);
const firstOpen = () => files.open(files.first.place.id);
// The first paint belongs to the text; the editor comes when the page has time.
if ("requestIdleCallback" in window) requestIdleCallback(firstOpen, { timeout: 600 });
else setTimeout(firstOpen, 100);

function changed() {
  draft?.changed();
  const stale = one(".headline-text .stale");
  const headline = one("#result[data-state=done] .headline-text");
  if (headline && !stale) {
    const note = document.createElement("p");
    note.className = "stale";
    note.textContent = `${_("From run")} ${one("#result").dataset.number}, ${_("before your changes")}`;
    headline.append(note);
  }

}

async function goToLine(file, line) {
  showPane("code");
  await files.goTo(file, line);
}

const times = (count) => (count === 1 ? _("once in this run") : `${count} ${_("times in this run")}`);

async function onResult(result) {
  if (result.dataset.state === "waiting") {
    showPane("result");
    return;
  }
  const problems = all("[data-line][data-says]", result);
  if (problems.length) files.mark(problems.map(({ dataset }) => ({ file: dataset.file, line: Number(dataset.line), text: dataset.says })));
  await mountPlayers(document, {
    onLine: goToLine,
    onMount: (player) => files.mark((player.run.errors ?? []).map(({ file, line, message, count }) => ({ file, line, text: `${message}, ${times(count)}` }))),
  });
}
new Running(form, files, draft, { onResult });

document.addEventListener("click", async (event) => {
  const line = event.target.closest("[data-line][data-says]");
  if (line) goToLine(line.dataset.file, Number(line.dataset.line));
  const share = event.target.closest("[data-share]");
  if (share) {
    await navigator.clipboard?.writeText(location.href).catch(() => {});
    say(share.dataset.done);
    share.textContent = share.dataset.done;
  }
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !event.defaultPrevented) {
    event.preventDefault();
    run();
  }
});
one("#reset-form").addEventListener("submit", (event) => {
  if (!event.submitter?.name && !confirm(event.target.dataset.confirm)) event.preventDefault();
});
followSettings(form, files);
