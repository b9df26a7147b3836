// Behind an @ in a note: who may be mentioned, by login or name. Without this script the login is typed, or the list below it used.
const WRITTEN = /(?:^|[^A-Za-z0-9._@-])@([^\s@]{0,30})$/;

export function mentions() {
  for (const field of document.querySelectorAll("textarea[data-mention]")) mention(field);
}

function mention(field) {
  const list = document.createElement("ul");
  list.className = "o-mention-list";
  list.id = `${field.id}-who`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.dataset.mentionLabel);
  list.hidden = true;
  field.after(list);
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-autocomplete", "list");
  let asked = 0;
  let at = -1;

  const close = () => {
    asked += 1;
    list.hidden = true;
    list.replaceChildren();
    field.removeAttribute("aria-activedescendant");
    at = -1;
  };
  const point = (to) => {
    const found = [...list.children];
    at = (to + found.length) % found.length;
    found.forEach((one, number) => one.setAttribute("aria-selected", number === at));
    field.setAttribute("aria-activedescendant", found[at].id);
  };
  const take = (login) => {
    const end = field.selectionStart;
    const begin = end - field.value.slice(0, end).match(WRITTEN)[1].length;
    field.setRangeText(`${login} `, begin, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  };
  const look = async () => {
    const behind = field.value.slice(0, field.selectionStart).match(WRITTEN);
    if (!behind || behind[1] === "") return close();
    const mine = (asked += 1);
    const audience = field.form.elements.audience?.value ?? "";
    const query = new URLSearchParams({ words: behind[1], audience });
    const answer = await fetch(`${field.dataset.mention}?${query}`, { redirect: "manual" }).catch(() => null);
    const found = answer?.ok ? await answer.json() : [];
    if (mine !== asked) return;
    if (found.length === 0) return close();
    list.replaceChildren(
      ...found.map((one, number) => {
        const row = document.createElement("li");
        row.id = `${list.id}-${number}`;
        row.setAttribute("role", "option");
        row.textContent = `${one.name} · ${one.login}`;
        row.dataset.login = one.login;
        return row;
      }),
    );
    list.hidden = false;
    point(0);
  };

  let soon;
  field.addEventListener("input", (event) => {
    clearTimeout(soon);
    if (event.isTrusted) soon = setTimeout(look, 150);
  });
  field.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const row = event.target.closest("li");
    if (row) take(row.dataset.login);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") point(at + 1);
    else if (event.key === "ArrowUp") point(at - 1);
    else if (event.key === "Enter" || event.key === "Tab") take(list.children[at].dataset.login);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
