// The way through one's list: from task to task without going back, and on to the next one when one is done.
const LIST = "officium.list";
const DONE = "officium.done";
const TASK = /^\/tasks\/\d+\/\d+$/;

const shelf = {
  put: (key, value) => {
    try {
      sessionStorage.setItem(key, JSON.stringify(value));
    } catch {
      // without it the list is gone back to
    }
  },
  take: (key) => {
    try {
      return JSON.parse(sessionStorage.getItem(key));
    } catch {
      return null;
    }
  },
  drop: (key) => {
    try {
      sessionStorage.removeItem(key);
    } catch {
      // as above
    }
  },
};

function links() {
  return [...document.querySelectorAll("[data-keys] a.o-t")].filter((link) => TASK.test(new URL(link.href).pathname));
}

const path = (link) => new URL(link.href).pathname;

function atTheList(before) {
  const shown = links();
  const done = shelf.take(DONE);
  shelf.put(LIST, { url: location.pathname + location.search, tasks: shown.map(path) });
  if (!done) return;
  shelf.drop(DONE);
  const old = before?.tasks ?? [];
  const later = old.slice(old.indexOf(done) + 1);
  const next = later.map((one) => shown.find((link) => path(link) === one)).find(Boolean) ?? shown[0];
  const there = next ?? document.querySelector("h1");
  if (there.tagName === "H1") there.tabIndex = -1;
  there.focus();
  there.scrollIntoView({ block: "nearest" });
}

function atATask(form, list) {
  const here = location.pathname.match(/^\/tasks\/\d+\/\d+/)?.[0];
  const done = shelf.take(DONE);
  shelf.drop(DONE);
  if (done && done !== here) {
    const heading = document.querySelector("h1");
    heading.tabIndex = -1;
    heading.focus();
  }
  if (!form) return;
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) shelf.put(DONE, here);
  });
  if (!list) return;
  for (const one of [form, document.querySelector("#o-release")]) {
    const back = Object.assign(document.createElement("input"), { type: "hidden", name: "own:back", value: list.url });
    one?.append(back);
  }
}

function show(list) {
  const nav = document.querySelector("[data-onward]");
  if (!nav || !list) return;
  nav.querySelector("[data-onward-back]").href = list.url;
  const at = list.tasks.indexOf(location.pathname.match(/^\/tasks\/\d+\/\d+/)?.[0]);
  if (at < 0) return;
  nav.querySelector("[data-onward-at]").textContent = `${at + 1} / ${list.tasks.length}`;
  for (const [name, to] of [["before", list.tasks[at - 1]], ["next", list.tasks[at + 1]]]) {
    const link = nav.querySelector(`[data-onward-${name}]`);
    if (to) Object.assign(link, { href: to, hidden: false });
  }
}

export function onward() {
  const list = shelf.take(LIST);
  if (location.pathname === "/" && document.querySelector("h1")) return atTheList(list);
  if (!document.querySelector("[data-onward]")) return;
  show(list);
  atATask(document.querySelector("#o-task"), list);
}
