import assert from "node:assert/strict";
import { test } from "node:test";
import { barPlaces } from "../src/js/run/places.js";
import { makeScale } from "../src/js/run/scale.js";
import { statsHtml } from "../src/js/run/stats.js";
import { firstTroubled } from "../src/js/run/timeline.js";
import { isInvocation } from "../src/js/run/words.js";

const state = { id: "i1", kind: "err", lane: "machine/orders", what: "Charge", t0: 0, t1: 4, row: 0 };
const handler = { id: "i2", kind: "ok", lane: "env", event: "r1", attempt: 1, t0: 1, t1: 2, billed_ms: 100 };

test("what stands beside the functions is no invocation and counts as none", () => {
  assert.equal(isInvocation(state), false);
  const stats = [{ label: "Invocations", key: "invocations", value: 1 }, { label: "Errors", key: "errors", value: 0 }];
  const html = statsHtml({ items: [state, handler], stats, end_s: 10 }, 5);
  assert.match(html, /Invocations<\/dt><dd>1</);
  assert.match(html, /Errors<\/dt><dd>0</);
});

test("the cost of a million invocations does not grow with the playhead", () => {
  const later = { ...handler, id: "i3", t0: 6, t1: 7 };
  const stats = [{ label: "Cost", key: "per_million_invocations_usd", value: 8 }];
  const run = { items: [handler, later], stats, end_s: 10 };
  assert.match(statsHtml(run, 5), /\$8\.00/);
  assert.match(statsHtml(run, 10), /\$8\.00/);
});

test("bars of different rows do not take each other's room", () => {
  const other = { ...state, id: "i4", what: "Ship", t0: 0.01, t1: 4, row: 1 };
  const places = barPlaces([state, other], makeScale([], 10, 1000, false));
  assert.ok(places.get(state).width > 300);
});

test("a failed invocation is selected before a failed state", () => {
  const failed = { ...handler, id: "i5", kind: "err" };
  assert.equal(firstTroubled({ items: [state, failed] }), failed);
  assert.equal(firstTroubled({ items: [state, handler] }), state);
});
