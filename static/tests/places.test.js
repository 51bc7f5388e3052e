import assert from "node:assert/strict";
import { test } from "node:test";
import { barPlaces } from "../src/js/run/places.js";
import { makeScale } from "../src/js/run/scale.js";

const linear = (end) => makeScale([], end, 1000, false);

test("a handler of milliseconds is wide enough for its glyph", () => {
  const item = { kind: "ok", t0: 10, t1: 10.003 };
  assert.equal(barPlaces([item], linear(100)).get(item).width, 18);
});

test("a bar never runs into the next one", () => {
  const items = [{ kind: "ok", t0: 10, t1: 10.01 }, { kind: "err", t0: 11, t1: 11.01 }];
  const places = barPlaces(items, linear(100));
  const [a, b] = items.map((item) => places.get(item));
  assert.ok(a.left + a.width <= b.left);
});

test("a cold start is joined to its invocation and pushes it along", () => {
  const init = { kind: "init", t0: 1, t1: 1.1 }, ran = { kind: "ok", t0: 1.1, t1: 1.2 };
  const places = barPlaces([init, ran], linear(100));
  assert.equal(places.get(init).joined, true);
  assert.equal(places.get(init).left + places.get(init).width, places.get(ran).left);
});

test("crowded throttles become dots, the end of an event never does", () => {
  const throttles = [0, 0.1, 0.2].map((t) => ({ kind: "thr", t0: t, t1: t, row: 0 }));
  const drop = { kind: "drop", t0: 0.3, t1: 0.3, row: 0 };
  const places = barPlaces([...throttles, drop], linear(100));
  assert.deepEqual(throttles.map((item) => places.get(item).dot), [true, true, true]);
  assert.equal(places.get(drop).dot, false);
});

test("of two copies that wait in one row only the first is labelled", () => {
  const waits = [1, 1.2].map((t) => ({ kind: "wait", t0: t, t1: t + 50, row: 0, label: "retry in 1 min" }));
  const places = barPlaces(waits, linear(100));
  assert.deepEqual(waits.map((item) => places.get(item).labelled), ["over", false]);
});
