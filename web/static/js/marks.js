// Marks on a drawn diagram: heat, badges, where tokens are, findings, the way gone, what changed.
//
// {heat: [{element, level}], badges: [{element, text, href, label, level}],
//  tokens: [{element, href, label, text}], findings: [{element, severity, href, label, number}],
//  comments: [{element, state, text, href, label}],
//  passed: [element], added: [element], changed: [element], removed: [element],
//  splits: [{element, href, label, level, text, parts: [{kind, text, label}]}], flows: [{element, level, label}],
//  covered: [element], uncovered: [{element, href}], walked: {steps, flows}}
//
// An href of the form "#row" ties a mark to a table row: each leads to the other.

import { bounds } from "./placing.js";
import { come, walk } from "./walk.js";

export function mark(viewer, marks, places) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const there = (element) => Boolean(element) && Boolean(registry.get(element));
  const colour = (element, name) => there(element) && canvas.addMarker(element, name);

  for (const { element, level } of marks.heat ?? []) colour(element, `o-heat-${Number(level)}`);
  for (const element of marks.passed ?? []) colour(element, "o-passed");
  for (const kind of ["added", "changed", "removed"]) for (const element of marks[kind] ?? []) colour(element, `o-${kind}`);
  for (const element of marks.covered ?? []) colour(element, "o-covered");
  for (const { element } of marks.uncovered ?? []) colour(element, "o-uncovered");
  for (const { element } of marks.tokens ?? []) colour(element, "o-here");
  // The graver colour wins where a place has several findings.
  const severities = new Map();
  const inside = new Map(); // collapsed sub-process -> the findings in it
  for (const entry of marks.findings ?? []) {
    const around = there(entry.element) && entry.severity !== "info" ? closed(viewer, entry.element) : [];
    for (const element of [entry.element, ...around]) {
      if (entry.severity === "blocks" || !severities.has(element)) severities.set(element, entry.severity);
    }
    for (const element of around) inside.set(element, [...(inside.get(element) ?? []), entry]);
  }
  for (const [element, severity] of severities) if (severity !== "info") colour(element, `o-${severity}`);

  const corner = new Map(); // how many badges a place has already
  const badge = (entry, kind, text, withBack = true) => {
    if (!there(entry.element)) return;
    const place = corner.get(entry.element) ?? 0;
    corner.set(entry.element, place + 1);
    const link = document.createElement(entry.href ? "a" : "span");
    link.className = `o-badge ${kind}`;
    link.textContent = text;
    if (entry.label) link.setAttribute("aria-label", entry.label);
    if (entry.label) link.title = entry.label;
    if (entry.href) {
      link.href = entry.href;
      tie(viewer, entry, link, withBack);
    } else {
      link.setAttribute("role", "img");
    }
    pinned(viewer, places, entry.element, link, place);
  };
  for (const entry of marks.badges ?? []) badge(entry, `o-badge-${Number(entry.level ?? 0)}`, entry.text);
  for (const { element, level } of marks.flows ?? []) if (Number(level)) colour(element, `o-flow-${Number(level)}`);
  for (const entry of marks.splits ?? []) if (there(entry.element)) split(viewer, places, entry);
  for (const entry of marks.comments ?? []) badge(entry, `o-badge-comment-${entry.state === "open" ? "open" : "answered"}`, entry.text);
  for (const entry of marks.tokens ?? []) badge(entry, "o-badge-here", entry.text ?? "●");
  for (const entry of marks.uncovered ?? []) if (there(entry.element)) tie(viewer, entry, document.createElement("a"));
  if (marks.walked) {
    come(viewer, [...marks.walked.steps, ...(marks.tokens ?? []).map((one) => one.element)]);
    walk(viewer, marks.walked);
  }
  for (const entry of marks.findings ?? []) if (entry.severity !== "info") badge(entry, `o-badge-${entry.severity}`, entry.number ?? "!");
  for (const [element, found] of inside) {
    const first = found.find((one) => one.severity === "blocks") ?? found[0];
    const label = found.map((one) => one.label).join("\n");
    badge({ ...first, element, label }, `o-badge-${first.severity}`, found.length > 1 ? `${first.number}…` : first.number, false);
  }
  places.lay();
}

