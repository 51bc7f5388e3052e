// A quiz: keys choose, every change is kept on this device at once and on the server within two seconds.
import "../css/quiz.css";
import { all, csrfToken, one, say } from "./lib/dom.js";
import { mountPlayers } from "./run/player.js";

const WAIT_MS = 600;
const RETRY_MS = 5000;
let saving; // the Saver of the question on the page

/** Keeps the answer of one question. The last write wins, by a sequence number that only grows. */
class Saver {
  constructor(form) {
    this.form = form;
    this.key = `lambdalab-answer-${form.dataset.item}`;
    this.sequence = Number(form.dataset.sequence);
    this.chip = one("#saved");
    this.restore();
    form.addEventListener("input", () => this.changed());
  }

  fields() {
    const data = new FormData(this.form);
    data.delete("csrfmiddlewaretoken");
    return [...data.entries()];
  }

  changed() {
    this.sequence += 1;
    this.keep({ sequence: this.sequence, fields: this.fields() });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), WAIT_MS);
  }

  // localStorage writes before the next line runs: a battery that dies now loses nothing.
  keep(draft) {
    try {
      localStorage.setItem(this.key, JSON.stringify(draft));
    } catch {
      // A full or forbidden storage leaves the server's copy.
    }
  }

  kept() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
  }

  restore() {
    const draft = this.kept();
    if (!draft || draft.sequence <= this.sequence) return;
    for (const input of all("input, select", this.form)) {
      if (input.name === "csrfmiddlewaretoken") continue;
      const values = draft.fields.filter(([name]) => name === input.name).map(([, value]) => value);
      if (input.type === "radio" || input.type === "checkbox") input.checked = values.includes(input.value);
      else if (values.length) input.value = values[0];
    }
    sortByPlaces(one("[data-ordering]", this.form));
    this.sequence = draft.sequence;
    this.send();
  }

  async send() {
    if (this.done) return;
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    this.chip.textContent = this.chip.dataset.saving;
    try {
      await this.post();
    } catch {
      this.later(this.chip.dataset.offline);
    }
    this.busy = false;
    if (this.again) {
      this.again = false;
      this.send();
    }
  }

  async post() {
    const data = new FormData(this.form);
    data.set("sequence", this.sequence);
    const response = await fetch(this.form.dataset.save, {
      method: "POST",
      body: data,
      keepalive: true,
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
    });
    if (response.status === 401 || response.status === 403) return this.later(this.chip.dataset.signedOut);
    const told = await response.json();
    if (response.ok) this.chip.textContent = told.says;
    else if (told.sequence !== undefined) {
      // Another tab wrote since. What is typed here is newer, so it goes on top.
      this.sequence = Math.max(this.sequence, told.sequence) + 1;
      this.again = true;
    } else if (told.settled) {
      this.done = true;
      this.chip.textContent = told.error;
    } else this.later(this.chip.dataset.failed);
  }

  later(words) {
    this.chip.textContent = words;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), RETRY_MS);
  }

  finish() {
    this.done = true;
    clearTimeout(this.timer);
    try {
      localStorage.removeItem(this.key);
    } catch {
      // Nothing was kept then.
    }
  }
}

function renumber(list) {
  all("select", list).forEach((select, place) => {
    select.value = String(place);
  });
}

function sortByPlaces(list) {
  if (!list) return;
  const items = [...list.children].sort((a, b) => Number(one("select", a).value) - Number(one("select", b).value));
  list.append(...items);
}

function move(button) {
  const item = button.closest("li");
  const list = item.parentElement;
  const other = button.dataset.move === "-1" ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (button.dataset.move === "-1") list.insertBefore(item, other);
  else list.insertBefore(other, item);
  renumber(list);
  button.focus();
  say(`${[...list.children].indexOf(item) + 1} / ${list.children.length}`);
  list.dispatchEvent(new Event("input", { bubbles: true }));
}

function begin() {
  const form = one("#answer");
  if (form && saving?.form !== form) saving = new Saver(form);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (button) move(button);
});

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("dialog")) return;
  const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
  if (/^[1-9]$/.test(event.key) && !typing) {
    const input = one(`#answer [data-key="${event.key}"]`);
    if (!input) return;
    input.click();
    input.focus();
  } else if (event.key === "Enter" && !event.target.closest("a, button, summary, input, select, textarea")) {
    one("#go")?.click();
  }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "answer") clearTimeout(saving?.timer);
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.id === "answer" && event.detail.successful) saving?.finish();
});
document.addEventListener("htmx:load", (event) => {
  const part = event.detail.elt;
  mountPlayers(part.parentElement ?? part);
  begin();
  if (part.id !== "question") return;
  const words = one("[data-say]", part);
  if (words) say(words.textContent.trim().replace(/\s+/g, " "));
  const go = one("#go", part);
  if (!one("#answer", part)) go?.focus({ preventScroll: true });
});
addEventListener("online", () => saving?.send());

mountPlayers(document);
begin();
