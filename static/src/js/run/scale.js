// Virtual time <-> pixels, piecewise linear. Idle stretches longer than GAP_S are folded to a fixed width,
// as long as the folds take at most half of the picture; a run that is never idle stays linear.
const GAP_S = 5;
const PAD_S = 0.22;

/** The stretches in which something happens, apart by more than GAP_S. */
function busyStretches(items, end) {
  const spans = items
    .filter((item) => item.kind !== "wait")
    .map((item) => [Math.max(0, item.t0 - PAD_S), Math.min(end, item.t1 + PAD_S)])
    .sort((a, b) => a[0] - b[0]);
  const stretches = [];
  for (const [from, to] of spans) {
    const last = stretches.at(-1);
    if (last && from - last.t1 < GAP_S) last.t1 = Math.max(last.t1, to);
    else stretches.push({ t0: from, t1: to });
  }
  if (!stretches.length) return [{ t0: 0, t1: end }];
  if (stretches[0].t0 < GAP_S) stretches[0].t0 = 0;
  if (end - stretches.at(-1).t1 < GAP_S) stretches.at(-1).t1 = end;
  return stretches;
}

function withFolds(stretches, end) {
  const parts = [];
  let at = 0;
  for (const stretch of stretches) {
    if (stretch.t0 > at) parts.push({ t0: at, t1: stretch.t0, idle: true });
    parts.push(stretch);
    at = stretch.t1;
  }
  if (end > at) parts.push({ t0: at, t1: end, idle: true });
  return parts;
}

/** The last part that begins at or before `value`, by halving. */
function partAt(parts, value, key) {
  let low = 0, high = parts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (parts[middle][key] <= value) low = middle;
    else high = middle - 1;
  }
  return parts[low];
}

export function makeScale(items, runEnd, width, wantFolds) {
  const end = Math.max(runEnd, 0.001);
  let parts = withFolds(busyStretches(items, end), end);
  const folds = parts.filter((part) => part.idle).length;
  const [least, most] = width < 480 ? [30, 38] : [38, 78];
  const foldPx = Math.min(most, width / 2 / Math.max(folds, 1));
  const foldable = folds > 0 && foldPx >= least;
  const folded = wantFolds && foldable;
  if (!folded) parts = [{ t0: 0, t1: end }];
  const busyS = parts.reduce((sum, part) => sum + (part.idle ? 0 : part.t1 - part.t0), 0);
  const pxPerS = (width - (folded ? folds * foldPx : 0)) / busyS;
  let x = 0;
  for (const part of parts) {
    part.x0 = x;
    x += part.idle ? foldPx : (part.t1 - part.t0) * pxPerS;
    part.x1 = x;
  }
  const between = (value, [a, b], [c, d]) => (b > a ? c + ((value - a) / (b - a)) * (d - c) : c);
  const toX = (t) => {
    const part = partAt(parts, t, "t0");
    return between(Math.min(t, end), [part.t0, part.t1], [part.x0, part.x1]);
  };
  const toT = (px) => {
    const part = partAt(parts, px, "x0");
    return between(Math.min(px, width), [part.x0, part.x1], [part.t0, part.t1]);
  };
  return { parts, toX, toT, pxPerS, folded, foldable, width, end };
}

const STEPS_S = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400];

const LETTER_PX = 7.1, BETWEEN_PX = 8;

/** What stands on the ruler: the length of each fold, and marks of time where they do not collide. */
export function ruler(scale, { foldLabel, tickLabel }) {
  const roomPx = (s) => (scale.end >= 3600 && s >= 60 && s < 3600 ? 92 : 58); // "2 h 30 min" needs more
  const step = STEPS_S.find((s) => s * scale.pxPerS >= roomPx(s)) ?? STEPS_S.at(-1);
  const taken = [];
  const isFree = (from, to) => taken.every((other) => to + BETWEEN_PX <= other.from || from >= other.to + BETWEEN_PX);
  const folds = scale.parts.filter((part) => part.idle).map((part) => {
    const wide = part.x1 - part.x0, text = foldLabel(part.t1 - part.t0, wide);
    const half = (text.length * (LETTER_PX - 0.6)) / 2, middle = (part.x0 + part.x1) / 2;
    taken.push({ from: middle - half, to: middle + half });
    return { x: part.x0, wide, text };
  });
  const marks = [];
  for (const part of scale.parts) {
    if (part.idle) continue;
    for (let n = Math.ceil(part.t0 / step - 1e-9); n * step <= part.t1 + 1e-6; n += 1) {
      const x = scale.toX(Math.min(n * step, scale.end)), text = tickLabel(n * step, step);
      const wide = text.length * LETTER_PX;
      const edge = x > scale.width - wide / 2 || part.x1 - x < 14 ? "end" : x - part.x0 < 14 ? "start" : "";
      const from = edge === "end" ? x - wide : edge === "start" ? x : x - wide / 2;
      if (!isFree(from, from + wide)) continue;
      taken.push({ from, to: from + wide });
      marks.push({ x, edge, text });
    }
  }
  return { folds, marks };
}
