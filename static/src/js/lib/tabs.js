// One pattern for every tablist: one tab stop, arrows, Home and End.
import { all } from "./dom.js";

export function tabs(list, show) {
  const every = () => all("[role=tab]", list);
  const pick = (tab, focus = false) => {
    for (const other of every()) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    }
    if (focus) tab.focus();
    show(tab);
  };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) pick(tab);
  });
  list.addEventListener("keydown", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (!tab) return;
    const order = every();
    const at = order.indexOf(tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: order.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    pick(order.at(to % order.length), true);
  });
  return pick;
}
