// CodeMirror 6 with our colours. Loaded late: the page shows a textarea until this arrives.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, GutterMarker, gutterLineClass, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, WidgetType } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { icon } from "../lib/dom.js";

const LANGUAGES = {
  python: async () => (await import("@codemirror/lang-python")).python(),
  json: async () => (await import("@codemirror/lang-json")).json(),
  yaml: async () => (await import("@codemirror/lang-yaml")).yaml(),
};

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword, tags.definitionKeyword, tags.moduleKeyword, tags.bool, tags.null, tags.self], color: "var(--syn-kw)", fontWeight: "500" },
  { tag: [tags.string, tags.special(tags.string), tags.number], color: "var(--syn-str)" },
  { tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName)), tags.className, tags.definition(tags.propertyName), tags.propertyName], color: "var(--syn-fn)" },
  { tag: [tags.comment, tags.meta], color: "var(--syn-com)" },
]);

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "transparent", fontSize: "12.5px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "22px", fontVariantLigatures: "none" },
  ".cm-content": { padding: "12px 0", caretColor: "var(--accent)" },
  ".cm-line": { padding: "0 16px 0 0" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--ink-3)", border: "0", fontSize: "12px" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 14px 0 0", minWidth: "42px" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--inset) 60%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 22%, transparent)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent)" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", border: "1px solid var(--line)", borderRadius: "8px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-bad": { backgroundColor: "var(--err-soft)" },
  ".cm-gutterElement.cm-bad-gutter": { backgroundColor: "var(--err-soft)", boxShadow: "inset 2px 0 0 var(--err)", color: "var(--err)" },
  ".cm-diag": { display: "block", padding: "0 0 6px 24px", marginBottom: "-22px", whiteSpace: "normal" }, // CodeMirror ends the line with one more box,
});

class Diagnosis extends WidgetType {
  constructor(text) {
    super();
    this.text = text;
  }

  eq(other) {
    return other.text === this.text;
  }

  toDOM() {
    const block = document.createElement("span"); // inside the line, so that the gutter beside it grows with it
    block.className = "cm-diag";
    const words = document.createElement("span");
    words.className = "diag";
    words.innerHTML = icon("cross");
    words.append(this.text);
    block.append(words);
    return block;
  }
}

class BadLine extends GutterMarker {
  elementClass = "cm-bad-gutter";
}
const badLine = new BadLine();

const setMarks = StateEffect.define();

function decorate(state, marks) {
  const places = marks.filter((mark) => mark.line >= 1 && mark.line <= state.doc.lines).sort((a, b) => a.line - b.line);
  return Decoration.set(places.flatMap((mark) => {
    const line = state.doc.line(mark.line);
    return [
      Decoration.line({ class: "cm-bad" }).range(line.from),
      Decoration.widget({ widget: new Diagnosis(mark.text), side: 1 }).range(line.to),
    ];
  }), true);
}

/** The gutter beside each marked line, from the same decorations. */
function badGutters(marks) {
  const places = [];
  for (const at = marks.iter(); at.value; at.next()) if (at.value.spec.class) places.push(badLine.range(at.from));
  return RangeSet.of(places);
}

const marksField = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) if (effect.is(setMarks)) return decorate(transaction.state, effect.value);
    return marks.map(transaction.changes);
  },
  provide: (field) => [EditorView.decorations.from(field), gutterLineClass.from(field, badGutters)],
});

/** An editor at the end of `parent`. Ctrl/Cmd+Enter runs; Esc, then Tab, leaves (CodeMirror's own rule). */
export async function createEditor({ parent, text, language, readOnly, label, nonce, onChange, onRun }) {
  const syntax = await LANGUAGES[language]?.();
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        EditorView.cspNonce.of(nonce),
        lineNumbers(), highlightSpecialChars(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
        indentUnit.of(language === "python" ? "    " : "  "),
        syntaxHighlighting(colours), look, marksField,
        readOnly ? [EditorState.readOnly.of(true)] : [highlightActiveLine(), highlightActiveLineGutter(), autocompletion({ activateOnTyping: false })],
        keymap.of([{ key: "Mod-Enter", run: () => (onRun(), true) }, ...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...(readOnly ? [] : [indentWithTab])]),
        EditorView.contentAttributes.of({ "aria-label": label, "aria-readonly": String(readOnly), tabindex: "0" }),
        EditorView.updateListener.of((update) => update.docChanged && onChange?.(update.state.doc.toString())),
        syntax ?? [],
      ],
    }),
  });
  return {
    view,
    text: () => view.state.doc.toString(),
    replace(next) {
      if (next !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
    },
    mark: (marks) => view.dispatch({ effects: setMarks.of(marks) }),
    goTo(line) {
      const at = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines)).from;
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      view.focus();
    },
  };
}
