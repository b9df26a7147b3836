// What is typed is kept at the office within two seconds; where the office cannot be reached, in this browser.
const PREFIX = "officium.draft.";
const SENT = "officium.sent";
const REST = 900; // milliseconds without a key before it is saved
const LONGEST = 1700; // … but no later than this after the first change
const SLOWEST = 30000;
const MOST_ALIVE = 60000; // a browser carries no more past the end of a page
const NEVER = new Set(["csrf_token", "own:receipt", "own:since", "own:live", "own:whole", "own:changed", "own:back", "o-rows"]);

function typed(form) {
  const found = new Map();
  for (const [name, value] of new FormData(form)) {
    if (NEVER.has(name) || typeof value !== "string") continue;
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

const same = (one = [], other = []) => one.length === other.length && one.every((value, at) => value === other[at]);

function changed(now, before) {
  return [...new Set([...now.keys(), ...before.keys()])].filter((name) => !same(now.get(name), before.get(name)));
}

const shelf = {
  put: (key, value) => {
    try {
      localStorage.setItem(key, value);
      return true;
    } catch {
      return false;
    }
  },
  take: (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  drop: (key) => {
    try {
      localStorage.removeItem(key);
    } catch {
      // a browser that keeps nothing has nothing to forget
    }
  },
};

// Whoever signs out leaves nothing behind in the browser.
export function forget() {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch {
    // as above
  }
}

const keyOf = (form) => `${PREFIX}${form.dataset.person}.${form.dataset.draft}`;

class Draft {
  constructor(form) {
    this.form = form;
    this.said = form.querySelector("[data-draft-said]");
    this.key = keyOf(form);
    this.saved = typed(form);
    this.whole = true; // the first time everything goes, later what has changed
    this.left = false;
    this.wait = REST;
  }

  watch() {
    for (const kind of ["input", "change"]) this.form.addEventListener(kind, () => this.later());
    this.form.addEventListener("submit", (event) => {
      if (event.submitter?.matches("[data-draft-save]")) {
        event.preventDefault();
        this.now();
      } else this.sent();
    });
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.leave());
    addEventListener("online", () => this.pending() && this.now());
    // The back button may bring the page back as it was left.
    addEventListener("pageshow", (event) => event.persisted && ((this.left = false), (this.whole = true)));
    for (const form of document.querySelectorAll("form[data-draft-discard]")) form.addEventListener("submit", () => (this.stop(), shelf.drop(this.key)));
  }

  pending() {
    return changed(typed(this.form), this.saved).length > 0;
  }

  later() {
    if (this.left) return;
    this.first ??= performance.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), Math.max(0, Math.min(this.wait, this.first + Math.max(LONGEST, this.wait) - performance.now())));
  }

  async now() {
    clearTimeout(this.timer);
    if (this.sending) {
      this.again = true;
      return;
    }
    const values = typed(this.form);
    const names = changed(values, this.saved);
    if (!names.length && !this.whole) return;
    this.first = undefined;
    this.sending = true;
    const outcome = await this.send(this.body(values, names), true);
    this.sending = false;
    this.heard(outcome, values);
    if (this.again || (outcome.version && this.pending())) {
      this.again = false;
      this.later();
    }
  }

  body(values, names) {
    const body = new URLSearchParams();
    for (const name of ["csrf_token", "own:receipt", "own:since"]) body.set(name, this.form.elements[name]?.value ?? "");
    body.set("own:live", "1");
    if (this.whole) body.set("own:whole", "1");
    for (const name of names) body.append("own:changed", name);
    for (const [name, list] of values) if (this.whole || names.includes(name)) for (const value of list) body.append(name, value);
    return body;
  }

  async send(body, answered) {
    const alive = body.toString().length < MOST_ALIVE;
    const options = { method: "POST", body, keepalive: alive, redirect: "error" };
    if (answered) options.signal = AbortSignal.timeout(10000);
    try {
      const answer = await fetch(this.form.dataset.draft, options);
      if (answer.headers.get("Content-Type")?.startsWith("application/json")) return await answer.json();
      return { out: [400, 401, 403].includes(answer.status) };
    } catch {
      return {};
    }
  }

  heard(outcome, values) {
    if (outcome.version) {
      this.saved = values;
      this.whole = false;
      this.wait = REST;
      shelf.drop(this.key);
      this.say(outcome.said);
    } else if (outcome.whole) {
      this.whole = true;
      this.again = true;
    } else if (outcome.refused) {
      this.aside();
      this.stop();
      this.say(outcome.refused, true);
    } else {
      const here = this.aside();
      this.wait = Math.min(this.wait * 2, SLOWEST);
      this.say(here ? this.form.dataset[outcome.out ? "out" : "lost"] : this.form.dataset.onlyHere, true);
      this.later();
    }
  }

  // The same again is not said again: a screen reader would repeat it at every pause.
  say(words, bad = false) {
    if (!this.said) return;
    this.said.classList.toggle("o-draft-lost", bad);
    if (this.said.textContent !== words) this.said.textContent = words;
  }

  aside() {
    const values = typed(this.form);
    return shelf.put(this.key, JSON.stringify({ at: Date.now(), values: [...values], changed: changed(values, this.saved) }));
  }

  leave() {
    clearTimeout(this.timer);
    if (this.left || !this.pending()) return;
    const values = typed(this.form);
    this.aside(); // nobody is left to hear whether it arrived
    this.send(this.body(values, changed(values, this.saved)), false);
  }

  // Should the office not be reached, the page before this one is opened again: it finds here what was typed last.
  sent() {
    if (this.pending() && this.aside()) shelf.put(SENT, this.key);
    this.stop();
  }

  stop() {
    this.left = true;
    clearTimeout(this.timer);
  }

  // Left behind in this browser when the office could not be reached: it is brought there now, and the page comes anew with it.
  async bring() {
    const left = shelf.take(this.key);
    if (!left) return;
    const { values, changed: names } = JSON.parse(left);
    const kept = new Map(values);
    if (names.every((name) => same(kept.get(name), this.saved.get(name)))) return shelf.drop(this.key);
    const outcome = await this.send(this.body(kept, names), true);
    if (!outcome.version) return this.say(outcome.refused ?? this.form.dataset.lost, true);
    shelf.drop(this.key);
    this.stop();
    location.reload();
  }
}

export function drafts() {
  const sent = shelf.take(SENT);
  const forms = [...document.querySelectorAll("form[data-draft]")];
  if (sent) {
    shelf.drop(SENT);
    // Another page than the one that was sent, or what is wrong with it: it has arrived. To load that answer anew would send it again.
    if (!forms.some((form) => keyOf(form) === sent) || document.querySelector("[data-errors]")) shelf.drop(sent);
  }
  for (const form of forms) {
    const draft = new Draft(form);
    draft.watch();
    draft.bring();
    form.draft = draft;
  }
  document.querySelector("form[data-signs-out]")?.addEventListener("submit", forget);
}
