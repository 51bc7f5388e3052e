// Where the bars of a lane stand, in pixels. A handler may take three milliseconds in a picture of an hour:
// a bar is drawn wide enough for its glyph, as far as the next one leaves room, and a cold start pushes the
// invocation it belongs to along with it.
import { isPoint } from "./words.js";

const GLYPH_PX = 18, LEAST_PX = 4, APART_PX = 2, CROWDED_PX = 16;
const DOT_PX = 10, MARK_PX = 26, THROTTLE_PX = 24;
const LABEL_PX = 90;
const TOGETHER_S = 0.002;

/** A Map from item to `{left, width, joined, dot, labelled}`; `items` are those of one lane, in time order. */
export function barPlaces(items, scale) {
  const places = new Map();
  placePoints(items, scale, places);
  placeWaits(items, scale, places);
  const rows = new Map();
  for (const item of items) {
    if (places.has(item)) continue;
    const row = item.row ?? 0;
    if (!rows.has(row)) rows.set(row, []);
    rows.get(row).push(item);
  }
  for (const work of rows.values()) placeWork(work, scale, places);
  return places;
}

function placePoints(items, { toX, width: laneWidth }, places) {
  const lastOfRow = new Map();
  const points = items.filter(isPoint);
  const crowded = new Set();
  for (const item of points) {
    if (item.kind !== "thr") continue; // the end of an event is never made small
    const before = lastOfRow.get(item.row ?? 0);
    if (before && toX(item.t0) - toX(before.t0) < CROWDED_PX) crowded.add(item).add(before);
    lastOfRow.set(item.row ?? 0, item);
  }
  for (const item of points) {
    const dot = crowded.has(item) && !(item.count > 1);
    const width = dot ? DOT_PX : item.kind === "thr" ? THROTTLE_PX : MARK_PX;
    places.set(item, { left: Math.min(toX(item.t0) - width / 2, laneWidth - width + 6), width, dot });
  }
}

/** Two copies of one event may wait side by side in one row: only the first of them is
    labelled, and its label stands over the line of the other. */
function placeWaits(items, { toX }, places) {
  const labelledTo = new Map();
  for (const item of items) {
    if (item.kind !== "wait") continue;
    const left = toX(item.t0), width = Math.max(LEAST_PX, toX(item.t1) - left), row = item.row ?? 0;
    const first = labelledTo.get(row);
    const copy = first && first.to > left + 1;
    if (copy) first.place.labelled = "over";
    const place = { left, width, labelled: Boolean(item.label) && width > LABEL_PX && !copy };
    if (place.labelled) labelledTo.set(row, { to: left + width, place });
    places.set(item, place);
  }
}

function placeWork(items, { toX, width: laneWidth }, places) {
  const startOf = (item) => (item ? toX(item.t0) : Infinity);
  const exact = (item) => toX(item.t1) - toX(item.t0);
  for (let n = 0; n < items.length; n += 1) {
    const item = items[n], next = items[n + 1];
    const joined = item.kind === "init" && next !== undefined && next.kind !== "init" && next.t0 - item.t1 < TOGETHER_S;
    const unit = joined ? [item, next] : [item];
    const room = startOf(items[n + unit.length]) - toX(item.t0) - APART_PX;
    const wanted = unit.map((each) => Math.max(exact(each), GLYPH_PX));
    const total = wanted.reduce((a, b) => a + b, 0);
    const widths = total <= room ? wanted : unit.map((each) => Math.max(LEAST_PX, exact(each), Math.min(GLYPH_PX, room / unit.length)));
    let left = Math.max(0, Math.min(toX(item.t0), laneWidth - widths.reduce((a, b) => a + b, 0)));
    unit.forEach((each, at) => {
      places.set(each, { left, width: widths[at], joined: joined && at === 0 });
      left += widths[at];
    });
    n += unit.length - 1;
  }
}
