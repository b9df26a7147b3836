// The token of a trial walks the way of the last move once, so that the eye can follow. Nothing is said by it alone.
const LONGEST = 2400; // milliseconds for the whole way
const PACE = 0.55; // pixels of the drawing a millisecond
const SVG = "http://www.w3.org/2000/svg";

const NEAR = 0.62; // a drawing smaller than this is shown from nearer
const NEAREST = 0.95;
const ROOM = 70;

// Brings into view where the last move went and where it waits now; “Fit” shows the whole again.
export function come(viewer, elements) {
  const canvas = viewer.get("canvas");
  const { scale, outer, inner } = canvas.viewbox();
  const shapes = elements.map((one) => viewer.get("elementRegistry").get(one)).filter((one) => one && !one.waypoints);
  if (scale >= NEAR || !shapes.length) return;
  const left = Math.min(...shapes.map((one) => one.x)) - ROOM;
  const top = Math.min(...shapes.map((one) => one.y)) - ROOM;
  const width = Math.max(...shapes.map((one) => one.x + one.width)) + ROOM - left;
  const height = Math.max(...shapes.map((one) => one.y + one.height)) + ROOM - top;
  const wanted = Math.min(NEAREST, outer.width / width, outer.height / height);
  if (wanted <= scale) return;
  const shown = { width: outer.width / wanted, height: outer.height / wanted };
  // No empty paper beside the drawing where there is more of it on the other side.
  const within = (at, most, least, whole) => (whole <= most ? least - (most - whole) / 2 : Math.min(Math.max(at, least - 20), least + whole - most + 20));
  canvas.viewbox({
    x: within(left + width / 2 - shown.width / 2, shown.width, inner.x, inner.width),
    y: within(top + height / 2 - shown.height / 2, shown.height, inner.y, inner.height),
    ...shown,
  });
}

export function walk(viewer, { steps = [], flows = [] }) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const registry = viewer.get("elementRegistry");
  const gone = new Set(flows);
  const legs = [];
  for (const step of steps) {
    for (const flow of registry.get(step)?.outgoing ?? []) if (gone.delete(flow.id)) legs.push(flow.waypoints);
  }
  if (!legs.length) return;
  const token = document.createElementNS(SVG, "circle");
  token.setAttribute("r", "9");
  token.classList.add("o-walking");
  viewer.get("canvas").getLayer("o-walk", 900).append(token);
  const long = legs.map(length);
  const whole = long.reduce((sum, one) => sum + one, 0);
  const pace = Math.max(PACE, whole / LONGEST);
  let begun;
  const draw = (now) => {
    begun ??= now;
    let left = (now - begun) * pace;
    const leg = long.findIndex((one) => (left < one ? true : ((left -= one), false)));
    if (leg < 0) return token.remove();
    const { x, y } = along(legs[leg], left);
    token.setAttribute("transform", `translate(${x} ${y})`);
    requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
}

const apart = (one, other) => Math.hypot(other.x - one.x, other.y - one.y);

function length(points) {
  return points.slice(1).reduce((sum, point, at) => sum + apart(points[at], point), 0);
}

function along(points, left) {
  for (let at = 1; at < points.length; at++) {
    const [from, to] = [points[at - 1], points[at]];
    const leg = apart(from, to);
    if (left <= leg) return { x: from.x + ((to.x - from.x) * left) / (leg || 1), y: from.y + ((to.y - from.y) * left) / (leg || 1) };
    left -= leg;
  }
  return points.at(-1);
}
