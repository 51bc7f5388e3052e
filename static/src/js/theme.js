// Before the first paint, so that a chosen theme does not flash. Without a choice the style sheet
// follows the system by itself.
const root = document.documentElement;
root.classList.add("js");
try {
  const chosen = localStorage.getItem("lambdalab-theme");
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
} catch {
  // Storage may be blocked; the system's theme stays.
}
