// The files of a lab: tabs over real textareas, each of which becomes an editor when it is first opened.
// The textarea stays the truth that forms send.
import { all, one } from "../lib/dom.js";
import { tabs } from "../lib/tabs.js";

export class Files {
  constructor(form, { nonce, onChange, onRun }) {
    this.form = form;
    this.options = { nonce, onChange, onRun };
    this.marks = new Map();
    this.files = new Map(all(".file", form).map((place) => [place.dataset.path, { place, area: one("textarea", place), editor: null }]));
    this.show = tabs(one("#file-tabs"), (tab) => this.open(tab.getAttribute("aria-controls")));
    for (const [path, file] of this.files) {
      const { place, area } = file;
      place.setAttribute("role", "tabpanel");
      place.setAttribute("aria-labelledby", `tab-${place.id}`);
      area.addEventListener("input", () => onChange(path, area.value));
    }
  }

  get first() {
    return this.files.values().next().value;
  }

  open(id) {
    for (const { place } of this.files.values()) {
      place.hidden = place.id !== id;
      place.classList.toggle("open", place.id === id);
      if (place.id === id) this.enhance(place.dataset.path);
    }
  }

  async enhance(path) {
    const file = this.files.get(path);
    file.loading ??= this.load(path, file);
    return file.loading;
  }

  async load(path, file) {
    const { createEditor } = await import("../editor/editor.js");
    const { place, area } = file;
    const focused = document.activeElement === area ? area.selectionStart : null;
    file.editor = await createEditor({
      parent: place, text: area.value, language: place.dataset.language, readOnly: area.readOnly, label: path,
      nonce: this.options.nonce, onRun: this.options.onRun,
      onChange: (text) => {
        area.value = text;
        this.options.onChange(path, text);
      },
    });
    place.classList.add("edited");
    if (focused !== null) {
      file.editor.view.dispatch({ selection: { anchor: Math.min(focused, area.value.length) } });
      file.editor.view.focus();
    }
    file.editor.mark(this.marks.get(path) ?? []);
  }

  text(path) {
    return this.files.get(path)?.area.value;
  }

  /** Put a text into a file, as if it had been typed. */
  replace(path, text) {
    const file = this.files.get(path);
    if (!file || file.area.value === text) return;
    file.area.value = text;
    if (file.editor) file.editor.replace(text);
    else this.options.onChange(path, text);
  }

  /** The path of a file that Lambda names from where it runs: "/var/task/app.py" is "src/app.py" here. */
  resolve(name) {
    if (!name || this.files.has(name)) return name;
    const tail = name.replace(/^\/var\/task\//, "");
    return [...this.files.keys()].find((path) => path === tail || path.endsWith(`/${tail}`)) ?? name;
  }

  /** `marks` are `{file, line, text}`; all others are taken away. */
  mark(marks) {
    this.marks = Map.groupBy(marks, (mark) => this.resolve(mark.file));
    for (const [path, file] of this.files) file.editor?.mark(this.marks.get(path) ?? []);
  }

  /** What is in the files that may be edited. */
  edited() {
    return Object.fromEntries([...this.files].filter(([, { area }]) => !area.readOnly).map(([path, { area }]) => [path, area.value]));
  }

  async goTo(name, line) {
    const path = this.resolve(name);
    const file = this.files.get(path);
    if (!file) return;
    this.show(one(`#tab-${file.place.id}`));
    await this.enhance(path);
    file.editor.goTo(line);
  }
}
