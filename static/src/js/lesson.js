// A lesson: its figures come alive, a checked answer is announced, definitions can be dismissed,
// and the table of contents follows.
import { all, one, say } from "./lib/dom.js";
import { mountPlayers } from "./run/player.js";

mountPlayers(document);

document.addEventListener("htmx:load", (event) => {
  const part = event.detail.elt;
  mountPlayers(part.parentElement ?? part);
  const words = one("[data-say]", part);
  if (words) say(words.textContent.trim().replace(/\s+/g, " "));
});

// A definition opens inside the column, and Esc closes it without moving the focus (WCAG 1.4.13).
for (const term of all(".term")) {
  const place = () => {
    term.classList.remove("shut", "flip");
    const definition = one(".term-definition", term);
    if (definition.getBoundingClientRect().right > document.documentElement.clientWidth - 12) term.classList.add("flip");
  };
  term.addEventListener("pointerenter", place);
  term.addEventListener("focusin", place);
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") all(".term:hover, .term:focus-within").forEach((term) => term.classList.add("shut"));
});

const links = new Map(all(".toc a").map((link) => [link.hash.slice(1), link]));
if (links.size) {
  const headings = [...links.keys()].map((id) => document.getElementById(id));
  const follow = () => {
    const current = headings.findLast((heading) => heading.getBoundingClientRect().top < 140) ?? headings[0];
    for (const [id, link] of links) link.toggleAttribute("aria-current", id === current.id);
    links.get(current.id).setAttribute("aria-current", "true");
  };
  let asked = false;
  addEventListener("scroll", () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      follow();
    });
  }, { passive: true });
  follow();
}
