// Before the first paint, so that a chosen theme does not flash. Without a choice the style sheet
// follows the system by itself. And before every other script, so that it hears when one of them fails.
import stamp from "lambdalab:stamp";
import { failureOf, filled, isStale } from "./lib/health.js";

const root = document.documentElement;
root.classList.add("js");
try {
  const chosen = localStorage.getItem("lambdalab-theme");
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
} catch {
  // Storage may be blocked; the system's theme stays.
}

const page = document.querySelector('meta[name="lambdalab-stamp"]')?.content;
const stale = isStale(page, stamp);
let failure = null;

/** One sentence under the top bar: that the scripts are of other sources, which explains all else, or what failed. */
function tell() {
  const place = document.getElementById("page-trouble");
  if (!place || (!stale && failure === null)) return;
  place.textContent = stale ? place.dataset.stale : filled(place.dataset.failed, failure);
  place.hidden = false;
}

function hear(event) {
  const message = failureOf(event, location.origin);
  if (message === null) return;
  failure ??= message;
  if (event.target?.tagName === "SCRIPT") root.classList.remove("js"); // then the page is as without JavaScript
  tell();
}
addEventListener("error", hear, true); // captured: that of a script which does not arrive does not bubble
addEventListener("unhandledrejection", hear);
document.addEventListener("DOMContentLoaded", tell);
