// A simple form, built in the page and kept as a form-js file beside the diagram. What it does not know it leaves alone.
import { ask } from "./keep.js";
import { element, say } from "./words.js";

const KINDS = {
  text: { type: "textfield" },
  long: { type: "textarea" },
  number: { type: "number" },
  date: { type: "datetime", subtype: "date" },
  yes: { type: "checkbox" },
  one: { type: "radio", options: true },
  list: { type: "select", options: true },
  several: { type: "checklist", options: true },
};
const OWN = ["type", "subtype", "key", "label", "dateLabel", "values", "validate"];

export const kindOfField = (one) =>
  Object.keys(KINDS).find((kind) => KINDS[kind].type === one.type && (!KINDS[kind].subtype || KINDS[kind].subtype === one.subtype)) ?? null;

export function slug(words, taken, fallback) {
  const plain = words.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 40).replace(/_+$/, "");
  const first = /^[a-z]/.test(plain) ? plain : fallback;
  let key = first;
  for (let number = 2; taken.has(key); number += 1) key = `${first}_${number}`;
  return key;
}

export class FormBuilder {
  constructor(dialog, urls, pen, done) {
    Object.assign(this, { dialog, urls, pen, done });
    this.rows = dialog.querySelector("[data-rows]");
    this.template = dialog.querySelector("template");
    this.error = dialog.querySelector("[data-form-error]");
    dialog.querySelector("[data-add-field]").addEventListener("click", () => this.addRow({}).querySelector("[data-label]").focus());
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter?.value === "cancel") return dialog.close();
      this.keep();
    });
    this.rows.addEventListener("click", (event) => this.clicked(event));
    this.rows.addEventListener("change", (event) => event.target.matches("[data-kind]") && this.fit(event.target.closest("li")));
    this.rows.addEventListener("input", (event) => event.target.matches("[data-label]") && this.nameKey(event.target.closest("li")));
  }

  // path: the file; title: what the step is called; present: digest of the file it begins from, none for a new one.
  async open(path, title, present) {
    this.path = path;
    this.present = present ?? null;
    this.form = { type: "default", id: path.replace(/\.form\.json$|\.form$|\.json$/, ""), schemaVersion: 16, components: [] };
    if (present) {
      const answer = await fetch(`${this.urls.file}?path=${encodeURIComponent(path)}`);
      try {
        const read = JSON.parse(await answer.text());
        if (!Array.isArray(read.components)) throw new Error("no form-js");
        this.form = read;
      } catch {
        return this.done({ refused: say("form_not_simple", { path }) });
      }
    }
    this.dialog.querySelector("[data-form-title]").textContent = title;
    this.dialog.querySelector("[data-form-path]").textContent = path;
    this.rows.replaceChildren();
    this.say("");
    this.form.components.forEach((one) => this.addRow(one));
    if (!this.form.components.length) this.addRow({ type: "textfield" });
    this.dialog.showModal();
  }

  addRow(component) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    row.component = component;
    row.id = `o-form-row-${Math.random().toString(36).slice(2)}`;
    const kind = component.type ? kindOfField(component) : "text";
    row.classList.toggle("o-form-locked", kind === null);
    const [label, key, kinds, options] = ["label", "key", "kind", "options"].map((name) => row.querySelector(`[data-${name}]`));
    for (const [name, input] of Object.entries({ label, key, kind: kinds, options })) {
      input.id = `${row.id}-${name}`;
      input.closest(".o-field").querySelector("label").htmlFor = input.id;
    }
    label.value = component.label ?? component.dateLabel ?? component.text ?? "";
    key.value = component.key ?? "";
    key.dataset.own = component.key ? "yes" : "";
    if (kind) kinds.value = kind;
    row.querySelector("[data-required]").checked = component.validate?.required === true;
    options.value = (component.values ?? []).map((one) => one.label ?? String(one.value)).join("\n");
    if (kind === null) {
      row.querySelector("[data-editable]").remove();
      row.querySelector("[data-locked]").textContent = say("field_locked", { kind: component.type ?? "?", label: label.value || component.path || component.id || "" });
    } else {
      row.querySelector("[data-locked]").remove();
      this.fit(row);
    }
    this.rows.append(row);
    return row;
  }

  fit(row) {
    const options = row.querySelector("[data-options]")?.closest(".o-field");
    if (options) options.hidden = !KINDS[row.querySelector("[data-kind]").value].options;
  }

  nameKey(row) {
    const key = row.querySelector("[data-key]");
    if (key.dataset.own) return;
    const taken = new Set([...this.rows.querySelectorAll("[data-key]")].filter((one) => one !== key).map((one) => one.value));
    const number = [...this.rows.children].indexOf(row) + 1;
    key.value = slug(row.querySelector("[data-label]").value, taken, `field_${number}`);
  }

  clicked(event) {
    const button = event.target.closest("[data-move], [data-drop]");
    const row = button?.closest("li");
    if (event.target.matches("[data-key]")) event.target.dataset.own = "yes";
    if (!row) return;
    if (button.dataset.drop !== undefined) {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      (next?.querySelector("[data-label], button") ?? this.dialog.querySelector("[data-add-field]")).focus();
    } else {
      if (button.dataset.move === "up") row.previousElementSibling?.before(row);
      else row.nextElementSibling?.after(row);
      button.focus();
    }
  }

  component(row, taken) {
    if (row.classList.contains("o-form-locked")) return row.component;
    const kind = KINDS[row.querySelector("[data-kind]").value];
    const label = row.querySelector("[data-label]").value.trim();
    const key = row.querySelector("[data-key]").value.trim() || slug(label, taken, `field_${taken.size + 1}`);
    if (!label) throw Object.assign(new Error(say("field_without_label")), { at: row.querySelector("[data-label]") });
    if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(key)) throw Object.assign(new Error(say("field_key_unfit", { key })), { at: row.querySelector("[data-key]") });
    if (taken.has(key)) throw Object.assign(new Error(say("field_twice", { key })), { at: row.querySelector("[data-key]") });
    taken.add(key);
    // What the file says beyond these (limits, conditions, layout) stays as it is.
    const rest = Object.fromEntries(Object.entries(row.component).filter(([name]) => !OWN.includes(name)));
    const validate = { ...row.component.validate, required: row.querySelector("[data-required]").checked };
    if (!validate.required) delete validate.required;
    const made = { id: rest.id ?? `field_${key}`, ...rest, type: kind.type, key, label };
    if (kind.subtype) Object.assign(made, { subtype: kind.subtype, dateLabel: label });
    if (Object.keys(validate).length) made.validate = validate;
    if (kind.options) made.values = this.options(row);
    return made;
  }

  options(row) {
    const field = row.querySelector("[data-options]");
    const before = new Map((row.component.values ?? []).map((one) => [one.label ?? String(one.value), one.value]));
    const lines = field.value.split("\n").map((one) => one.trim()).filter(Boolean);
    if (!lines.length) throw Object.assign(new Error(say("field_without_options")), { at: field });
    const taken = new Set(lines.map((one) => before.get(one)).filter((one) => one !== undefined));
    return lines.map((label, number) => {
      if (before.has(label)) return { label, value: before.get(label) };
      const value = slug(label, taken, `choice_${number + 1}`);
      taken.add(value);
      return { label, value };
    });
  }

  async keep() {
    const taken = new Set();
    let content;
    try {
      this.form.components = [...this.rows.children].map((row) => this.component(row, taken));
      content = `${JSON.stringify(this.form, null, 2)}\n`;
    } catch (fault) {
      this.say(fault.message);
      return fault.at?.focus();
    }
    let answer;
    try {
      answer = await ask(this.urls.file, { path: this.path, content, replaces: this.present, pen: this.pen });
    } catch {
      return this.say(say("unreachable"));
    }
    if (answer.ok) {
      this.dialog.close();
      return this.done({ path: this.path });
    }
    this.say(answer.sentence ?? say("not_understood"));
    if (answer.status === 409) this.offerReplacing(content);
    return undefined;
  }

  offerReplacing(content) {
    const button = element("button", { type: "button", class: "o-btn o-btn-s" }, say("replace_theirs"));
    button.addEventListener("click", async () => {
      const now = await ask(this.urls.findings);
      this.present = now.files?.find((one) => one.path === this.path)?.digest ?? null;
      await this.keep(content);
    });
    this.error.append(" ", button);
  }

  say(sentence) {
    this.error.replaceChildren(sentence);
    this.error.hidden = !sentence;
  }
}
