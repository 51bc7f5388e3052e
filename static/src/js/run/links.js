// The paths between the attempts of one event. A place is where one of its bars stands.
const ROUND = 4;

function toQueue(a, b) {
  return `M${a.right} ${a.middle} h2 q${ROUND} 0 ${ROUND} -${ROUND} V${b.middle + ROUND} q0 -${ROUND} ${ROUND} -${ROUND}`;
}

function downTo(a, x, top) {
  return `M${a.right} ${a.middle} H${Math.max(x - ROUND, a.right)} q${ROUND} 0 ${ROUND} ${ROUND} V${top - 3}`;
}

const arrow = (x, top) => `M${x - 3.5} ${top - 7} l3.5 4.5 l3.5 -4.5`;

/** SVG paths from each item to the next one that stands in another lane. */
export function linkPaths(places, isFuture) {
  const ordered = [...places].sort((a, b) => a.item.t0 - b.item.t0 || a.item.t1 - b.item.t1);
  const paths = [];
  for (let n = 1; n < ordered.length; n += 1) {
    const a = ordered[n - 1], b = ordered[n];
    if (a.item.lane === b.item.lane) continue;
    const later = isFuture(b.item) ? ' class="f"' : "";
    if (b.item.kind === "wait" && b.middle < a.middle) {
      paths.push(`<path${later} d="${toQueue(a, b)}"/>`);
      continue;
    }
    if (b.top <= a.middle) continue; // only ever drawn downwards or into the queue
    const centred = b.item.kind === "dlq" || b.item.kind === "dest" || b.item.kind === "drop";
    const x = centred ? (b.left + b.right) / 2 : b.left + Math.min(7, (b.right - b.left) / 2);
    paths.push(`<path${later} d="${downTo(a, Math.max(x, a.right + ROUND), b.top)}"/>`, `<path${later} d="${arrow(Math.max(x, a.right + ROUND), b.top)}"/>`);
  }
  return paths.join("");
}
