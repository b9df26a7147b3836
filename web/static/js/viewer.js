// Draws the diagram of each [data-diagram] and marks it. Everything it shows stands in a table beside it too.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { shortened } from "./labels.js";
import { mark } from "./marks.js";
import { pins } from "./pins.js";
import { placing } from "./placing.js";
import { trace } from "./trace.js";

const MOST = 1.15; // what a drawing is enlarged by at first
const STRIP = 36; // under the drawing, where the watermark stands

for (const frame of document.querySelectorAll("[data-diagram]")) draw(frame);

async function draw(frame) {
  const canvas = frame.querySelector("[data-canvas]");
  const data = frame.querySelector("script[data-marks]");
  const marks = data ? JSON.parse(data.textContent) : {};
  try {
    const answer = await fetch(frame.dataset.diagram, { headers: { Accept: "application/xml" } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const xml = await answer.text();
    if (!/<(?:[\w.-]+:)?BPMN(?:Shape|Edge)\b/.test(xml)) return tell(frame, canvas, "undrawn");
    const viewer = new NavigatedViewer({ container: canvas });
    const whole = shortened(viewer);
    await viewer.importXML(xml);
    whole();
    shrink(canvas, viewer);
    fit(viewer);
    const places = placing(viewer);
    mark(viewer, marks, places);
    pins(viewer);
    if (marks.trace) trace(frame, viewer, marks.trace, places);
    tools(frame, viewer);
    paper(canvas, viewer);
    canvas.dataset.state = "drawn";
  } catch {
    tell(frame, canvas, "failed");
  }
}

function tell(frame, canvas, what) {
  canvas.replaceChildren();
  canvas.dataset.state = "none";
  const sentence = frame.querySelector(`[data-${what}]`);
  if (sentence) sentence.hidden = false;
}

// A flat diagram leaves no empty paper under it.
function shrink(frame, viewer) {
  const canvas = viewer.get("canvas");
  const { inner, outer } = canvas.viewbox();
  const scale = Math.min(MOST, outer.width / (inner.width + 40));
  const wanted = Math.max(160, Math.ceil((inner.height + 40) * scale) + STRIP);
  if (wanted >= outer.height) return;
  frame.style.height = `${wanted}px`;
  canvas.resized();
}

// Small diagrams are not blown up, and each keeps a margin.
function fit(viewer) {
  const canvas = viewer.get("canvas");
  canvas.zoom("fit-viewport", "auto");
  const { inner, outer } = canvas.viewbox();
  const height = outer.height - STRIP;
  const scale = Math.min(MOST, outer.width / (inner.width + 40), height / (inner.height + 40));
  canvas.viewbox({
    x: inner.x + inner.width / 2 - outer.width / scale / 2,
    y: inner.y + inner.height / 2 - height / scale / 2,
    width: outer.width / scale,
    height: outer.height / scale,
  });
}

// Fitted to a screen it would run out of the sheet on the right.
function paper(frame, viewer) {
  const canvas = viewer.get("canvas");
  let before = null;
  addEventListener("beforeprint", () => {
    before = { width: frame.style.width, height: frame.style.height, box: canvas.viewbox() };
    canvas.getContainer().classList.add("o-printed");
    frame.style.width = "178mm";
    frame.style.height = "11cm";
    canvas.resized();
    shrink(frame, viewer);
    fit(viewer);
  });
  addEventListener("afterprint", () => {
    if (!before) return;
    canvas.getContainer().classList.remove("o-printed");
    frame.style.width = before.width;
    frame.style.height = before.height;
    canvas.resized();
    const { x, y, width, height } = before.box;
    canvas.viewbox({ x, y, width, height });
    before = null;
  });
}

function tools(frame, viewer) {
  const bar = frame.querySelector("[data-tools]");
  if (!bar) return;
  bar.hidden = false;
  const zoom = viewer.get("zoomScroll");
  bar.addEventListener("click", (event) => {
    const what = event.target.closest("button")?.dataset.zoom;
    if (what === "in") zoom.stepZoom(1);
    if (what === "out") zoom.stepZoom(-1);
    if (what === "fit") fit(viewer);
  });
  // The wheel scrolls the page, as everywhere; with Ctrl it zooms.
  zoom.toggle(false);
  frame.querySelector("[data-canvas]").addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom.stepZoom(event.deltaY < 0 ? 1 : -1, { x: event.offsetX, y: event.offsetY });
  }, { passive: false });
}
