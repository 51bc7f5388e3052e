import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, lasting, roughly, spoken } from "../src/js/run/words.js";

test("moments are written as a clock", () => {
  assert.equal(clock(61.5), "1:01.5");
  assert.equal(clock(59.97), "1:00.0");
  assert.equal(clock(3661, 0), "1:01:01");
});

test("lengths are said shortly", () => {
  assert.deepEqual([0.0034, 0.33, 2.5, 59.99, 119, 3600, 21599].map(lasting), ["3 ms", "330 ms", "2.5 s", "1 min", "1 min 59 s", "1 h", "5 h 59 min"]);
  assert.equal(roughly(119, true), "2 min");
});

test("a screen reader hears whole words", () => {
  assert.equal(spoken(61), "1 minute 1.0 seconds");
  assert.equal(spoken(7200), "2 hours 0.0 seconds");
});
