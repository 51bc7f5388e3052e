// The few helpers every page uses.
export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
/** Text as HTML: everything that comes from a run passes through here. */
export const escape = (text) => String(text ?? "").replace(/[&<>"']/g, (sign) => ENTITIES[sign]);

export const icon = (name) => `<svg class="ico" aria-hidden="true" focusable="false"><use href="#i-${name}"/></svg>`;

/** Gettext's catalogue when the page carries one, else the English source. */
export const translate = (text) => globalThis.gettext?.(text) ?? text;

let lastSaid = 0;
let waiting;
/** One polite live region a page, at most one message in two seconds; the last one wins. */
export function say(text) {
  clearTimeout(waiting);
  const speak = () => {
    lastSaid = performance.now();
    one("#say").textContent = text;
  };
  const pause = 2000 - (performance.now() - lastSaid);
  if (pause <= 0) speak();
  else waiting = setTimeout(speak, pause);
}

export function readJson(id) {
  const node = document.getElementById(id);
  return node ? JSON.parse(node.textContent) : null;
}

export const csrfToken = () => one("[name=csrfmiddlewaretoken]")?.value ?? "";
