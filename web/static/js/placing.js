// Where badges stand, so that none lies on a name or on another badge, however near the drawing is looked at.

const FAR = 0.3; // smaller than this names cannot be read on a screen, where one may come nearer: they give way
const FARTHEST = 0.17; // below it of a badge its first number alone
const [LEAST, MOST] = [0.75, 1.1]; // how small and how large a badge becomes with its drawing
const NEXT = 2; // pixels between a badge and what it stands beside

// `add` takes an element, its badge and `usual({ own, width, height, scale })`, where it stands by preference; `lay` puts all where they belong.
export function placing(viewer) {
  const canvas = viewer.get("canvas");
  const frame = canvas.getContainer();
  const badges = [];
  let drawn = 0;

  const surroundings = () => {
    const { x, y, scale, inner } = canvas.viewbox();
    const on = frame.getBoundingClientRect();
    const seen = ({ x: left, y: top, width, height }) => boxed(on.left + (left - x) * scale, on.top + (top - y) * scale, width * scale, height * scale);
    return {
      scale,
      seen,
      size: Math.min(Math.max(scale, LEAST), MOST),
      sheet: widened(seen(inner), 20 * scale),
      names: [...frame.querySelectorAll(".djs-visual tspan")].map((one) => [one.closest("[data-element-id]"), one.getBoundingClientRect()]).filter(([, box]) => box.width),
      steps: viewer.get("elementRegistry").filter(solid).map((one) => [one, seen(one)]),
      taken: [],
    };
  };
  // Whether there was room for every one of them.
  const laid = (brief) => {
    const around = surroundings();
    return badges.map((one) => {
      one.badge.classList.remove("o-away");
      for (const short of brief ? [true] : [false, true]) {
        one.badge.classList.toggle("o-brief", short);
        if (!one.badge.offsetWidth || put(one, around)) return true;
      }
      // Its own name gives way; where even that is not enough, its colour and the table still say it.
      const named = brief && put(one, around, one.drawn);
      if (named) one.drawn.classList.add("o-nameless");
      else one.badge.classList.add("o-away");
      return named;
    }).every(Boolean);
  };
  const lay = () => {
    drawn = canvas.viewbox().scale;
    frame.classList.toggle("o-far", badges.length > 0 && drawn < FAR && !frame.classList.contains("o-printed"));
    for (const one of badges) one.drawn.classList.remove("o-nameless");
    if (drawn < FARTHEST || !laid(false)) laid(true);
  };
  // After the overlays themselves have been brought to the new scale.
  viewer.get("eventBus").on("canvas.viewbox.changed", 500, ({ viewbox }) => viewbox.scale !== drawn && lay());
  // What is drawn inside of a collapsed sub-process is seen only now.
  viewer.get("eventBus").on("root.set", 100, () => drawn && requestAnimationFrame(lay));
  return {
    add(element, badge, usual, type = "o") {
      viewer.get("overlays").add(element, type, { position: { top: 0, left: 0 }, html: badge, scale: { min: LEAST, max: MOST } });
      badges.push({ element, badge, usual, drawn: viewer.get("elementRegistry").getGraphics(element) });
    },
    lay() {
      badges.splice(0, badges.length, ...badges.filter(({ badge }) => badge.isConnected));
      lay();
    },
  };
}

function put({ element, badge, usual }, { scale, seen, size, sheet, names, steps, taken }, nameless) {
  const { width, height } = badge.getBoundingClientRect();
  const own = seen(element.waypoints ? bounds(element.waypoints) : element);
  const others = steps.filter(([one]) => one !== element).map(([, box]) => box);
  const ways = [usual({ own, width, height, scale }), ...beside(own, width, height)].map(([left, top]) => boxed(own.left + left, own.top + top, width, height));
  const words = names.filter(([of]) => of !== nameless).map(([, box]) => box);
  const clear = (...of) => ways.find((box) => inside(box, sheet) && !of.some((some) => some.some((one) => meet(box, one))));
  const place = clear(words, taken, others) ?? clear(words, taken);
  if (!place) return false;
  taken.push(place);
  badge.style.translate = `${(place.left - own.left) / size}px ${(place.top - own.top) / size}px`;
  return true;
}

// Across its lower border, under it, over it, across its upper border, on either side, on it: in this order.
function beside(own, width, height) {
  const columns = [0, own.width - width, (own.width - width) / 2];
  const rows = [own.height - height, 0, (own.height - height) / 2];
  return [
    ...[own.height - height / 3, own.height + NEXT, -height - NEXT, -height / 2].flatMap((top) => columns.map((left) => [left, top])),
    ...[own.width + NEXT, -width - NEXT].flatMap((left) => rows.map((top) => [left, top])),
    ...columns.flatMap((left) => rows.map((top) => [left, top])),
  ];
}

export function bounds(points) {
  const [across, down] = [points.map((one) => one.x), points.map((one) => one.y)];
  const [x, y] = [Math.min(...across), Math.min(...down)];
  return { x, y, width: Math.max(...across) - x, height: Math.max(...down) - y };
}

const solid = (one) => one.width && !one.children?.length && !one.labelTarget && !/Lane|Group/.test(one.type);
const boxed = (left, top, width, height) => ({ left, top, right: left + width, bottom: top + height, width, height });
const widened = (box, by) => boxed(box.left - by, box.top - by, box.width + 2 * by, box.height + 2 * by);
const inside = (box, sheet) => box.left >= sheet.left && box.right <= sheet.right && box.top >= sheet.top && box.bottom <= sheet.bottom;
const meet = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
