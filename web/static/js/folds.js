// Cards that are folded stay folded. The office reads the cookie, so that the page comes as it was left.
const COOKIE = "officium_folds";
const MOST = 60;

function left() {
  const written = document.cookie.split("; ").find((one) => one.startsWith(`${COOKIE}=`));
  return new Map((written?.slice(COOKIE.length + 1) ?? "").split("~").filter(Boolean).map((one) => [one.slice(0, -2), one.slice(-1)]));
}

function remember(fold) {
  const known = left();
  known.delete(fold.dataset.fold);
  known.set(fold.dataset.fold, fold.open ? "1" : "0");
  const written = [...known].slice(-MOST).map((one) => one.join(".")).join("~");
  document.cookie = `${COOKIE}=${written}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
}

export function folds() {
  for (const fold of document.querySelectorAll("details[data-fold]")) {
    fold.addEventListener("click", (event) => event.target.closest("summary")?.parentElement === fold && setTimeout(() => remember(fold)));
  }
  // On paper everything is open.
  let shut = [];
  addEventListener("beforeprint", () => {
    shut = [...document.querySelectorAll("details.o-more:not([open])")];
    for (const one of shut) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of shut) one.open = false;
  });
}
