// What every page has: theme, help, account menu, and a word beside the control when htmx fails.
import { one, translate } from "./lib/dom.js";

const root = document.documentElement;
const themeButton = one("#theme-btn");
const helpButton = one("#help-btn");
const help = one("#help");

const isDark = () =>
  root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

function labelTheme() {
  themeButton?.setAttribute("aria-label", isDark() ? themeButton.dataset.toLight : themeButton.dataset.toDark);
}

themeButton?.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  try {
    localStorage.setItem("lambdalab-theme", root.dataset.theme);
  } catch {
    // The choice then lasts as long as the page.
  }
  labelTheme();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", labelTheme);
labelTheme();

helpButton?.addEventListener("click", () => help.showModal());
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  const menu = one("#account-menu[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = one("#account-menu[open]");
    if (menu) {
      menu.open = false;
      one("summary", menu).focus();
    }
  }
  const typing = event.target.closest?.("input:not([type=range]):not([type=radio]):not([type=checkbox]),textarea,select,[contenteditable=true]");
  if (event.key === "?" && !typing && !help.open) help.showModal();
});

// htmx: a failed request says so next to the control that caused it.
function report(event, text) {
  const source = event.detail.elt;
  const place = source.closest("form") ?? source;
  let note = place.nextElementSibling;
  if (!note?.matches?.("[data-trouble]")) {
    note = document.createElement("p");
    note.className = "trouble";
    note.dataset.trouble = "";
    note.setAttribute("role", "alert");
    place.after(note);
  }
  note.textContent = text;
}
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  const text = status === 403 ? translate("You are signed out, or may not do this. Reload the page.")
    : status === 429 ? translate("Too many requests. Wait a moment, then try again.")
    : translate("The server could not do this. Try again.");
  report(event, text);
});
document.addEventListener("htmx:sendError", (event) => report(event, translate("The server is not answering. Try again.")));
document.addEventListener("htmx:beforeRequest", (event) => {
  const place = event.detail.elt.closest("form") ?? event.detail.elt;
  if (place.nextElementSibling?.matches?.("[data-trouble]")) place.nextElementSibling.remove();
});
