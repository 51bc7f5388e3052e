// The timeline: HTML buttons for bars (focus, zoom and forced colours come free), one aria-hidden SVG for
// connectors, a native range input as the playhead. A seek never redraws: it toggles what the playhead crossed.
import { all, escape, icon, one, translate as _ } from "../lib/dom.js";
import { linkPaths } from "./links.js";
import { barPlaces } from "./places.js";
import { makeScale, ruler } from "./scale.js";
import { clock, ICONS, isBeside, isFailure, isPoint, lasting, NAMES, roughly, spoken } from "./words.js";

const SCRUB_STEPS = 10000;
const NUMBER_PX = 30; // room for a glyph and the number of the attempt
const NAMED_PX = 64; // room for the name of a state or an action
const SOON_S = 1e-6; // virtual time is in microseconds

export class Timeline {
  constructor(root, run, on = {}) {
    this.root = root;
    this.run = run;
    this.on = on;
    this.t = run.end_s;
    this.skipIdle = true;
    this.laneById = new Map(run.lanes.map((lane) => [lane.id, lane]));
    this.itemById = new Map(run.items.map((item) => [item.id, item]));
    this.choose(firstTroubled(run));
    this.frame();
    this.listen();
    this.draw();
  }

  choose(item) {
    this.pickedId = item?.id ?? null;
    this.event = item?.event ?? null;
  }

  frame() {
    const hint = `tl-hint-${Math.random().toString(36).slice(2, 8)}`;
    this.root.innerHTML = `
      <div class="ruler"><div class="ruler-in" aria-hidden="true"></div>
        <input class="scrub" type="range" min="0" max="${SCRUB_STEPS}" step="1" value="${SCRUB_STEPS}" aria-label="${_("Playhead, virtual time")}"></div>
      <div class="lanes" role="grid" aria-label="${_("What happened, a row for each queue and execution environment")}" aria-describedby="${hint}"></div>
      <p class="sr-only" id="${hint}">${_("Arrow keys move between bars and lanes. Enter selects. The table holds the same data.")}</p>`;
    this.ruler = one(".ruler-in", this.root);
    this.scrub = one(".scrub", this.root);
    this.lanes = one(".lanes", this.root);
  }

  listen() {
    this.scrub.addEventListener("input", () => {
      this.seek(this.scale.toT((this.scrub.value / SCRUB_STEPS) * this.width));
      this.on.scrub?.();
    });
    this.lanes.addEventListener("click", (event) => {
      const bar = event.target.closest(".bar");
      if (bar) this.pick(bar.dataset.id);
    });
    this.lanes.addEventListener("keydown", (event) => this.walk(event));
    let width = this.root.clientWidth;
    new ResizeObserver(() => {
      if (!this.root.isConnected || this.root.clientWidth === width) return; // a page may have swapped it out
      width = this.root.clientWidth;
      this.draw();
      this.on.draw?.();
    }).observe(this.root);
  }

  draw() {
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    const narrow = this.root.clientWidth < 560;
    this.narrow = narrow;
    this.label = narrow ? 0 : 112;
    this.width = Math.max(120, this.root.clientWidth - this.label - 12);
    this.scale = makeScale(this.run.items, this.run.end_s, this.width, this.skipIdle);
    this.root.style.setProperty("--label", `${this.label}px`);
    this.root.classList.toggle("narrow", narrow);
    this.ruler.innerHTML = this.rulerHtml();
    this.lanes.innerHTML = `${this.foldsHtml()}${this.run.lanes.map((lane, at) => this.laneHtml(lane, at)).join("")}
      <svg class="links" aria-hidden="true" focusable="false"></svg><i class="head" aria-hidden="true"></i>`;
    this.index();
    if (focused) this.bars.get(focused)?.focus();
  }

  rulerHtml() {
    const { folds, marks } = ruler(this.scale, {
      foldLabel: (seconds, wide) => roughly(seconds, wide < 70),
      tickLabel: (t, step) => {
        if (this.run.end_s < 3600 || step < 60) return clock(t, step < 0.01 ? 3 : step < 0.1 ? 2 : step < 1 ? 1 : 0);
        return t === 0 ? "0" : lasting(t);
      },
    });
    return folds.map((fold) => `<span class="gap" style="left:${fold.x}px;width:${fold.wide}px"><b>${fold.text}</b></span>`).join("")
      + marks.map((mark) => `<span class="tick ${mark.edge}" style="left:${mark.x}px">${mark.text}</span>`).join("");
  }

  foldsHtml() {
    const folds = this.scale.parts.filter((part) => part.idle);
    return folds.map((part) => `<i class="fold" aria-hidden="true" style="left:${this.label + part.x0}px;width:${part.x1 - part.x0}px"></i>`).join("");
  }

