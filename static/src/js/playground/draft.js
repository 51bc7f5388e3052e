// Keeps what is written: on the server 800 ms after the last key, in this browser when there is no server.
import { one, say, translate as _ } from "../lib/dom.js";

const PAUSE_MS = 800, RETRY_S = 5;

export class Draft {
  constructor(form, files, lab) {
    this.form = form;
    this.files = files;
    this.key = `lambdalab-draft-${lab}`;
    this.state = one("#saved");
    one("#offline-retry").addEventListener("click", () => this.save());
    addEventListener("online", () => this.offline && this.save());
    addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.dirty && this.save({ keepalive: true }));
    this.recover();
  }

  changed() {
    this.dirty = true;
    this.state.textContent = _("Saving …");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE_MS);
  }

  async save({ keepalive = false } = {}) {
    clearTimeout(this.timer);
    clearInterval(this.countdown);
    this.dirty = false;
    try {
      const answer = await fetch(this.form.dataset.save, {
        method: "POST", body: new FormData(this.form), headers: { Accept: "application/json" }, keepalive,
      });
      const told = await answer.json().catch(() => ({}));
      if (answer.ok) this.kept(told);
      else if (answer.status >= 500) this.lost();
      else this.refused(told.error ?? _("Not saved. Reload the page."));
      return answer.ok;
    } catch {
      this.lost();
      return false;
    }
  }

  kept({ settings } = {}) {
    if (settings && !this.dirty) document.dispatchEvent(new CustomEvent("lambdalab:settings", { detail: settings }));
    if (!this.dirty) this.state.textContent = _("Draft saved");
    localStorage.removeItem(this.key);
    if (this.offline) say(_("The connection is back."));
    this.showOffline(false);
  }

  refused(why) {
    this.state.textContent = why;
    this.remember();
    say(why);
  }

  lost() {
    this.state.textContent = _("Draft kept in this browser");
    this.remember();
    this.showOffline(true);
    let left = RETRY_S;
    const tell = () => {
      one("#offline-next").textContent = `${_("Retrying in")} ${left} s.`;
      if (left <= 0) this.save();
      left -= 1;
    };
    tell();
    clearInterval(this.countdown);
    this.countdown = setInterval(tell, 1000);
  }

  remember() {
    try {
      localStorage.setItem(this.key, JSON.stringify(this.files.edited()));
    } catch {
      // A full or blocked storage: the text is still in the page.
    }
  }

  /** What an earlier page could not send is put back and sent now. */
  recover() {
    const kept = localStorage.getItem(this.key);
    if (!kept) return;
    for (const [path, text] of Object.entries(JSON.parse(kept))) this.files.replace(path, text);
    this.changed();
  }

  showOffline(on) {
    if (on && !this.offline) say(_("The server is not answering. Your text is kept in this browser."));
    this.offline = on;
    one("#offline").hidden = !on;
    document.dispatchEvent(new CustomEvent("lambdalab:offline", { detail: on }));
  }
}
