// The same procedure as a list: every step in the order it is come to, with the same panel. Nothing in it needs a mouse.
import { isOpen } from "./findings.js";
import { isHuman, isOf, kindOf, triggerKind } from "./pen.js";
import { element, say } from "./words.js";

export class Outline {
  constructor(modeler, pen, owners, findings, list, go) {
    Object.assign(this, { modeler, pen, owners, findings, list, go });
  }

  // From where it begins, a way at a time; what nothing leads to comes last.
  inOrder() {
    const all = this.pen.steps();
    const seen = new Set();
    const order = [];
    const begins = all.filter((one) => isOf(one, "bpmn:StartEvent"));
    const visit = (first) => {
      const waiting = [first];
      while (waiting.length) {
        const one = waiting.shift();
        if (seen.has(one)) continue;
        seen.add(one);
        order.push(one);
        for (const attached of one.attachers ?? []) waiting.push(attached);
        for (const flow of one.outgoing ?? []) if (flow.target && isOf(flow, "bpmn:SequenceFlow")) waiting.push(flow.target);
      }
    };
    begins.forEach(visit);
    [...all].sort((one, other) => one.x - other.x || one.y - other.y).forEach(visit);
    return order;
  }

  write(selected) {
    // Hundreds of steps are not listed anew with every change while nobody sees the list.
    if (this.list.closest("[role=tabpanel]").hidden) return;
    const held = document.activeElement?.closest?.("[data-outline]") ? document.activeElement.dataset.id : null;
    this.list.replaceChildren();
    for (const shape of this.inOrder()) {
      const lane = this.owners.laneOf(shape);
      const post = isHuman(shape) ? this.owners.postOf(shape) : null;
      const found = this.findings.of(shape.id).filter(isOpen);
      const under = [isHuman(shape) ? null : kindWords(shape), post ? null : lane ? this.owners.laneName(lane) : null].filter(Boolean).join(" · ");
      const button = element(
        "button",
        { type: "button", class: "o-draw-step", "data-id": shape.id, "aria-current": shape === selected ? "true" : null },
        element("b", {}, this.pen.name(shape) || say("nameless")),
        element("span", { class: "o-sub" }, under, post ? `${post.name}, ${post.department}` : isHuman(shape) ? element("span", { class: "o-soon" }, `${under ? " · " : ""}${say("no_post_yet")}`) : ""),
        found.length ? element("span", { class: found.some((one) => one.group === "out") ? "o-chip o-chip-late" : "o-chip o-chip-warn" }, say("found", { number: found.length })) : null,
      );
      button.addEventListener("click", () => this.go(shape.id));
      this.list.append(element("li", {}, button));
    }
    if (held) this.list.querySelector(`[data-id="${CSS.escape(held)}"]`)?.focus();
  }
}

export function kindWords(shape) {
  const kinds = say("kinds");
  const trigger = isOf(shape, "bpmn:Event") ? triggerKind(shape) : null;
  const kind = kinds[kindOf(shape)] ?? kindOf(shape);
  return trigger && kinds[trigger] ? say("kind_with", { kind, trigger: kinds[trigger] }) : kind;
}

// Drawing without the canvas: what comes next, where a way leads, a new lane.
export class Adding {
  constructor(modeler, pen, place, go) {
    Object.assign(this, { modeler, pen, place, go });
    this.to = place.querySelector("[data-connect]");
    place.addEventListener("click", (event) => {
      const button = event.target.closest("[data-add]");
      if (button) this.add(button.dataset.add);
    });
    this.to.addEventListener("change", () => this.connect(this.to.value));
  }

  show(shape) {
    this.shape = shape;
    const flows = isOf(shape, "bpmn:FlowNode") && !isOf(shape, "bpmn:EndEvent");
    this.place.querySelector("h3").hidden = !flows && !isOf(shape, "bpmn:Lane", "bpmn:Participant");
    for (const button of this.place.querySelectorAll("[data-add]")) {
      const lanes = button.dataset.add.startsWith("lane");
      button.hidden = lanes ? !isOf(shape, "bpmn:Lane", "bpmn:Participant") : button.dataset.add === "remove" ? isOf(shape, "bpmn:Process", "bpmn:Collaboration") : !flows;
    }
    this.to.closest(".o-field").hidden = !flows;
    const others = this.pen.steps().filter((one) => one !== shape && one.parent === shape.parent && !isOf(one, "bpmn:StartEvent", "bpmn:BoundaryEvent"));
    this.to.replaceChildren(element("option", { value: "" }, say("choose")), ...others.map((one) => element("option", { value: one.id }, this.pen.name(one) || `${kindWords(one)} (${one.id})`)));
  }

  add(what) {
    const shape = this.shape;
    const modeling = this.pen.modeling;
    if (what === "remove") {
      const next = shape.incoming?.[0]?.source ?? shape.parent;
      modeling.removeElements([shape]);
      return this.go(next?.id);
    }
    if (what.startsWith("lane")) {
      const before = new Set(this.pen.registry.filter((one) => isOf(one, "bpmn:Lane")));
      modeling.addLane(shape, what === "lane-above" ? "top" : "bottom");
      const made = this.pen.registry.filter((one) => isOf(one, "bpmn:Lane") && !before.has(one)).at(-1);
      return this.go(made?.id, true);
    }
    const made = this.modeler.get("elementFactory").createShape({ type: `bpmn:${what}` });
    this.modeler.get("autoPlace").append(shape, made);
    this.go(made.id, true);
  }

  connect(id) {
    const target = this.pen.registry.get(id);
    if (!target) return;
    const made = this.pen.modeling.connect(this.shape, target, { type: "bpmn:SequenceFlow" });
    this.go(made?.id ?? this.shape.id, true);
  }
}
