// Papers: dropped on a form, sent with their progress; files of a form's field are sent as soon as they are chosen.
// Without this script the same forms send the same files.
const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

function send(url, body, told) {
  return new Promise((done) => {
    const way = new XMLHttpRequest();
    way.open("POST", url);
    way.setRequestHeader("X-CSRFToken", token());
    way.responseType = "text";
    way.upload.addEventListener("progress", (event) => event.lengthComputable && told(event.loaded / event.total));
    way.addEventListener("load", () => done({ status: way.status, text: way.responseText }));
    way.addEventListener("error", () => done({ status: 0, text: "" }));
    way.send(body);
  });
}

function answered(answer) {
  try {
    return JSON.parse(answer.text);
  } catch {
    // A page about a problem: its first sentence says what is wrong.
    const page = new DOMParser().parseFromString(answer.text, "text/html");
    const said = page.querySelector("main p:not(:empty), h1")?.textContent;
    return { refused: said ? [said] : [] };
  }
}

function show(list, sentences) {
  list.replaceChildren(...sentences.map((one) => Object.assign(document.createElement("li"), { textContent: one })));
  list.hidden = !sentences.length;
}

function droppable(place, input, chosen) {
  for (const kind of ["dragenter", "dragover"])
    place.addEventListener(kind, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      place.classList.add("o-dropping");
    });
  for (const kind of ["dragleave", "drop"]) place.addEventListener(kind, () => place.classList.remove("o-dropping"));
  place.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    chosen?.();
  });
}

function adding(form) {
  const input = form.querySelector('input[type="file"]');
  const way = form.querySelector("[data-way]");
  const refused = form.querySelector("[data-refused]");
  if (!way) return;
  form.querySelector("[data-droppable]").hidden = false;
  droppable(form, input, () => form.requestSubmit());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.sending) return;
    form.dataset.sending = "yes";
    const bar = way.querySelector("progress");
    show(refused, []);
    way.hidden = false;
    const body = new FormData(form);
    body.set("own:live", "yes");
    const answer = await send(form.action, body, (share) => (bar.value = share));
    delete form.dataset.sending;
    way.hidden = true;
    if (answer.status === 200) {
      const here = new URL(location.href);
      here.hash = "papers";
      history.replaceState(null, "", here);
      location.reload();
      return;
    }
    const sentences = answer.status ? answered(answer).refused : [form.dataset.lost];
    show(refused, sentences?.length ? sentences : [form.dataset.failed]);
    input.focus();
  });
}

function field(place) {
  const input = place.querySelector('input[type="file"]');
  const list = place.querySelector(".o-files");
  const form = input.form;
  for (const box of place.querySelectorAll(".o-files-drop")) box.replaceWith(dropButton(place, box));
  const take = async () => {
    const files = [...input.files];
    input.value = "";
    if (!input.multiple) list.replaceChildren();
    for (const file of files) await one(place, list, file, form);
  };
  input.addEventListener("change", take);
  droppable(place, input, take);
}

async function one(place, list, file, form) {
  const line = document.createElement("li");
  const name = Object.assign(document.createElement("span"), { className: "o-files-name", textContent: file.name });
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  bar.setAttribute("aria-label", file.name);
  line.append(name, bar);
  list.append(line);
  const body = new FormData();
  body.set("files", file);
  const ofCase = /\/tasks\/(\d+)\//.exec(form.action);
  if (ofCase) body.set("case", ofCase[1]);
  const answer = await send("/papers/uploads", body, (share) => (bar.value = share));
  bar.remove();
  const told = answered(answer);
  if (answer.status !== 200) {
    line.className = "o-error";
    line.setAttribute("role", "alert");
    line.textContent = told.refused?.[0] ?? file.name;
    return;
  }
  name.textContent = told.name;
  const kept = Object.assign(document.createElement("input"), { type: "hidden", name: place.dataset.name, value: told.token });
  line.append(kept, dropButton(place, line));
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function dropButton(place, within) {
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "o-btn o-btn-s",
    textContent: place.dataset.dropSaid,
  });
  const called = within.closest("li")?.querySelector(".o-files-name")?.textContent ?? "";
  button.setAttribute("aria-label", `${place.dataset.dropSaid}: ${called}`);
  button.addEventListener("click", () => {
    const form = button.closest("form");
    button.closest("li").remove();
    place.querySelector('input[type="file"]').focus();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return button;
}

export function papers() {
  for (const form of document.querySelectorAll("form[data-papers]")) adding(form);
  for (const place of document.querySelectorAll("[data-files][data-name]")) field(place);
}
