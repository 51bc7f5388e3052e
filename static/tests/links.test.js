import assert from "node:assert/strict";
import { test } from "node:test";
import { pairs } from "../src/js/run/links.js";

const names = (items) => pairs(items).map(([a, b]) => `${a.name}>${b.name}`).sort();

test("attempt, queue, next attempt, dead-letter queue", () => {
  const items = [
    { name: "1", kind: "err", t0: 0.7, t1: 1 }, { name: "w1", kind: "wait", t0: 1, t1: 61 },
    { name: "2", kind: "err", t0: 61, t1: 61.3 }, { name: "dlq", kind: "dlq", t0: 61.4, t1: 61.4 },
  ];
  assert.deepEqual(names(items), ["1>w1", "2>dlq", "w1>2"]);
});

test("two copies of one event keep their own ways", () => {
  const items = [
    { name: "a1", kind: "err", t0: 2, t1: 2.25 }, { name: "b1", kind: "err", t0: 2.02, t1: 2.27 },
    { name: "aw", kind: "wait", t0: 2.25, t1: 61 }, { name: "bw", kind: "wait", t0: 2.27, t1: 62.4 },
    { name: "a2", kind: "ok", t0: 61, t1: 61.2 }, { name: "b2", kind: "ok", t0: 62.4, t1: 62.6 },
  ];
  assert.deepEqual(names(items), ["a1>aw", "aw>a2", "b1>bw", "bw>b2"]);
});

test("a throttle is no attempt: nothing leads from the queue to it", () => {
  const items = [
    { name: "t1", kind: "thr", t0: 0, t1: 0 }, { name: "w1", kind: "wait", t0: 0, t1: 1 },
    { name: "t2", kind: "thr", t0: 1, t1: 1 }, { name: "w2", kind: "wait", t0: 1, t1: 3 }, { name: "1", kind: "ok", t0: 3, t1: 4 },
  ];
  assert.deepEqual(names(items), ["t1>w1", "t2>w2", "w2>1"]);
});
