// The desk's list: choosing several tasks, and new work that is told without moving what somebody reads.
const EVERY = 15000;

const boxes = () => [...document.querySelectorAll(".o-cell-pick input")];

function count(form) {
  const chosen = boxes().filter((box) => box.checked).length;
  const told = form.querySelector("[data-together-count]");
  told.dataset.none ??= told.textContent;
  told.textContent = chosen === 0 ? told.dataset.none : chosen === 1 ? told.dataset.one : told.dataset.many.replace("#", chosen);
}

// The row that has the focus.
export function pick() {
  const box = document.activeElement?.closest("[data-keys] tr")?.querySelector(".o-cell-pick input");
  if (box) box.click();
  return Boolean(box);
}

function choosing(form) {
  let last = null;
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.(".o-cell-pick input");
    if (!box) return;
    const all = boxes();
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const one of all.slice(from, to + 1)) one.checked = box.checked;
    }
    last = box;
    count(form);
  });
  // On a task's name the space bar chooses it; everywhere else it does what it always does.
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.ctrlKey || event.metaKey || event.altKey || !event.target.closest?.("[data-keys] tr .o-t")) return;
    if (pick()) event.preventDefault();
  });
  addEventListener("pageshow", () => count(form));
  count(form);
}

function listening(place) {
  const note = place.querySelector(".o-note");
  const words = place.querySelector("[data-news-words]");
  let seal = null;
  let asking = false;

  async function ask() {
    if (asking || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch(place.dataset.news, { headers: seal ? { "If-None-Match": seal } : {}, redirect: "manual", cache: "no-store" });
      if (answer.status !== 200) return;
      seal = answer.headers.get("ETag");
      tell(await answer.json());
    } catch {
      // the office cannot be reached just now: asked again in a while
    } finally {
      asking = false;
    }
  }

  function tell(found) {
    for (const [address, number] of Object.entries(found.counts)) {
      const shown = document.querySelector(`.o-tabs a[href="${address}"] b`);
      if (shown && shown.textContent !== number) shown.textContent = number;
    }
    if (!found.fresh) return;
    // The region is there from the beginning: only so is what comes into it read out.
    words.textContent = found.words;
    note.hidden = false;
  }

  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
}

export function list() {
  const form = document.querySelector("[data-together]");
  if (form) choosing(form);
  const place = document.querySelector("[data-news]");
  if (place) listening(place);
}
