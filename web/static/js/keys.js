// Single keys for people who stay here all day. They can be switched off (WCAG 2.1.4).
const OFF = "officium.keys";

const on = () => {
  try {
    return localStorage.getItem(OFF) !== "off";
  } catch {
    return true;
  }
};

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable], .djs-container");

function step(by) {
  const links = [...document.querySelectorAll("[data-keys] .o-t")].filter((link) => link.href && link.offsetParent);
  if (!links.length) return;
  const row = document.activeElement?.closest("[data-keys] tr");
  const now = row ? links.findIndex((link) => row.contains(link)) : -1;
  const next = now < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(now + by, 0), links.length - 1);
  links[next].focus();
  links[next].scrollIntoView({ block: "nearest" });
}

const acts = {
  j: () => step(1),
  k: () => step(-1),
  n: () => document.querySelector("[data-key-next]")?.click(),
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.querySelector("dialog[data-keys-list]")?.showModal(),
};

export function keys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !on() || typing(event.target)) return;
    if (document.querySelector("dialog[open]") || !Object.hasOwn(acts, event.key)) return;
    event.preventDefault();
    acts[event.key]();
  });

  const opener = document.querySelector("[data-keys-open]");
  if (opener) {
    opener.hidden = false;
    opener.addEventListener("click", () => document.querySelector("dialog[data-keys-list]").showModal());
  }
  const box = document.querySelector("[data-keys-switch]");
  if (!box) return;
  box.checked = on();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(OFF, box.checked ? "on" : "off");
    } catch {
      box.checked = true; // a browser that keeps nothing keeps the keys on
    }
  });
}
