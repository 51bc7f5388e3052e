// A run as one sees it: timeline, playback, what is selected, the tabs under it. The same player sits in
// lessons (compact) and in the playground (with tabs and an address that holds the moment).
import { escape, icon, one, translate as _ } from "../lib/dom.js";
import { messageOf } from "../lib/health.js";
import { tabs } from "../lib/tabs.js";
import { mark, PANELS } from "./panels.js";
import { Playback } from "./playback.js";
import { statsHtml } from "./stats.js";
import { Timeline } from "./timeline.js";
import { clock, isPoint, lasting, NAMES } from "./words.js";

const LEGEND = ["run", "init", "come", "ok", "err", "timeout", "thr", "wait", "dlq", "dest", "drop"];
let count = 0;

const iconButton = (what, glyph, label, more = "") => `<button class="icon-btn ${more}" type="button" data-do="${what}" aria-label="${label}">${icon(glyph)}</button>`;

function timelineHtml(id, run) {
  const kinds = new Set(run.items.map((item) => item.kind));
  return `<section class="card tl" aria-labelledby="${id}-h">
    <div class="tl-bar"><h3 id="${id}-h">${_("Timeline")}</h3>
      <div class="transport" role="group" aria-label="${_("Playback")}">
        ${iconButton("first", "first", _("Go to start"), "t-edge")}${iconButton("prev", "prev", _("Previous event"))}${iconButton("play", "play", _("Play"), "icon-btn-main")}${iconButton("next", "next", _("Next event"))}${iconButton("last", "last", _("Go to end"), "t-edge")}
      </div>
      <span class="clock"></span>
      <div class="tl-tools"><button class="btn btn-quiet" type="button" data-do="fold" aria-pressed="true">${_("Skip idle time")}</button></div>
    </div>
    <div class="tl-body"></div>
    <div class="picked"></div>
    <ul class="legend" aria-label="${_("Key")}">${LEGEND.filter((kind) => kinds.has(kind)).map((kind) => `<li>${mark(kind)}${NAMES[kind]}</li>`).join("")}</ul>
  </section>`;
}

function detailHtml(id) {
  const tab = (key, at) => `<button role="tab" type="button" id="${id}-${key}" data-tab="${key}" aria-controls="${id}-panel" aria-selected="${at === 0}"${at ? ' tabindex="-1"' : ""}>${PANELS[key].label}</button>`;
  return `<section class="card detail" aria-label="${_("Run detail")}">
    <div class="detail-bar"><div class="tabs" role="tablist" aria-label="${_("Run detail")}">${Object.keys(PANELS).map(tab).join("")}</div><div class="filter"></div></div>
    <div class="dpanel" id="${id}-panel" role="tabpanel" aria-labelledby="${id}-logs" tabindex="0"></div>
  </section>`;
}

export class Player {
  /** `options`: compact (no tabs, no address), stats (the element of the totals), onLine(file, line, item). */
  constructor(root, run, options = {}) {
    this.root = root;
    this.run = run;
    this.options = options;
    this.only = true;
    this.tab = "logs";
    const id = `player-${(count += 1)}`;
    this.id = id;
    root.innerHTML = timelineHtml(id, run) + (options.compact ? "" : detailHtml(id));
    if (options.compact) one(".tl", root).classList.remove("card"); // the figure around it is one
    this.follow = () => {};
    this.timeline = new Timeline(one(".tl-body", root), run, {
      seek: (t) => this.onSeek(t),
      scrub: () => this.playback.playing && this.playback.stop(),
      pick: () => this.onPick(),
      draw: () => this.onDraw(),
    });
    this.playback = new Playback(this.timeline, (on) => this.showPlaying(on));
    this.listen();
    this.onDraw();
    this.showPicked();
    if (!options.compact) this.restore();
    this.onSeek(this.timeline.t);
  }

