import assert from "node:assert/strict";
import { test } from "node:test";
import { makeScale, ruler } from "../src/js/run/scale.js";

const work = (t0, t1) => ({ kind: "ok", t0, t1 });
const LABELS = { foldLabel: (s) => `${Math.round(s)} s`, tickLabel: (t) => `0:0${t}` };

test("idle stretches are folded to a fixed width, and back", () => {
  const scale = makeScale([work(0.5, 1), work(61, 61.3), work(181, 182)], 182, 800, true);
  assert.equal(scale.folded, true);
  assert.deepEqual(scale.parts.map((part) => Boolean(part.idle)), [false, true, false, true, false]);
  for (const t of [0, 0.7, 30, 61.2, 100, 181.5, 182]) assert.ok(Math.abs(scale.toT(scale.toX(t)) - t) < 1e-6, `at ${t}`);
  assert.ok(Math.abs(scale.toX(182) - 800) < 1e-6);
});

test("time never runs back on the scale", () => {
  const scale = makeScale([work(3, 4), work(60, 61), work(300, 320)], 400, 640, true);
  let before = -1;
  for (let t = 0; t <= 400; t += 0.5) {
    assert.ok(scale.toX(t) >= before);
    before = scale.toX(t);
  }
});

test("folds that would take more than half of the width leave the scale linear", () => {
  const many = Array.from({ length: 40 }, (_, n) => work(n * 60, n * 60 + 0.1));
  const scale = makeScale(many, 2400, 800, true);
  assert.equal(scale.foldable, false);
  assert.equal(scale.parts.length, 1);
  assert.equal(scale.toX(1200), 400);
});

test("waiting is not busy: a queue that only waits can be folded", () => {
  const wait = { kind: "wait", t0: 1, t1: 60 };
  assert.equal(makeScale([work(0, 1), wait, work(60, 61)], 61, 800, true).folded, true);
});

test("a run in which nothing happens has a scale all the same", () => {
  const scale = makeScale([], 0, 500, true);
  assert.equal(scale.toX(0), 0);
  assert.ok(Number.isFinite(scale.toT(250)));
});

test("labels of the ruler do not touch each other", () => {
  const scale = makeScale([work(0.2, 0.3), work(20, 20.2), work(36, 36.1), work(52, 52.2), work(70, 70.1)], 80, 420, true);
  const { folds, marks } = ruler(scale, LABELS);
  const spans = [
    ...folds.map(({ x, wide, text }) => [x + wide / 2 - text.length * 3.2, x + wide / 2 + text.length * 3.2]),
    ...marks.map(({ x, edge, text }) => {
      const from = edge === "end" ? x - text.length * 7 : edge === "start" ? x : x - text.length * 3.5;
      return [from, from + text.length * 7];
    }),
  ].sort((a, b) => a[0] - b[0]);
  for (let n = 1; n < spans.length; n += 1) assert.ok(spans[n][0] >= spans[n - 1][1], `${spans[n - 1]} and ${spans[n]}`);
});
