// The totals up to the playhead. At the end they are the run's own figures.
import { escape } from "../lib/dom.js";
import { isFailure, isInvocation } from "./words.js";

const TONES = { errors: "err", throttles: "thr", dead_lettered: "dlq", dropped: "err", timeouts: "err" };
const times = (items, test) => items.reduce((sum, item) => (test(item) ? sum + (item.count ?? 1) : sum), 0);
const billed = (items) => items.reduce((sum, item) => sum + (item.billed_ms ?? 0), 0);

const COUNTERS = {
  invocations: (past) => times(past, isInvocation),
  errors: (past, t) => times(past, (item) => isFailure(item) && item.t1 <= t),
  timeouts: (past, t) => times(past, (item) => item.kind === "timeout" && item.t1 <= t),
  throttles: (past) => times(past, (item) => item.kind === "thr"),
  cold_starts: (past) => times(past, (item) => item.kind === "init"),
  dead_lettered: (past) => times(past, (item) => item.kind === "dlq"),
  dropped: (past) => times(past, (item) => item.kind === "drop"),
  destinations: (past) => times(past, (item) => item.kind === "dest"),
};

function money(usd) {
  if (usd >= 1000) return `$${Math.round(usd).toLocaleString("en")}`;
  return `$${usd.toFixed(usd !== 0 && usd < 0.1 ? 4 : 2)}`;
}

function valueAt(stat, run, past, t) {
  const final = t >= run.end_s - 1e-6;
  const isMoney = stat.key.endsWith("usd");
  const share = () => (final ? 1 : billed(past.filter((item) => item.t1 <= t)) / (billed(run.items) || 1));
  if (isMoney) return money(stat.value * share());
  return (final || !(stat.key in COUNTERS) ? stat.value : COUNTERS[stat.key](past, t)).toLocaleString("en");
}

/** The cells of a definition list, for the moment `t`. */
export function statsHtml(run, t) {
  const past = run.items.filter((item) => item.t0 <= t + 1e-6);
  return run.stats.map((stat) => {
    const value = valueAt(stat, run, past, t);
    const tone = TONES[stat.key] && value !== "0" ? ` data-tone="${TONES[stat.key]}"` : "";
    return `<div><dt>${escape(stat.label)}</dt><dd${tone}>${escape(value)}</dd></div>`;
  }).join("");
}