  laneHtml(lane, at) {
    const { toX } = this.scale;
    const items = this.run.items.filter((item) => item.lane === lane.id);
    const life = lane.from_s == null ? "" : `<span class="life" aria-hidden="true" style="left:${toX(lane.from_s)}px;right:${this.width - toX(lane.to_s ?? this.run.end_s)}px"></span>`;
    const rows = lane.rows > 1 ? lane.rows : 1;
    const places = barPlaces(items, this.scale);
    const bars = items.map((item) => this.barHtml(item, rows > 1, places.get(item))).join("");
    const last = at === this.run.lanes.length - 1 ? " lane-last" : "";
    return `<div class="lane lane-${lane.kind}${last}" role="row" style="--rows:${rows}"><div class="lane-label" role="rowheader"><b>${escape(lane.label)}</b><small>${escape(lane.sub ?? "")}</small></div>
      <div class="track" role="gridcell">${life}${bars}</div></div>`;
  }

  barHtml(item, rowed, { left, width, joined, dot, labelled }) {
    const point = isPoint(item);
    const classes = ["bar", item.kind, joined && "joined", dot && "dot", item.count > 1 && "many", isBeside(item) && "beside",
      item.kind === "wait" && (labelled === "over" || item.t1 - item.t0 < 5) && "near", !point && width < 19 && "slim"].filter(Boolean).join(" ");
    const style = `left:${left.toFixed(2)}px;width:${width.toFixed(2)}px${rowed ? `;--row:${item.row ?? 0}` : ""}`;
    return `<button type="button" class="${classes}" tabindex="-1" data-id="${escape(item.id)}"${rowed ? ` data-row="${item.row ?? 0}"` : ""} style="${style}">${this.faceHtml(item, width, point, dot, labelled)}</button>`;
  }

  faceHtml(item, width, point, dot, labelled) {
    if (item.kind === "wait") return `${labelled ? `<span class="wlabel">${escape(item.label)}</span>` : ""}<i></i>`;
    const glyph = !dot && ICONS[item.kind] && (point || width >= 12) ? icon(ICONS[item.kind]) : "";
    if (item.count > 1) return `${glyph}<span class="n">${item.count}</span>`;
    if (isBeside(item) && !point && width >= NAMED_PX) return `${glyph}<span class="n">${escape(item.what)}</span>`;
    const numbered = item.attempt && (isFailure(item) || item.attempt > 1 || item.kind === "run") && width >= NUMBER_PX;
    return glyph + (numbered ? `<span class="n">${item.attempt}</span>` : "");
  }

  /** The full name of a bar, as a screen reader says it. */
  nameOf(item) {
    if (this.isLater(item)) { // a wait keeps its visible label, everything else its secret
      return [_("After the playhead"), item.kind === "wait" && item.label, `${_("at")} ${spoken(item.t0)}`].filter(Boolean).join(", ");
    }
    const point = isPoint(item);
    return [
      this.labelOf(item),
      !(item.count > 1) && item.what,
      item.attempt && !point && item.kind !== "init" && `${_("attempt")} ${item.attempt}`,
      item.count > 1 ? `${item.count} × ${NAMES[item.kind].toLowerCase()}` : `${(item.label || NAMES[item.kind]).toLowerCase()}${item.message ? ` ${item.message}` : ""}`,
      this.laneById.get(item.lane)?.label,
      `${_("at")} ${spoken(item.t0)}`,
      !point && `${_("lasting")} ${lasting(item.t1 - item.t0)}`,
    ].filter(Boolean).join(", ");
  }

  labelOf(item) {
    return this.run.events?.[item.event]?.label ?? "";
  }

  /** After a draw: which button shows which item, in the order the playhead meets them. */
  index() {
    this.head = one(".head", this.lanes);
    this.bars = new Map(all(".bar", this.lanes).map((el) => [el.dataset.id, el]));
    this.order = this.run.items.filter((item) => this.bars.has(item.id)).sort((a, b) => a.t0 - b.t0);
    this.passed = this.order.length; // how many lie at or before the playhead; the DOM shows them all as past
    for (const [id, el] of this.bars) el.setAttribute("aria-label", this.nameOf(this.itemById.get(id)));
    this.mark();
    this.move(true);
  }

  mark() {
    const stop = this.bars.has(this.pickedId) ? this.pickedId : this.order[0]?.id;
    for (const [id, el] of this.bars) {
      const item = this.itemById.get(id);
      el.classList.toggle("mine", item.event === this.event && this.event !== null);
      el.classList.toggle("sel", id === this.pickedId);
      el.setAttribute("aria-pressed", String(id === this.pickedId));
      el.tabIndex = id === stop ? 0 : -1;
    }
    const mine = this.run.items.filter((item) => item.event === this.event);
    const tone = mine.some(isFailure) ? "err" : mine.some((item) => item.kind === "thr") ? "thr" : "ok";
    this.root.dataset.tone = tone;
  }

  cross(item, future) {
    const el = this.bars.get(item.id);
    el.classList.toggle("future", future);
    el.setAttribute("aria-label", this.nameOf(item));
    return item.event === this.event;
  }