  listen() {
    const act = {
      first: () => this.timeline.seek(0), last: () => this.timeline.seek(this.run.end_s),
      prev: () => this.timeline.step(-1), next: () => this.timeline.step(1),
      play: () => this.playback.toggle(), fold: () => this.timeline.fold(!this.timeline.skipIdle),
    };
    this.root.addEventListener("click", (event) => {
      const what = event.target.closest("[data-do]")?.dataset.do;
      if (what !== "play" && what !== "fold" && what && this.playback.playing) this.playback.stop();
      act[what]?.();
      const stamp = event.target.closest(".stamp");
      if (stamp) this.timeline.seek(Number(stamp.dataset.t));
      if (event.target.closest("[data-only]")) this.toggleOnly();
      const line = event.target.closest("[data-line]");
      if (line) this.options.onLine?.(line.dataset.file, Number(line.dataset.line));
    });
    one(".tl", this.root).addEventListener("keydown", (event) => {
      if (event.key === ",") act.prev();
      else if (event.key === ".") act.next();
      else if (event.key === " " && event.target.matches(".scrub")) act.play();
      else return;
      event.preventDefault();
    });
    if (!this.options.compact) this.showTab = tabs(one("[role=tablist]", this.root), (tab) => this.openTab(tab.dataset.tab));
  }

  get view() {
    const { timeline } = this;
    return {
      run: this.run, only: this.only && timeline.event !== null, event: timeline.event, scale: timeline.scale, label: timeline.label,
      laneLabel: (lane) => timeline.laneById.get(lane)?.label ?? "", eventLabel: (event) => this.run.events?.[event]?.label ?? "",
    };
  }

  onSeek(t) {
    one(".clock", this.root).innerHTML = `${clock(t)}<span> / ${clock(this.run.end_s)}</span>`;
    if (this.options.stats) this.options.stats.innerHTML = statsHtml(this.run, t);
    this.follow(t);
    const item = this.timeline.itemById.get(this.timeline.pickedId);
    if (item && this.timeline.isLater(item) !== this.pickedLater) this.showPicked();
    this.remember();
  }

  onPick() {
    this.showPicked();
    this.drawPanel();
    this.remember();
    this.options.onPick?.(this.timeline.itemById.get(this.timeline.pickedId));
  }

  onDraw() {
    const fold = one("[data-do=fold]", this.root);
    fold.hidden = !this.timeline.scale.foldable;
    fold.setAttribute("aria-pressed", String(this.timeline.skipIdle));
    this.drawPanel();
  }

  showPlaying(on) {
    const button = one("[data-do=play]", this.root);
    button.setAttribute("aria-label", on ? _("Pause") : _("Play"));
    button.innerHTML = icon(on ? "pause" : "play");
  }

  showPicked() {
    const item = this.timeline.itemById.get(this.timeline.pickedId);
    const place = one(".picked", this.root);
    place.hidden = !item;
    if (!item) return;
    this.pickedLater = this.timeline.isLater(item);
    if (this.pickedLater) {
      place.innerHTML = `<span class="k k-later" aria-hidden="true"></span><p><b>${escape(this.timeline.labelOf(item))}</b> ${_("at")} ${clock(item.t0, 2)}<span class="picked-facts">${_("after the playhead")}</span></p>`;
      return;
    }
    const facts = [
      this.timeline.laneById.get(item.lane)?.label, `${_("at")} ${clock(item.t0, 2)}`,
      !isPoint(item) && lasting(item.t1 - item.t0), item.message && (item.kind === "err" && !item.what ? `${_("raised")} ${item.message}` : item.message),
    ].filter(Boolean).join(" · ");
    const line = item.line && this.options.onLine;
    place.innerHTML = `${mark(item.kind)}<p><b>${escape(this.timeline.labelOf(item))}</b> ${escape(whatHappened(item))}<span class="picked-facts">${escape(facts)}</span></p>
      ${line ? `<button type="button" class="btn btn-quiet" data-line="${item.line}" data-file="${escape(item.file)}">${_("Show line")} ${item.line}</button>` : ""}`;
  }

  openTab(key) {
    this.tab = key;
    this.drawPanel();
    this.remember();
  }

  toggleOnly() {
    this.only = !this.only;
    this.drawPanel();
    one("[data-only]", this.root)?.focus();
  }

