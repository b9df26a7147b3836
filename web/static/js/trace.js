// The way to a finding, turn by turn: where it went so far, and where the tokens stand. The table says the same.
import { pinned } from "./marks.js";
import { come } from "./walk.js";

export function trace(frame, viewer, { turns, said }, places) {
  const tools = frame.querySelector("[data-trace]");
  const at = frame.querySelector("[data-trace-at]");
  if (!tools || !turns.length) return;
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const overlays = viewer.get("overlays");
  const marked = [];
  let now = -1;

  const colour = (element, name) => {
    if (!registry.get(element)) return;
    canvas.addMarker(element, name);
    marked.push([element, name]);
  };
  const token = ({ element, count, held, label }, last) => {
    if (!registry.get(element)) return;
    const stuck = (held || count > 1) && last;
    colour(element, stuck ? "o-blocks" : "o-here");
    const badge = document.createElement("span");
    badge.className = `o-badge ${stuck ? "o-badge-blocks" : "o-badge-here"}`;
    badge.textContent = `${count}`;
    badge.setAttribute("role", "img");
    badge.setAttribute("aria-label", label);
    badge.title = label;
    pinned(viewer, places, element, badge, 0, "o-trace");
  };
  const show = (wanted) => {
    now = Math.min(Math.max(wanted, 0), turns.length - 1);
    for (const [element, name] of marked.splice(0)) canvas.removeMarker(element, name);
    overlays.remove({ type: "o-trace" });
    for (const turn of turns.slice(0, now + 1)) for (const element of turn.passed) colour(element, "o-passed");
    for (const one of turns[now].standing) token(one, now === turns.length - 1);
    const facts = { number: now + 1, count: turns.length, said: turns[now].said };
    at.textContent = said.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
    for (const button of tools.querySelectorAll("button")) {
      const idle = ["first", "previous"].includes(button.dataset.to) ? now === 0 : now === turns.length - 1;
      button.setAttribute("aria-disabled", `${idle}`);
    }
    for (const button of document.querySelectorAll("[data-trace-turn]")) {
      const on = Number(button.dataset.traceTurn) === now;
      button.closest("tr").classList.toggle("o-on", on);
      if (on) button.closest("tr").setAttribute("aria-current", "step");
      else button.closest("tr").removeAttribute("aria-current");
    }
    come(viewer, [...turns[now].passed, ...turns[now].standing.map((one) => one.element)]);
    look(viewer, turns[now].standing.map((one) => one.element));
    places.lay();
  };
  const go = { first: () => show(0), previous: () => show(now - 1), next: () => show(now + 1), last: () => show(turns.length - 1) };

  tools.addEventListener("click", (event) => go[event.target.closest("button")?.dataset.to]?.());
  const keys = { ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last" };
  tools.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go[keys[event.key]]();
  });
  for (const button of document.querySelectorAll("[data-trace-turn]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      show(Number(button.dataset.traceTurn));
      frame.scrollIntoView({ block: "nearest" });
    });
  }
  tools.hidden = at.hidden = false;
  show(turns.length - 1);
}

// What is out of sight is brought into it; what is seen stays where it is.
function look(viewer, elements) {
  const canvas = viewer.get("canvas");
  const box = canvas.viewbox();
  for (const element of elements) {
    const shape = viewer.get("elementRegistry").get(element);
    if (!shape || shape.waypoints) continue;
    const inside = shape.x >= box.x && shape.y >= box.y && shape.x + shape.width <= box.x + box.width && shape.y + shape.height <= box.y + box.height;
    if (!inside) return canvas.scrollToElement(element, 60);
  }
}
