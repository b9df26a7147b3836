import htmx from "htmx.org";
import { drafts } from "./draft.js";
import { folds } from "./folds.js";
import { keys } from "./keys.js";
import { bell, reading } from "./letters.js";
import { mentions } from "./mention.js";
import { list } from "./list.js";
import { onward } from "./onward.js";
import { papers } from "./papers.js";

// A form is sent once: the second click of a double click does nothing. What brings a file leaves the page as it stands,
// and says so (data-again): another file may be asked for.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || event.submitter?.matches("[data-again]") || form.matches("[data-again], [hx-post], [hx-get]") || form.method === "get") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});

// The browser's back button may bring the page back as it was left.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});

// One open menu at a time; Escape and a click elsewhere close it.
const closeMenus = (but) => {
  for (const menu of document.querySelectorAll("details.o-menu[open]")) if (!menu.contains(but)) menu.open = false;
};
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details.o-menu[open], details.o-confirm[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// The summary of what is wrong takes the focus, so that it is read first.
document.querySelector("[data-errors]")?.focus();

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) event.detail.headers["X-CSRFToken"] = token.content;
});

// A problem is shown where the office says, whatever the status.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Retarget")) event.detail.shouldSwap = true;
});
document.addEventListener("htmx:sendError", () => {
  const notes = document.querySelector("#o-notes");
  const lost = document.querySelector("template[data-lost]");
  if (notes && lost) notes.replaceChildren(lost.content.cloneNode(true));
});

// A drawing whose script does not come cannot say so itself.
document.addEventListener("error", (event) => {
  if (!event.target.matches?.("script[data-draws]")) return;
  for (const frame of document.querySelectorAll("[data-diagram]")) {
    frame.querySelector("[data-canvas]").dataset.state = "none";
    frame.querySelector("[data-failed]").hidden = false;
  }
}, true);

folds();
drafts();
onward();
list();
keys();
bell();
reading();
mentions();
papers();
window.htmx = htmx;