  drawPanel() {
    if (this.options.compact) return;
    const panel = one(`#${this.id}-panel`, this.root);
    panel.setAttribute("aria-labelledby", `${this.id}-${this.tab}`);
    this.follow = PANELS[this.tab].draw(panel, this.view);
    this.follow(this.timeline.t);
    const label = this.view.eventLabel(this.timeline.event);
    one(".filter", this.root).innerHTML = !label ? "" : PANELS[this.tab].filtered
      ? `<button type="button" class="chip" data-only aria-pressed="${this.only}">${_("Only")} ${escape(label)}</button>`
      : this.tab === "trace" ? `<span class="note">${escape(label)}</span>` : "";
  }

  /** The address holds moment, selection and tab, so that sharing it is sharing the view. */
  remember() {
    if (this.options.compact || !this.ready) return;
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      const url = new URL(location.href);
      const put = (key, value) => (value === null ? url.searchParams.delete(key) : url.searchParams.set(key, value));
      put("t", this.timeline.t >= this.run.end_s ? null : +this.timeline.t.toFixed(3));
      put("pick", this.timeline.pickedId);
      put("tab", this.tab === "logs" ? null : this.tab);
      history.replaceState(history.state, "", url);
    }, 250);
  }

  restore() {
    const asked = new URL(location.href).searchParams;
    if (asked.has("pick")) this.timeline.pick(asked.get("pick"));
    if (asked.has("t") && Number.isFinite(Number(asked.get("t")))) this.timeline.seek(Number(asked.get("t")));
    const tab = one(`[data-tab="${CSS.escape(asked.get("tab") ?? "logs")}"]`, this.root);
    if (tab && tab.dataset.tab !== "logs") this.showTab(tab);
    this.ready = true;
  }
}

function whatHappened(item) {
  if (item.count > 1) return `${item.count} × ${NAMES[item.kind].toLowerCase()}`;
  if (item.what) return `${item.what}, ${(item.label || NAMES[item.kind]).toLowerCase()}`;
  if (item.kind === "init") return _("cold start");
  if (item.kind === "wait") return item.label || _("waits in the queue");
  if (item.kind === "dlq") return _("moved to the dead-letter queue");
  if (item.kind === "dest") return _("sent to its destination");
  if (item.kind === "drop") return _("dropped");
  if (item.kind === "thr") return _("throttled, back to the queue");
  if (item.kind === "run") return `${_("attempt")} ${item.attempt} ${_("is running")}`;
  const ends = item.kind === "timeout" ? `, ${_("timed out")}` : "";
  if (!item.attempt) return NAMES[item.kind].toLowerCase();
  return item.of ? `${_("attempt")} ${item.attempt} ${_("of")} ${item.of}${ends}` : `${_("attempt")} ${item.attempt}${ends}`;
}

async function runOf(place) {
  const source = document.getElementById(place.dataset.player);
  if (source) return JSON.parse(source.textContent);
  const answer = await fetch(place.dataset.playerUrl);
  if (!answer.ok) throw new Error(`${_("the server answered with")} ${answer.status}`);
  return answer.json();
}

/** In place of a run that cannot be drawn; the table under it shows the same. */
function tellWhy(place, error) {
  const live = one("[data-player-live]", place);
  const says = document.createElement("p");
  says.className = "trouble player-trouble";
  says.setAttribute("role", "alert");
  says.textContent = `${_("This run cannot be drawn here:")} ${messageOf(error) ?? error.name}. ${_("The table has all of it. Reload the page to try again.")}`;
  live.replaceChildren(says);
  place.classList.remove("live");
  place.classList.add("failed");
}

/** Loads the run of every `[data-player]` inside `root` and puts a player in its place, or says why it cannot. */
export async function mountPlayers(root, options = {}) {
  for (const place of root.querySelectorAll("[data-player]:not([data-mounted])")) {
    place.dataset.mounted = "";
    let player;
    try {
      player = await mountPlayer(place, options);
    } catch (error) {
      tellWhy(place, error);
      continue;
    }
    options.onMount?.(player);
  }
}

async function mountPlayer(place, options) {
  const run = await runOf(place);
  const compact = place.dataset.compact !== undefined;
  const player = new Player(one("[data-player-live]", place), run, { compact, stats: one(".stats", place), ...options });
  place.player = player;
  const table = one("details.run-table", place);
  if (table) table.open = false;
  place.classList.add("live");
  return player;
}
