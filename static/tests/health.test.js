import assert from "node:assert/strict";
import { test } from "node:test";
import { failureOf, filled, isStale, messageOf } from "../src/js/lib/health.js";

const HERE = "https://lab.example";

test("page and scripts of different sources are told apart", () => {
  assert.equal(isStale("a1", "b2"), true);
  assert.equal(isStale("a1", "a1"), false);
  assert.equal(isStale(undefined, "a1"), false, "a page without a stamp says nothing");
});

test("an error of a script of ours is told", () => {
  const error = new TypeError("Cannot read properties of undefined (reading 'kind')");
  assert.equal(failureOf({ type: "error", error, filename: `${HERE}/static/run.js` }, HERE), error.message);
  assert.equal(failureOf({ type: "unhandledrejection", reason: error }, HERE), error.message);
  assert.equal(failureOf({ type: "unhandledrejection", reason: "no" }, HERE), "no");
});

test("a script that does not arrive is told by its address", () => {
  const target = { tagName: "SCRIPT", src: `${HERE}/static/chunks/player-OLD.js` };
  assert.equal(failureOf({ type: "error", target }, HERE), "/static/chunks/player-OLD.js");
  assert.equal(failureOf({ type: "error", target: { tagName: "SCRIPT", src: "chrome-extension://x/y.js" } }, HERE), null);
});

test("what is no failure of ours is not told", () => {
  assert.equal(failureOf({ type: "error", message: "ResizeObserver loop completed with undelivered notifications." }, HERE), null);
  assert.equal(failureOf({ type: "error", error: new Error("x"), filename: "chrome-extension://x/y.js" }, HERE), null);
  assert.equal(failureOf({ type: "error", target: { tagName: "IMG", src: `${HERE}/x.png` } }, HERE), null);
  const left = Object.assign(new Error("The user aborted a request."), { name: "AbortError" });
  assert.equal(failureOf({ type: "unhandledrejection", reason: left }, HERE), null);
});

test("a message is one short line", () => {
  assert.equal(messageOf(new Error("first\nsecond")), "first");
  assert.equal(messageOf(new Error("x".repeat(500))).length, 200);
  assert.equal(messageOf(undefined), "?");
});

test("a word is put into a sentence as it is", () => {
  assert.equal(filled("It failed: %s.", "$& is no pattern"), "It failed: $& is no pattern.");
});
