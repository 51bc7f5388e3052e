// The totals up to the playhead. At the end they are the run's own figures.
import { escape } from "../lib/dom.js";
import { isBeside, isFailure, isInvocation } from "./words.js";

const TONES = { errors: "err", throttles: "thr", dead_lettered: "dlq", dropped: "err", timeouts: "err" };
const times = (items, test) => items.reduce((sum, item) => (!isBeside(item) && test(item) ? sum + (item.count ?? 1) : sum), 0);
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
  if (stat.key.endsWith("usd")) { // of each invocation: what was billed so far, shared by those that have ended
    const ended = past.filter((item) => item.t1 <= t);
    const each = (items) => billed(items) / (times(items, isInvocation) || 1);
    return money(final ? stat.value : (stat.value * each(ended)) / (each(run.items) || 1));
  }
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
