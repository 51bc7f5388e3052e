// The paths between the attempts of one event: failure -> queue -> next attempt -> where it ended.
// Two copies of one event have the same id, so what follows what is told by the time, not by the order.
const ROUND = 4, SAME_S = 0.05;
const ENDS = new Set(["dlq", "dest", "drop"]);

const isWait = (item) => item.kind === "wait";
const isEnd = (item) => ENDS.has(item.kind);

/** The item of `items` for which `distance` is least and not below zero. */
function closest(items, distance, most = Infinity) {
  let best = null;
  for (const item of items) {
    const far = distance(item);
    if (far >= -1e-6 && far <= most && (!best || far < distance(best))) best = item;
  }
  return best;
}

/** Pairs `[from, to]` of items that follow each other, for the items of one event in time order. */
export function pairs(items) {
  const work = items.filter((item) => !isWait(item) && !isEnd(item));
  const taken = new Set();
  const found = [];
  for (const wait of items.filter(isWait)) {
    const from = closest(work, (item) => Math.abs(wait.t0 - item.t1), SAME_S);
    const to = closest(work.filter((item) => !taken.has(item)), (item) => item.t0 - wait.t1);
    if (from) found.push([from, wait]);
    if (to && to.kind !== "thr") {
      taken.add(to);
      found.push([wait, to]);
    }
  }
  for (const end of items.filter(isEnd)) {
    const from = closest(items.filter((item) => !isEnd(item)), (item) => end.t0 - item.t1);
    if (from) found.push([from, end]);
  }
  return found;
}

const down = (x, y) => `M${x - 3.5} ${y - 7} l3.5 4.5 l3.5 -4.5`;
const up = (x, y) => `M${x - 3.5} ${y + 7} l3.5 -4.5 l3.5 4.5`;

function path(a, b) {
  if (isWait(b.item)) {
    if (b.middle >= a.middle) return "";
    return `M${a.right} ${a.middle} h2 q${ROUND} 0 ${ROUND} -${ROUND} V${b.middle + ROUND} q0 -${ROUND} ${ROUND} -${ROUND}`;
  }
  const x = isEnd(b.item) ? (b.left + b.right) / 2 : b.left + Math.min(7, (b.right - b.left) / 2);
  const reaches = x >= a.right + ROUND; // else it stands right above or below
  if (b.top > a.middle) {
    return (reaches ? `M${a.right} ${a.middle} H${x - ROUND} q${ROUND} 0 ${ROUND} ${ROUND} V${b.top - 3}` : `M${x} ${a.bottom} V${b.top - 3}`) + down(x, b.top);
  }
  if (b.bottom < a.middle) {
    return (reaches ? `M${a.right} ${a.middle} H${x - ROUND} q${ROUND} 0 ${ROUND} -${ROUND} V${b.bottom + 3}` : `M${x} ${a.top} V${b.bottom + 3}`) + up(x, b.bottom);
  }
  return "";
}

/** SVG paths; `placeOf(item)` is where its bar stands, `isFuture` whether the playhead has not reached it. */
export function linkPaths(items, placeOf, isFuture) {
  return pairs(items)
    .filter(([from, to]) => from.lane !== to.lane)
    .map(([from, to]) => {
      const d = path(placeOf(from), placeOf(to));
      return d && `<path${isFuture(to) ? ' class="f"' : ""} d="${d}"/>`;
    })
    .join("");
}
