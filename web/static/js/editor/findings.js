// What the office found, as marks on the drawing and as a list beside it. Nothing is found here: every rule is the server's.
import { isOf } from "./pen.js";
import { element, say } from "./words.js";

const GROUPS = ["out", "post", "look", "told", "waived"];
const OPEN = new Set(["out", "post", "look"]); // something is to be done
export const isOpen = (one) => OPEN.has(one.group);

export class Findings {
  constructor(modeler, { list, tab, brief, go }) {
    Object.assign(this, { modeler, list, tab, brief, go });
    this.found = [];
    this.marked = new Map();
  }

  of(id) {
    return this.found.filter((one) => one.element === id);
  }

  show(found) {
    this.found = found;
    this.mark();
    this.write();
  }

  mark() {
    const canvas = this.modeler.get("canvas");
    const registry = this.modeler.get("elementRegistry");
    const overlays = this.modeler.get("overlays");
    for (const [id, name] of this.marked) if (registry.get(id)) canvas.removeMarker(id, name);
    this.marked.clear();
    overlays.remove({ type: "o-finding" });
    for (const [id, those] of grouped(this.found)) {
      const shape = id && registry.get(id);
      const said = those.filter(isOpen).map((one) => one.sentence);
      // What is about the whole stands in its panel, not somewhere on the paper.
      if (!shape || !said.length || isOf(shape, "bpmn:Process", "bpmn:Collaboration")) continue;
      const severity = those.some((one) => one.group === "out") ? "blocks" : "attention";
      // A whole lane in colour would drown what stands in it.
      if (!isOf(shape, "bpmn:Lane", "bpmn:Participant")) {
        canvas.addMarker(id, `o-${severity}`);
        this.marked.set(id, `o-${severity}`);
      }
      const badge = element("button", { type: "button", class: `o-badge o-badge-${severity} o-draw-badge`, title: said.join("\n"), "aria-label": said.join(" ") }, said.length > 1 ? String(said.length) : "!");
      badge.addEventListener("click", (event) => {
        event.stopPropagation();
        this.go(id);
      });
      overlays.add(id, "o-finding", { position: isOf(shape, "bpmn:Lane", "bpmn:Participant") ? { top: 6, left: 36 } : place(shape), html: badge, scale: { min: 0.75, max: 1.1 } });
    }
  }

  write() {
    const those = Object.fromEntries(GROUPS.map((key) => [key, this.found.filter((one) => one.group === key)]));
    const open = this.found.filter(isOpen).length;
    const count = this.tab.querySelector("b");
    count.textContent = String(open);
    count.hidden = !open;
    this.tab.classList.toggle("o-draw-tab-late", those.out.length > 0);
    const first = ["out", "post", "look"].find((key) => those[key].length);
    this.brief.className = { out: "o-draw-brief o-late", post: "o-draw-brief o-soon", look: "o-draw-brief o-soon" }[first] ?? "o-draw-brief o-ok";
    this.brief.textContent = first ? `${say(`group_${first}`)} · ${those[first].length}` : say("nothing_found");
    this.list.replaceChildren();
    for (const key of GROUPS) {
      if (!those[key].length) continue;
      this.list.append(element("h2", { class: key === "out" ? "o-late" : "" }, `${say(`group_${key}`)} · ${those[key].length}`));
      const rows = element("ul", { class: "o-draw-found" });
      for (const one of those[key]) rows.append(element("li", { class: `o-draw-found-${key}` }, this.one(one)));
      this.list.append(rows);
    }
    if (!this.found.length) this.list.append(element("p", { class: "o-sub" }, say("nothing_found")));
  }

  one(found) {
    const there = found.element && this.modeler.get("elementRegistry").get(found.element);
    const inside = [element("b", {}, found.sentence), element("span", { class: "o-sub" }, found.remedy)];
    if (!there) return element("div", { class: "o-draw-finding" }, ...inside);
    const button = element("button", { type: "button", class: "o-draw-finding" }, ...inside);
    button.addEventListener("click", () => this.go(found.element));
    return button;
  }
}

function grouped(found) {
  const places = new Map();
  for (const one of found) places.set(one.element, [...(places.get(one.element) ?? []), one]);
  return places;
}

function place(shape) {
  if (!shape.waypoints) return shape.width < 60 ? { top: -24, right: 6 } : { top: -14, right: 16 };
  // In the middle of the longest stretch of a way.
  const stretches = shape.waypoints.slice(1).map((one, number) => [shape.waypoints[number], one]);
  const length = ([one, other]) => Math.hypot(one.x - other.x, one.y - other.y);
  const [one, other] = stretches.reduce((best, stretch) => (length(stretch) > length(best) ? stretch : best));
  const left = Math.min(...shape.waypoints.map((point) => point.x));
  const top = Math.min(...shape.waypoints.map((point) => point.y));
  return { top: (one.y + other.y) / 2 - top - 12, left: (one.x + other.x) / 2 - left - 12 };
}
