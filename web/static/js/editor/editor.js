// The studio's drawing page: bpmn-js with a panel of our own, marks and findings by the server's rules, saved by itself.
import Modeler from "bpmn-js/lib/Modeler";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import minimap from "diagram-js-minimap";
import { shortened } from "../labels.js";
import { ask, Keeper } from "./keep.js";
import { Findings } from "./findings.js";
import { FormBuilder } from "./forms.js";
import officium from "./officium.json";
import { Adding, Outline } from "./outline.js";
import { Owners } from "./owners.js";
import { Panel } from "./panel.js";
import { isOf, Pen } from "./pen.js";
import { calm, learn, say } from "./words.js";

const PALETTE = 128; // what the palette covers of the left
const STRIP = 36; // under the drawing, where the watermark stands
const MOST = 1.1;
const READABLE = 0.62; // a wide drawing is opened at its beginning, so large that its words can be read

const root = document.querySelector("[data-editor]");
const data = (name) => JSON.parse(document.querySelector(`script[data-${name}]`).textContent);
const editable = root.dataset.editable === "yes";
const urls = {
  draft: root.dataset.draft, findings: root.dataset.findings, presence: root.dataset.presence, file: root.dataset.file,
  saves: root.dataset.saves, expression: root.dataset.expression, signIn: root.dataset.signIn,
};

root.querySelector("[data-absent]").hidden = true;
learn(data("words"));
open().catch((fault) => {
  const place = root.querySelector("[data-failed]");
  place.textContent = say("cannot_open");
  place.hidden = false;
  root.dataset.state = "failed";
  throw fault;
});

async function open() {
  const [opened, chinese] = await Promise.all([ask(urls.draft), root.dataset.chinese ? import(root.dataset.chinese) : null]);
  if (!opened.ok) throw new Error(String(opened.status));
  const modeler = make(chinese?.default);
  const pen = new Pen(modeler);
  const whole = shortened(modeler);
  await modeler.importXML(opened.source);
  whole();
  fit(modeler, READABLE);
  const desk = furnish(modeler, pen, opened);
  root.dataset.state = "open";
  desk.begin();
}

function make(table) {
  const container = root.querySelector("[data-canvas]");
  const translate = (template, facts = {}) => (table?.[template] ?? template).replace(/{([^}]+)}/g, (whole, name) => facts[name] ?? whole);
  const additionalModules = table ? [{ translate: ["value", translate] }] : [];
  const moddleExtensions = { officium };
  if (!editable) return new NavigatedViewer({ container, additionalModules, moddleExtensions });
  return new Modeler({ container, additionalModules: [minimap, ...additionalModules], moddleExtensions, minimap: { open: false } });
}

