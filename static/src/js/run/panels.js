// The tabs under the timeline. Each panel draws once for an event or filter, and follows the playhead
// by toggling what it crossed.
import { all, escape, icon, one, translate as _ } from "../lib/dom.js";
import { chartHtml } from "./charts.js";
import { clock, ICONS, lasting, NAMES } from "./words.js";

const mark = (kind) => `<span class="k k-${kind}" aria-hidden="true">${ICONS[kind] ? icon(ICONS[kind]) : ""}</span>`;
const scrolling = (label, table) => `<div class="scroll" tabindex="0" role="region" aria-label="${label}">${table}</div>`;
const nothing = (text) => `<p class="nothing">${text}</p>`;

export function drawLogs(place, view) {
  const lines = view.run.logs.filter((line) => !view.only || line.event === view.event);
  const lane = (line) => escape(view.laneLabel(line.lane));
  place.innerHTML = `<ol class="logs">${lines.map((line) => `<li class="${line.kind}"><button type="button" class="stamp" data-t="${line.t}" aria-label="${_("Go to")} ${clock(line.t, 3)}">${clock(line.t, 3)}</button><span class="env">${lane(line)}</span><span class="msg">${line.kind === "error" ? icon("cross") : ""}${escape(line.text)}</span></li>`).join("")}</ol><p class="later" hidden></p>`;
  const rows = all("li", place);
  const later = one(".later", place);
  let shown = rows.length;
  return (t) => {
    while (shown > 0 && lines[shown - 1].t > t + 1e-6) rows[--shown].hidden = true;
    while (shown < rows.length && lines[shown].t <= t + 1e-6) rows[shown++].hidden = false;
    const left = rows.length - shown;
    later.hidden = left === 0 && rows.length > 0;
    later.textContent = !rows.length ? _("No line was written.") : left === 1 ? _("1 more line after the playhead") : `${left} ${_("more lines after the playhead")}`;
  };
}

export function drawTrace(place, view) {
  const rows = view.run.trace?.[view.event] ?? [];
  if (!rows.length) {
    place.innerHTML = nothing(_("Select a bar of an event to see its trace."));
    return () => {};
  }
  const { toX, width } = view.scale;
  const line = (row) => {
    const x0 = toX(row.t0), x1 = Math.max(x0 + 4, toX(row.t1));
    const beside = x1 > width - 70 ? `right:${width - x0 + 6}px` : `left:${x1 + 6}px`;
    return `<li><span class="tname" style="--lvl:${row.level ?? 0}">${escape(row.name)}</span><span class="tline"><span class="tbar ${escape(row.kind)}" style="left:${x0}px;width:${x1 - x0}px"></span><span class="tdur" style="${beside}">${row.t1 > row.t0 ? lasting(row.t1 - row.t0) : ""}</span></span></li>`;
  };
  place.innerHTML = `<ol class="trace" style="--label:${view.label}px">${rows.map(line).join("")}</ol>`;
  const items = all("li", place);
  return (t) => rows.forEach((row, n) => items[n].classList.toggle("future", row.t0 > t + 1e-6));
}

export function drawMetrics(place, view) {
  const draw = (t) => {
    place.innerHTML = view.run.metrics?.length ? `<div class="metrics">${view.run.metrics.map((metric) => chartHtml(metric, t)).join("")}</div>` : nothing(_("No metric has a value."));
  };
  const periods = Math.min(...(view.run.metrics ?? []).map((metric) => metric.period_s), Infinity);
  let drawn;
  return (t) => {
    const at = Math.floor(t / periods);
    if (at !== drawn) draw(t);
    drawn = at;
  };
}

const usd = (value) => (value === 0 ? "$0" : value < 0.01 ? `$${value.toPrecision(3).replace(/e-(\d+)/, " × 10⁻$1")}` : `$${value.toFixed(2)}`);
const million = (value) => `$${(value * 1e6).toFixed(2)}`;

export function drawBill(place, view) {
  const { bill } = view.run;
  if (!bill) {
    place.innerHTML = nothing(_("Nothing was billed."));
    return () => {};
  }
  const rows = bill.rows.map((row) => `<tr><th scope="row">${escape(row.item)}</th><td>${escape(row.quantity)}</td><td class="num">${million(row.usd)}</td></tr>`).join("");
  place.innerHTML = scrolling(_("Bill"), `<table class="grid"><caption>${_("What the whole run would cost, if it were repeated a million times")}${bill.note ? ` (${escape(bill.note)})` : ""}. ${_("Once:")} ${usd(bill.total_usd)}</caption>
    <thead><tr><th scope="col">${_("Item")}</th><th scope="col">${_("Quantity, one run")}</th><th scope="col" class="num">${_("Cost, a million runs")}</th></tr></thead>
    <tbody>${rows}</tbody><tfoot><tr><th scope="row" colspan="2">${_("Total")}</th><td class="num">${million(bill.total_usd)}</td></tr></tfoot></table>`);
  return () => {};
}

export function drawTable(place, view) {
  const items = view.run.items.filter((item) => !view.only || item.event === view.event);
  const what = (item) => `${item.count > 1 ? `${item.count} × ` : ""}${NAMES[item.kind]}${item.attempt && item.kind !== "wait" ? `, ${_("attempt")} ${item.attempt}` : ""}`;
  const row = (item) => `<tr><td>${clock(item.t0, 2)}</td><th scope="row">${escape(view.eventLabel(item.event))}</th><td>${mark(item.kind)}${what(item)}${item.message ? `<span class="note"> ${escape(item.message)}</span>` : ""}</td><td>${escape(view.laneLabel(item.lane))}</td><td class="num">${item.t1 > item.t0 ? lasting(item.t1 - item.t0) : ""}</td></tr>`;
  place.innerHTML = scrolling(_("Events"), `<table class="grid"><caption>${_("Everything on the timeline, in order")}</caption><thead><tr><th scope="col">${_("Start")}</th><th scope="col">${_("Event")}</th><th scope="col">${_("What")}</th><th scope="col">${_("Where")}</th><th scope="col" class="num">${_("Lasted")}</th></tr></thead><tbody>${items.map(row).join("")}</tbody></table>`);
  const rows = all("tbody tr", place);
  return (t) => rows.forEach((el, n) => el.classList.toggle("future", items[n].t0 > t + 1e-6));
}

export const PANELS = {
  logs: { label: _("Logs"), draw: drawLogs, filtered: true },
  trace: { label: _("Trace"), draw: drawTrace },
  metrics: { label: _("Metrics"), draw: drawMetrics },
  bill: { label: _("Bill"), draw: drawBill },
  table: { label: _("Table"), draw: drawTable, filtered: true },
};
export { mark };