  /** Only what the playhead crossed since the last time. */
  move(relink = false) {
    let mine = relink;
    while (this.passed > 0 && this.order[this.passed - 1].t0 > this.t + SOON_S) {
      this.passed -= 1;
      mine = this.cross(this.order[this.passed], true) || mine;
    }
    while (this.passed < this.order.length && this.order[this.passed].t0 <= this.t + SOON_S) {
      mine = this.cross(this.order[this.passed], false) || mine;
      this.passed += 1;
    }
    const x = this.scale.toX(this.t);
    this.head.style.left = `${this.label + x}px`; // not a custom property: every bar would inherit it and be restyled
    this.scrub.value = Math.round((x / this.width) * SCRUB_STEPS);
    this.scrub.setAttribute("aria-valuetext", this.nowText());
    if (mine) this.links();
  }

  nowText() {
    const now = [];
    for (let n = this.passed - 1; n >= 0 && now.length < 3; n -= 1) {
      const item = this.order[n];
      if (item.t1 > this.t && item.kind !== "wait") now.push(`${item.what ?? this.labelOf(item)} ${NAMES[item.kind].toLowerCase()}, ${this.laneById.get(item.lane)?.label}`);
      if (this.t - item.t0 > 900) break;
    }
    return `${spoken(this.t)}, ${now.length ? now.join(", ") : _("idle")}`;
  }

  /** Attempt -> queue -> next attempt, for the selected event only. */
  links() {
    const svg = one(".links", this.lanes);
    const mine = this.order.filter((item) => item.event === this.event && this.event !== null && !isBeside(item));
    if (mine.length > 40) return; // a picture of forty connectors explains nothing; the SVG stays empty
    const box = this.lanes.getBoundingClientRect();
    svg.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
    const placeOf = (item) => {
      const r = this.bars.get(item.id).getBoundingClientRect();
      const top = r.top - box.top;
      return { item, left: r.left - box.left, right: r.right - box.left, top, bottom: top + r.height, middle: top + r.height / 2 };
    };
    svg.innerHTML = linkPaths(mine, placeOf, (item) => this.isLater(item));
  }

  seek(t) {
    this.t = Math.max(0, Math.min(this.run.end_s, t));
    this.move();
    this.on.seek?.(this.t);
  }

  isLater(item) {
    return item.t0 > this.t + SOON_S;
  }

  /** The moments at which something begins or ends. */
  get moments() {
    this.known ??= [...new Set([0, this.run.end_s, ...this.run.items.flatMap((item) => (item.kind === "wait" ? [] : [item.t0, item.t1]))])].sort((a, b) => a - b);
    return this.known;
  }

  step(direction) {
    const near = 1e-4;
    const to = direction > 0 ? this.moments.find((t) => t > this.t + near) : this.moments.findLast((t) => t < this.t - near);
    if (to !== undefined) this.seek(to);
  }

  pick(id) {
    const item = this.itemById.get(id);
    if (!item) return;
    this.choose(item);
    if (item.t0 > this.t) this.seek(item.t1);
    this.mark();
    this.links();
    this.on.pick?.(item);
  }

  fold(on) {
    this.skipIdle = on;
    this.draw();
    this.on.draw?.();
  }

  walk(event) {
    const bar = event.target.closest(".bar");
    if (!bar) return;
    const rows = all(".lane", this.lanes).map((lane) => all(".bar", lane));
    const row = rows.findIndex((bars) => bars.includes(bar));
    const at = rows[row].indexOf(bar);
    const nearest = (bars) => {
      const x = bar.getBoundingClientRect().left;
      const off = (other) => Math.abs(other.getBoundingClientRect().left - x);
      return bars.reduce((best, other) => (off(other) < off(best) ? other : best));
    };
    const other = (step) => {
      for (let n = row + step; rows[n]; n += step) if (rows[n].length) return nearest(rows[n]);
      return null;
    };
    const to = {
      ArrowRight: () => rows[row][at + 1], ArrowLeft: () => rows[row][at - 1], Home: () => rows[row][0], End: () => rows[row].at(-1),
      ArrowDown: () => other(1), ArrowUp: () => other(-1),
    }[event.key];
    if (!to) return;
    event.preventDefault();
    const next = to();
    if (!next) return;
    bar.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}

/** What is selected at first: the last failed attempt of the first event that failed, else the last event. */
export function firstTroubled(run) {
  const failed = run.items.find((item) => isFailure(item) && !isBeside(item));
  if (failed) return run.items.findLast((item) => item.event === failed.event && isFailure(item) && !isBeside(item));
  const ended = run.items.find((item) => item.kind === "drop" || item.kind === "dlq" || isFailure(item));
  return ended ?? run.items.find((item) => item.kind === "thr") ?? run.items.findLast((item) => item.kind !== "wait") ?? null;
}