function furnish(modeler, pen, opened) {
  const bus = modeler.get("eventBus");
  const canvas = modeler.get("canvas");
  const registry = modeler.get("elementRegistry");
  const selection = modeler.get("selection");
  const side = root.querySelector("[data-side]");
  const owners = new Owners(pen, modeler, data("posts"), side.querySelector("[data-owner]"), editable);
  const setPosts = (mapped) => {
    owners.mapping.posts = new Map(Object.entries(mapped));
  };
  setPosts(opened.mapped);

  const tabs = new Tabs(side, () => outline.write(selected()));
  const go = (id, drawing = false) => {
    const shape = registry.get(id);
    if (!shape) return;
    const at = shape.type === "label" ? shape.labelTarget : shape;
    come(canvas, at);
    selection.select(at);
    tabs.show("o-tab-facts");
    const first = drawing ? side.querySelector("[data-part=name] input") : side.querySelector("#o-draw-facts");
    if (first && !first.closest("[hidden]")) first.focus({ preventScroll: true });
  };
  const findings = new Findings(modeler, { list: side.querySelector("[data-found]"), tab: side.querySelector("#o-tab-found"), brief: root.querySelector("[data-brief]"), go });
  const outline = new Outline(modeler, pen, owners, findings, side.querySelector("[data-outline]"), (id) => go(id, true));
  const adding = editable ? new Adding(modeler, pen, side.querySelector("[data-adding]"), go) : null;

  let save = null; // what is kept beside the draft, while there is a clash
  const refresh = async () => {
    const told = await ask(save === null ? urls.findings : `${urls.findings}?save=${save}`).catch(() => null);
    if (!told?.ok) return;
    findings.show(told.findings);
    panel.know(told);
    outline.write(selected());
    root.dataset.told = String(Number(root.dataset.told ?? 0) + 1);
  };
  const load = async (given) => {
    setPosts(given.mapped ?? {});
    const { x, y, width, height } = canvas.viewbox();
    const held = selected()?.id;
    await modeler.importXML(given.source);
    canvas.viewbox({ x, y, width, height });
    if (registry.get(held) && registry.get(held) !== canvas.getRootElement()) selection.select(registry.get(held));
    else show();
  };
  const keeper = editable
    ? new Keeper({
        modeler, mapping: owners.mapping, urls, person: root.dataset.person, edition: root.dataset.edition, load,
        places: { state: root.querySelector("[data-state]"), others: root.querySelector("[data-others]"), notes: root.querySelector("[data-notes]") },
        kept: (how) => {
          save = how.save ?? null;
          refresh();
        },
      })
    : null;
  const builder = new FormBuilder(document.querySelector("[data-form-builder]"), urls, keeper?.pen, (how) => panel.built(how));
  const panel = new Panel(side, { pen, modeler, owners, findings, builder, urls, editable, go, saver: { refresh, pen: keeper?.pen } });

  const selected = () => {
    const all = selection.get();
    if (all.length > 1) return null;
    const one = all[0] ?? canvas.getRootElement();
    return one.type === "label" ? one.labelTarget : one;
  };
  const show = () => {
    const shape = selected();
    panel.show(shape, shape === null);
    if (shape) adding?.show(shape);
    outline.write(shape);
  };
  let again = null;
  const soon = () => {
    cancelAnimationFrame(again);
    again = requestAnimationFrame(() => {
      const shape = selected();
      if (shape && panel.shape === shape) {
        panel.fill();
        adding?.show(shape);
      } else show();
      outline.write(shape);
      findings.mark();
      tools();
    });
  };
  bus.on("selection.changed", show);
  bus.on("commandStack.changed", soon);
  bus.on("officium.mapped", soon);

  const bar = root.querySelector("[data-tools]");
  const stack = editable ? modeler.get("commandStack") : null;
  const tools = () => {
    if (!stack) return;
    bar.querySelector("[data-tool=undo]").setAttribute("aria-disabled", String(!stack.canUndo()));
    bar.querySelector("[data-tool=redo]").setAttribute("aria-disabled", String(!stack.canRedo()));
  };
  const zoom = modeler.get("zoomScroll");
  bar.hidden = false;
  bar.addEventListener("click", (event) => {
    const what = event.target.closest("[data-tool]")?.dataset.tool;
    if (what === "undo") panel.settle(), stack.canUndo() && stack.undo();
    if (what === "redo") stack.canRedo() && stack.redo();
    if (what === "in") zoom.stepZoom(1);
    if (what === "out") zoom.stepZoom(-1);
    if (what === "fit") fit(modeler);
  });
  // A ring around the whole drawing is for whoever comes by keyboard.
  const place = root.querySelector("[data-canvas]");
  document.addEventListener("keydown", () => delete place.dataset.pointed);
  place.addEventListener("pointerdown", () => (place.dataset.pointed = ""), true);
  // The wheel scrolls the page, as everywhere; with Ctrl it zooms.
  zoom.toggle(false);
  place.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom.stepZoom(event.deltaY < 0 ? 1 : -1, { x: event.offsetX, y: event.offsetY });
  }, { passive: false });

  return {
    begin() {
      show();
      tools();
      refresh().then(() => {
        const wanted = decodeURIComponent(location.hash.slice(1));
        if (wanted && registry.get(wanted)) go(wanted);
      });
      if (!keeper) return;
      keeper.begin(opened);
      keeper.watch();
      keeper.lookBehind(opened.source);
      if (opened.laid_out) keeper.say(say("laid_out"), "calm");
    },
  };
}

// Small diagrams are not blown up; nothing lies under the palette or over the watermark.
function fit(modeler, least = 0) {
  const canvas = modeler.get("canvas");
  canvas.zoom("fit-viewport", "auto");
  const { inner, outer } = canvas.viewbox();
  if (!inner.width || !outer.width) return;
  const left = editable && outer.width > 600 ? PALETTE : 16;
  const width = outer.width - left - 16;
  const height = outer.height - STRIP - 16;
  const scale = Math.max(least, Math.min(MOST, width / inner.width, height / inner.height));
  canvas.viewbox({
    x: inner.x - left / scale - Math.max(0, width / scale - inner.width) / 2,
    y: inner.y - 16 / scale - Math.max(0, height / scale - inner.height) / 2,
    width: outer.width / scale,
    height: outer.height / scale,
  });
}

function come(canvas, shape) {
  const plane = canvas.findRoot(shape);
  if (plane && plane !== canvas.getRootElement()) canvas.setRootElement(plane);
  if (!isOf(shape, "bpmn:Process", "bpmn:Collaboration")) canvas.scrollToElement(shape, { top: 60, bottom: 60, left: editable ? PALETTE + 40 : 60, right: 60 });
  canvas.getContainer().scrollIntoView({ block: "nearest", behavior: calm() });
}

class Tabs {
  constructor(side, shown) {
    this.shown = shown;
    this.all = [...side.querySelectorAll("[role=tab]")];
    for (const tab of this.all) tab.addEventListener("click", () => this.show(tab.id));
    this.all[0].parentElement.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = this.all[(this.all.indexOf(document.activeElement) + step + this.all.length) % this.all.length];
      this.show(next.id);
      next.focus();
    });
  }

  show(id) {
    for (const tab of this.all) {
      const on = tab.id === id;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
    }
    this.shown();
  }
}
