// How times, lengths and statuses are said and written. Times are seconds of virtual time.
import { translate as _ } from "../lib/dom.js";

export const NAMES = {
  run: _("Running"), ok: _("Success"), err: _("Error"), timeout: _("Timed out"), init: _("Cold start"), thr: _("Throttled"),
  wait: _("Waiting in queue"), dlq: _("Dead-lettered"), dest: _("Sent to destination"), drop: _("Dropped"), come: _("Came in"),
};
export const ICONS = {
  ok: "check", err: "cross", timeout: "clock", init: "snow", thr: "pause", dlq: "tray", dest: "send", drop: "drop", come: "bolt",
};
const POINTS = new Set(["thr", "dlq", "dest", "drop", "come"]);
/** Things that happen at a moment are drawn as marks, the others as bars. */
export const isPoint = (item) => POINTS.has(item.kind) && item.t1 - item.t0 < 0.5;
/** What services beside the functions do says in `what` what it is: it is no invocation, and counts as none. */
export const isBeside = (item) => item.what !== undefined;
export const isInvocation = (item) => !isBeside(item) && (item.kind === "ok" || item.kind === "err" || item.kind === "timeout" || item.kind === "run");
export const isFailure = (item) => item.kind === "err" || item.kind === "timeout";

const two = (n) => String(n).padStart(2, "0");

/** 61.5 is "1:01.5"; above an hour "1:00:01.5". */
export function clock(t, digits = 1) {
  const unit = 10 ** digits;
  const whole = Math.round(t * unit) / unit;
  const h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60, s = whole % 60;
  const seconds = (s < 10 ? "0" : "") + s.toFixed(digits);
  return h ? `${h}:${two(m)}:${seconds}` : `${m}:${seconds}`;
}

const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

export function spoken(t) {
  const h = Math.floor(t / 3600), m = Math.floor(t / 60) % 60, s = (t % 60).toFixed(1);
  return [h && plural(h, "hour"), m && plural(m, "minute"), `${s} seconds`].filter(Boolean).join(" ");
}

/** A length of time, as short as it can be said. */
export function lasting(t) {
  if (t < 1) return `${t > 0 && t < 0.001 ? (t * 1000).toFixed(1) : Math.round(t * 1000)} ms`;
  if (t < 59.95) return `${+t.toFixed(2)} s`;
  const s = Math.round(t);
  const parts = [[Math.floor(s / 3600), "h"], [Math.floor(s / 60) % 60, "min"], [s % 60, "s"]];
  const first = parts.findIndex(([n]) => n);
  return parts.slice(first, first + 2).filter(([n]) => n).map(([n, unit]) => `${n} ${unit}`).join(" ");
}

/** The same for the label of a fold, where there is less room. */
export function roughly(t, tiny) {
  const s = Math.round(t);
  if (s < 90) return `${s} s`;
  if (tiny) return s < 5400 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3600)} h`;
  return lasting(s);
}
