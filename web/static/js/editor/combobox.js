// A list to choose from by typing: the pattern of the ARIA practices, with the list below the field.
import { element } from "./words.js";

const MOST = 60;

export class Combobox {
  // options: [{value, words, short, group, note, warn, find}]; chosen(value) is called when one is taken.
  constructor(input, list, { options, chosen, none }) {
    this.input = input;
    this.list = list;
    this.options = options;
    this.chosen = chosen;
    this.none = none;
    this.value = null;
    this.at = -1;
    input.addEventListener("input", () => this.open(input.value));
    input.addEventListener("click", () => (this.isOpen ? this.close() : this.open("")));
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => setTimeout(() => document.activeElement !== input && this.back(), 120));
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    list.addEventListener("click", (event) => {
      const one = event.target.closest("[role=option]");
      if (one?.dataset.value) this.take(one.dataset.value);
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  show(value) {
    this.value = value == null ? null : String(value);
    this.back();
  }

  back() {
    this.close();
    this.input.value = this.options.find((one) => String(one.value) === this.value)?.words ?? "";
  }

  open(typed) {
    const wanted = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.options.filter((one) => wanted.every((part) => one.find.includes(part))).slice(0, MOST);
    let group = null;
    this.list.replaceChildren();
    for (const one of found) {
      if (one.group !== group) {
        group = one.group;
        this.list.append(element("li", { role: "presentation", class: "o-combo-group" }, group));
      }
      this.list.append(
        element(
          "li",
          { role: "option", id: `${this.list.id}-${one.value}`, "data-value": one.value, "aria-selected": String(String(one.value) === this.value), class: "o-combo-one" },
          element("span", {}, one.short ?? one.words),
          element("span", { class: one.warn ? "o-combo-note o-soon" : "o-combo-note" }, one.note ?? ""),
        ),
      );
    }
    if (!found.length) this.list.append(element("li", { role: "option", "aria-disabled": "true", class: "o-combo-none" }, this.none));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.move(found.length ? Math.max(0, wanted.length ? 0 : found.findIndex((one) => String(one.value) === this.value)) : -1);
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.at = -1;
  }

  move(to) {
    const all = [...this.list.querySelectorAll("[role=option][data-value]")];
    if (!all.length) return;
    this.at = (to + all.length) % all.length;
    all.forEach((one, number) => one.classList.toggle("o-combo-at", number === this.at));
    all[this.at].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", all[this.at].id);
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!this.isOpen) return this.open("");
      this.move(this.at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && this.isOpen) {
      event.preventDefault();
      const one = this.list.querySelectorAll("[role=option][data-value]")[this.at];
      if (one) this.take(one.dataset.value);
    } else if (event.key === "Escape" && this.isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.back();
    }
  }

  take(value) {
    this.value = value;
    this.back();
    this.chosen(value);
  }
}
