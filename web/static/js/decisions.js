// The keyboard of the decision table. Without this script every button is a submit, and the server does the same.
const form = document.querySelector("form[data-table]");
const lines = form?.querySelector("[data-lines]");

const cellsOf = (line) => [...line.querySelectorAll("textarea")];
const allLines = () => [...lines.querySelectorAll("[data-line]")];

const renumber = () => {
  allLines().forEach((line, place) => {
    line.querySelector("[data-number]").textContent = place + 1;
    for (const part of line.querySelectorAll("[aria-label]")) {
      part.setAttribute("aria-label", part.getAttribute("aria-label").replace(/\d+/, place + 1));
      if (part.title) part.title = part.getAttribute("aria-label");
    }
  });
  changed();
};

let dirty = false;
const changed = () => {
  dirty = true;
};

// A new line has a token that no other has: its fields begin with it, and the order is that of the page.
const added = (after) => {
  const line = after.cloneNode(true);
  const old = after.querySelector('input[name="line"]').value;
  const token = Math.max(...allLines().map((one) => Number(one.querySelector('input[name="line"]').value))) + 1;
  line.classList.remove("o-dt-hit");
  for (const extra of line.querySelectorAll(".o-chip, .o-dt-mark, .o-dt-fault")) extra.remove();
  for (const part of line.querySelectorAll("[name]")) {
    if (part.name === "line") part.value = token;
    else if (part.name === "do") part.value = part.value.replace(/:\d+$/, `:${token}`);
    else {
      part.name = part.name.replace(`line.${old}.`, `line.${token}.`);
      part.value = "";
      part.removeAttribute("aria-invalid");
      part.removeAttribute("aria-describedby");
      part.removeAttribute("autofocus");
    }
    if (part.id) part.id = part.id.replace(`d-line-${old}-`, `d-line-${token}-`);
  }
  after.after(line);
  renumber();
  return line;
};

const act = (line, what) => {
  const before = line.previousElementSibling;
  const after = line.nextElementSibling;
  if (what === "add") return added(line);
  if (what === "up" && before) before.before(line);
  else if (what === "down" && after) after.after(line);
  else if (what === "drop") {
    if (!before && !after) for (const cell of cellsOf(line)) cell.value = "";
    else line.remove();
    renumber();
    return after ?? before ?? line;
  }
  renumber();
  return line;
};

const focus = (line, column) => {
  const cell = cellsOf(line)[column];
  cell?.focus();
  cell?.select();
};

const atStart = (cell) => cell.selectionStart === 0 && (cell.selectionEnd === 0 || cell.selectionEnd === cell.value.length);
const atEnd = (cell) => cell.selectionEnd === cell.value.length && (cell.selectionStart === cell.selectionEnd || cell.selectionStart === 0);

const walk = (event, line, column) => {
  const cell = event.target;
  const steps = { ArrowUp: -1, ArrowDown: 1 };
  if (event.key in steps && !cell.value.includes("\n")) {
    const next = steps[event.key] < 0 ? line.previousElementSibling : line.nextElementSibling;
    if (next) focus(next, column);
    return Boolean(next);
  }
  const sideways = (event.key === "ArrowLeft" && atStart(cell) && -1) || (event.key === "ArrowRight" && atEnd(cell) && 1);
  const next = sideways && cellsOf(line)[column + sideways];
  if (next) focus(line, column + sideways);
  return Boolean(next);
};

const pressed = (event) => {
  if (event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-keep]") ?? undefined);
    return;
  }
  const line = event.target.closest?.("[data-line]");
  if (!line || event.target.tagName !== "TEXTAREA") return;
  const column = cellsOf(line).indexOf(event.target);
  let done = true;
  if (event.altKey && event.key === "ArrowUp") focus(act(line, "up"), column);
  else if (event.altKey && event.key === "ArrowDown") focus(act(line, "down"), column);
  else if (event.ctrlKey && event.key === "Delete") focus(act(line, "drop"), column);
  else if (event.key === "Enter" && !event.shiftKey) focus(line.nextElementSibling ?? act(line, "add"), column);
  else if (!event.altKey && !event.ctrlKey && !event.shiftKey && !event.metaKey) done = walk(event, line, column);
  else done = false;
  if (done) event.preventDefault();
};

if (form) {
  form.querySelector("[data-keys]").hidden = false;
  form.addEventListener("keydown", pressed);
  form.addEventListener("input", changed);
  form.addEventListener("submit", () => {
    dirty = false;
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="do"]');
    const line = button?.closest("[data-line]");
    if (!line) return;
    event.preventDefault();
    const what = button.value.slice(5).split(":")[0];
    const next = act(line, what);
    if (what === "add" || what === "drop") focus(next, 0);
    else button.focus();
  });
  addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
}
