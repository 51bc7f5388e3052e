// What a page says when its scripts fail, or were built from other sources than the server's: never nothing.

/** Whether page and scripts were made of different sources. A page without a stamp says nothing about it. */
export const isStale = (page, scripts) => Boolean(page) && page !== scripts;

/** The message of an error event or a rejected promise, or null for what is no failure of a script of ours. */
export function failureOf(event, origin) {
  if (event.type === "unhandledrejection") return messageOf(event.reason);
  if (event.target?.tagName === "SCRIPT") return event.target.src.startsWith(origin) ? `${new URL(event.target.src).pathname}` : null;
  // An event without an error is a browser's own remark, as that of a ResizeObserver; one of an extension has its file.
  const ours = !event.filename || event.filename.startsWith(origin);
  return event.error instanceof Error && ours ? messageOf(event.error) : null;
}

/** An error in one line. Whoever goes on to another page ends what it was waiting for: that is none. */
export function messageOf(error) {
  if (error?.name === "AbortError") return null;
  return String(error?.message ?? error ?? "?").split("\n")[0].slice(0, 200);
}

/** A sentence of the page with a word put in, as Django's templates have it: "… %s …". */
export const filled = (sentence, word) => sentence.replace("%s", () => word);
