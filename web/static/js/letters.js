// The bell: asked again now and then while somebody looks. Nothing comes back where nothing has changed.
const EVERY = 20_000;

export function bell() {
  const bell = document.querySelector("[data-bell]");
  if (!bell) return;
  let tag = bell.dataset.tag;
  const look = async () => {
    if (document.hidden) return;
    // A redirect means that nobody is signed in any more: the next page says so.
    const answer = await fetch(bell.dataset.bell, { headers: { "If-None-Match": tag }, redirect: "manual" }).catch(() => null);
    if (answer?.status !== 200) return;
    tag = answer.headers.get("ETag") ?? tag;
    bell.innerHTML = await answer.text();
    await shown();
  };
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
}

// On the page of notices itself the list follows; not under the hands of somebody who is in it.
async function shown() {
  const list = document.querySelector("[data-notices]");
  if (!list || list.contains(document.activeElement)) return;
  const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
  if (answer?.status !== 200) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-notices]");
  if (found) list.replaceWith(found);
}

// Whoever follows a notice has read it.
export function reading() {
  document.addEventListener("click", (event) => {
    const url = event.target.closest?.("[data-reads]")?.dataset.reads;
    if (!url) return;
    const token = document.querySelector('meta[name="csrf-token"]').content;
    fetch(url, { method: "POST", headers: { "X-CSRFToken": token }, keepalive: true, redirect: "manual" }).catch(() => null);
  });
}
