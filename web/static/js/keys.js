// Single keys for people who stay here all day. They can be switched off (WCAG 2.1.4), for the person and not for the browser.
import { pick } from "./list.js";

const WISH = "officium.keys"; // what the office has not been told yet

let on = !document.body.hasAttribute("data-keys-off");

const typing = (target) => target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], .djs-container");
const one = (selector) => [...document.querySelectorAll(selector)].find((found) => found.offsetParent && !found.disabled);

function step(by) {
  const onward = document.querySelector(by > 0 ? "[data-onward-next]:not([hidden])" : "[data-onward-before]:not([hidden])");
  if (onward) return onward.click();
  const links = [...document.querySelectorAll("[data-keys] .o-t")].filter((link) => link.href && link.offsetParent);
  if (!links.length) return;
  const row = document.activeElement?.closest("[data-keys] tr");
  const now = row ? links.findIndex((link) => row.contains(link)) : -1;
  const next = now < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(now + by, 0), links.length - 1);
  links[next].focus();
  links[next].scrollIntoView({ block: "nearest" });
}

// A fold is opened on the way to what stands in it.
function go(found) {
  if (!found) return;
  const fold = found.closest("details:not([open])") ?? found.querySelector("details:not([open])");
  if (fold) fold.open = true;
  (found.matches("a, button, input, select, textarea, summary") ? found : (found.querySelector("summary, button, a, input, select, textarea") ?? found)).focus();
}

const FIELDS = "#o-task :is(input:not([type=hidden]), select, textarea)";

function take() {
  const row = document.activeElement?.closest("[data-keys] tr");
  (row ? row.querySelector("form button") : one("[data-key-take]"))?.click();
}

const acts = {
  j: () => step(1),
  k: () => step(-1),
  n: () => document.querySelector("[data-key-next]")?.click(),
  t: take,
  x: pick,
  b: () => one("[data-onward-back]")?.click(),
  e: () => go(one(FIELDS)),
  c: () => go(one("[data-key-go]")),
  m: () => go(one("[data-key-moves]")),
  s: () => one("[data-draft-save]")?.click(),
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.querySelector("dialog[data-keys-list]")?.showModal(),
};

// Not a single key, so it works while somebody types and cannot be struck by mistake.
function send(event) {
  const form = document.querySelector("#o-task");
  if (!form || !(event.ctrlKey || event.metaKey) || event.key !== "Enter") return false;
  const ways = [...form.querySelectorAll(".o-stick .o-btn-go")];
  event.preventDefault();
  if (ways.length === 1) form.requestSubmit(ways[0]);
  else ways[0]?.focus(); // nobody's way is chosen for them
  return true;
}

export function keys() {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]") || send(event)) return;
    if (event.key === "Escape" && typing(event.target)) return event.target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || !on || typing(event.target)) return;
    if (!Object.hasOwn(acts, event.key)) return;
    event.preventDefault();
    acts[event.key]();
  });

  const opener = document.querySelector("[data-keys-open]");
  if (opener) {
    opener.hidden = false;
    opener.addEventListener("click", () => document.querySelector("dialog[data-keys-list]").showModal());
  }
  const box = document.querySelector("[data-keys-switch]");
  if (box) switching(box);
}

const shelf = (act, ...more) => {
  try {
    return localStorage[act](WISH, ...more);
  } catch {
    return null; // a browser that keeps nothing: the office is told all the same
  }
};

function switching(box) {
  const wished = shelf("getItem");
  if (wished) {
    on = wished === "on";
    tell(box, wished);
  }
  box.checked = on;
  box.addEventListener("change", () => {
    on = box.checked;
    const wish = on ? "on" : "off";
    shelf("setItem", wish);
    tell(box, wish);
  });
}

async function tell(box, wish) {
  const body = new URLSearchParams({ keys: wish, csrf_token: document.querySelector('meta[name="csrf-token"]').content });
  try {
    const answer = await fetch(box.dataset.keysSwitch, { method: "POST", body, keepalive: true });
    if (answer.ok && shelf("getItem") === wish) shelf("removeItem");
  } catch {
    // it is told with the next page
  }
}