// The collapsed sub-processes that an element is inside of: what is drawn of them is a plane of its own, behind their sign.
function closed(viewer, id) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const found = [];
  let at = registry.get(id);
  while (at) {
    const plane = canvas.findRoot(at)?.id ?? "";
    at = plane.endsWith("_plane") ? registry.get(plane.slice(0, -"_plane".length)) : null;
    if (at) found.push(at.id);
  }
  return found;
}

// One badge of several numbers: what waits, is in work, stands. Each with a sign of its own, for eyes that see no colour.
function split(viewer, places, entry) {
  if (!entry.text && !entry.parts.length) return;
  const link = document.createElement("a");
  link.className = `o-badges o-badges-${Number(entry.level ?? 0)}`;
  link.href = entry.href;
  link.setAttribute("aria-label", entry.label);
  link.title = entry.label;
  if (entry.text) link.append(piece("o-split-value", entry.text));
  for (const { kind, text } of entry.parts) link.append(piece(`o-split o-split-${kind}`, text));
  // Far off its first number alone is shown, of those that say something.
  [...link.children].find((one) => /\d/.test(one.textContent))?.classList.add("o-first");
  tie(viewer, entry, link);
  places.add(viewer.get("elementRegistry").get(entry.element), link, ({ own, scale }) => [6 * scale, own.height - 11 * scale]);
}

// A round badge: over the corner of a step; beside an event or a gateway, which is no larger than it; on the middle of a flow.
export function pinned(viewer, places, id, badge, place = 0, type = "o") {
  const element = viewer.get("elementRegistry").get(id);
  places.add(element, badge, ({ own, width, height, scale }) => {
    const after = (width + 2) * place;
    if (!element.waypoints) return element.width < 60 ? [own.width - 6 * scale + after, -24 * scale] : [own.width - 16 * scale + after, -14 * scale];
    const { x, y } = bounds(element.waypoints);
    const middle = halfway(element.waypoints);
    return [(middle.x - x) * scale - width / 2 + after, (middle.y - y) * scale - height / 2];
  }, type);
}

// Not over the head of an arrow: of two points the second is its end.
function halfway(points) {
  const lengths = points.slice(1).map((to, at) => Math.hypot(to.x - points[at].x, to.y - points[at].y));
  let left = lengths.reduce((sum, one) => sum + one, 0) / 2;
  const at = lengths.findIndex((length) => (left -= length) <= 0);
  if (at < 0) return points[0];
  const share = 1 + left / (lengths[at] || 1);
  const [from, to] = [points[at], points[at + 1]];
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function piece(className, text) {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = text;
  return made;
}

// A mark and its row: a click on either, or on the shape, leads to the other.
function tie(viewer, entry, link, withBack = true) {
  const row = entry.href.startsWith("#") ? document.getElementById(entry.href.slice(1)) : null;
  if (!row) return;
  const canvas = viewer.get("canvas");
  const pick = () => {
    for (const on of document.querySelectorAll("tr.o-on[data-tied]")) on.classList.remove("o-on");
    row.classList.add("o-on");
    row.dataset.tied = "";
    viewer.get("elementRegistry").forEach((element) => canvas.removeMarker(element, "o-picked"));
    canvas.addMarker(entry.element, "o-picked");
  };
  link.addEventListener("click", (event) => {
    event.preventDefault();
    pick();
    row.scrollIntoView({ block: "center", behavior: calm() });
    (row.querySelector("a, button") ?? row).focus({ preventScroll: true });
  });
  viewer.get("eventBus").on("element.click", ({ element }) => element.id === entry.element && link.click());
  const back = withBack ? row.querySelector("[data-to-diagram]") : null;
  back?.addEventListener("click", (event) => {
    event.preventDefault();
    pick();
    canvas.getContainer().scrollIntoView({ block: "center", behavior: calm() });
    canvas.scrollToElement(entry.element, 60);
    link.focus({ preventScroll: true });
  });
}

const calm = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");
