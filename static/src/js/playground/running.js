// Run, follow, stop: the result panel is the server's; this asks for it and listens while a run goes.
import { all, one, say, translate as _ } from "../lib/dom.js";
import { lasting } from "../run/words.js";

export class Running {
  constructor(form, files, draft, { onResult }) {
    this.form = form;
    this.files = files;
    this.draft = draft;
    this.onResult = onResult;
    this.trouble = one("#run-trouble");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.run();
    });
    document.addEventListener("submit", (event) => {
      if (!event.target.matches("[data-stop]")) return;
      event.preventDefault();
      this.stop(event.target);
    });
    document.addEventListener("lambdalab:offline", () => this.enable());
    document.addEventListener("htmx:load", (event) => event.detail.elt.id === "result" && this.arrived());
    this.arrived();
  }

  get result() {
    return one("#result");
  }

  get waiting() {
    return this.result.dataset.state === "waiting";
  }

  enable() {
    for (const button of all(".run-btn")) button.disabled = this.starting || this.waiting || this.draft.offline;
  }

  async run() {
    if (this.starting || this.waiting || this.draft.offline) return;
    this.starting = true;
    this.enable();
    this.tell("");
    clearTimeout(this.draft.timer);
    try {
      const answer = await fetch(this.form.action, { method: "POST", body: new FormData(this.form), headers: { Accept: "application/json" } });
      const told = await answer.json().catch(() => ({}));
      if (!answer.ok) this.tell(told.error ?? _("The server could not do this. Try again."));
      else await this.show(told);
    } catch {
      this.draft.lost();
    } finally {
      this.starting = false;
      this.enable();
    }
  }

  async show({ url }) {
    this.draft.kept();
    this.files.mark([]);
    history.replaceState(null, "", url);
    say(_("The run has begun."));
    await htmx.ajax("GET", url, { target: "#result", swap: "outerHTML" });
  }

  tell(text) {
    this.trouble.textContent = text;
    this.trouble.hidden = !text;
  }

  async stop(form) {
    one("button", form).disabled = true;
    await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } }).catch(() => {});
    say(_("Stopping the run."));
  }

  /** A result has come onto the page: follow it, or show what it says. */
  arrived() {
    const { result } = this;
    this.enable();
    for (const [name, place] of [["goals", "#goals"], ["nextGoal", "#task-next"]]) {
      const part = one(name === "goals" ? "template[data-goals]" : "template[data-next-goal]", result);
      if (part) one(place).replaceChildren(part.content.cloneNode(true));
    }
    if (this.waiting) this.follow();
    else {
      this.leave();
      if (this.followed) {
        say(one("#result-h", result)?.textContent ?? "");
        one("#result-h", result)?.scrollIntoView({ block: "nearest" });
      }
      this.followed = null;
    }
    this.onResult(result);
  }

  follow() {
    const { run, events, number } = this.result.dataset;
    if (this.followed === run) {
      this.progress(this.last ?? {}, number);
      return;
    }
    this.leave();
    this.followed = run;
    this.last = null;
    this.source = new EventSource(events);
    this.source.addEventListener("progress", (event) => this.progress(JSON.parse(event.data), number));
    this.source.addEventListener("settled", () => {
      this.leave();
      htmx.trigger(this.result, "run-settled");
    });
    this.source.addEventListener("error", () => this.source?.readyState === EventSource.CLOSED && this.leave()); // then polling does it
  }

  leave() {
    this.source?.close();
    this.source = null;
  }

  progress(status, number) {
    this.last = status;
    const title = one("[data-progress-title]", this.result), sub = one("[data-progress-sub]", this.result);
    if (!title) return;
    if (status.queue_position) {
      sub.textContent = `${_("Run")} ${number} · ${_("number")} ${status.queue_position} ${_("in the queue")}`;
      return;
    }
    if (status.sentence) title.textContent = status.sentence;
    else if (status.state === "running") title.textContent = _("Running");
    if (status.virtual_s) sub.textContent = `${_("Run")} ${number} · ${lasting(status.virtual_s)} ${_("of virtual time so far")}`;
  }
}
