// Keeps what is drawn: saves by itself, tells so in words, and loses nothing when somebody else saves meanwhile.
import { element, say } from "./words.js";

const QUIET = 1500; // after the last change
const COPY = 300;
const FRESH = 4000;
const PRESENT = 10_000;
const LONGEST_WAIT = 60_000;
const KEEPALIVE_MOST = 60_000; // browsers send no more than that after a page has gone

const token = () => document.querySelector('meta[name="csrf-token"]');

// The answer of the office to a script: what it said, whatever it was. Raises when it cannot be reached.
export async function ask(url, body) {
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-CSRFToken": token().content } };
  const send = () => fetch(url, { ...options, headers: { Accept: "application/json", ...options.headers } });
  let answer = await send();
  // Signed in anew in another window: the page's token is of the sign-in before.
  if (answer.status === 400 && body !== undefined && !isJson(answer) && (await newToken())) {
    options.headers["X-CSRFToken"] = token().content;
    answer = await send();
  }
  const said = isJson(answer) ? await answer.json() : {};
  return { ok: answer.ok, status: answer.redirected && !isJson(answer) ? 401 : answer.status, ...said };
}

const isJson = (answer) => (answer.headers.get("Content-Type") ?? "").includes("json");

async function newToken() {
  const page = await fetch(location.pathname);
  const found = new DOMParser().parseFromString(await page.text(), "text/html").querySelector('meta[name="csrf-token"]');
  if (!found || page.redirected) return false;
  token().content = found.content;
  return true;
}

export class Keeper {
  // urls: draft, presence, saves, signIn. drawn(): a promise of the XML. mapped(): owner to post. load(opened): draws it.
  constructor({ modeler, mapping, urls, person, edition, places, load, kept }) {
    Object.assign(this, { modeler, mapping, urls, places, load, kept });
    this.pen = crypto.getRandomValues(new Uint32Array(3)).join("-");
    this.prefix = `officium.draft.${person}.${edition}.`;
    this.failures = 0;
    this.clash = null;
    this.sending = null;
  }

  // What the office has, as it was opened.
  begin(opened) {
    this.revision = opened.revision;
    this.at = opened.at;
    this.mapped = new Map(Object.entries(opened.mapped).map(([owner, post]) => [owner, post]));
    this.failures = 0;
    this.clash = null;
    this.dirty = false;
    clearTimeout(this.timer);
    clearTimeout(this.copying);
    this.say(opened.at ? say("saved_by", { at: opened.at, by: opened.by ?? "" }) : say("nothing_changed"), "calm");
  }

  watch() {
    const bus = this.modeler.get("eventBus");
    bus.on("commandStack.changed", ({ trigger }) => trigger !== "clear" && this.changed());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.flush());
    addEventListener("pagehide", () => this.leave());
    addEventListener("online", () => this.dirty && this.send());
    addEventListener("focus", () => this.failures && this.dirty && this.send());
    addEventListener("beforeunload", (event) => this.dirty && this.failures && event.preventDefault());
    setInterval(() => document.visibilityState === "visible" && this.look(), PRESENT);
    this.look();
  }

  changed() {
    this.dirty = true;
    this.changes = (this.changes ?? 0) + 1;
    if (!this.failures) this.say(say("unsaved"), "busy");
    clearTimeout(this.copying);
    this.copying = setTimeout(() => this.copy(), COPY);
    this.later(QUIET);
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), wait);
  }

  async drawn() {
    const { xml } = await this.modeler.saveXML({ format: true });
    return xml;
  }

  changedPosts() {
    const changes = {};
    for (const [owner, post] of this.mapping.posts) if (this.mapped.get(owner) !== post) changes[owner] = post;
    for (const owner of this.mapped.keys()) if (!this.mapping.posts.has(owner)) changes[owner] = null;
    return changes;
  }

  // The browser's own copy, until the office has it.
  async copy() {
    try {
      const xml = await this.drawn();
      if (this.dirty) localStorage.setItem(this.prefix + this.pen, JSON.stringify({ xml, revision: this.revision, at: Date.now(), mapped: this.changedPosts() }));
    } catch {
      // The browser's store is full or closed to pages; the office still gets it.
    }
  }

  forgetCopy(key = this.prefix + this.pen) {
    try {
      localStorage.removeItem(key);
    } catch {
      // as above
    }
  }

  // What never reached the office is offered. A copy made just now may be of another window, which is about to save it.
  lookBehind(source, again = true) {
    const copy = this.leftBehind();
    if (copy && Date.now() - copy.at < FRESH) {
      if (again) setTimeout(() => this.lookBehind(source, false), FRESH);
    } else if (copy && copy.xml !== source) this.offerCopy(copy);
    else if (copy) this.forgetCopy(copy.key);
  }

  // The newest copy of this person and edition.
  leftBehind() {
    try {
      const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.prefix) && key !== this.prefix + this.pen);
      const found = keys.map((key) => ({ key, ...JSON.parse(localStorage.getItem(key)) }));
      return found.filter((one) => typeof one.xml === "string").sort((one, other) => other.at - one.at)[0] ?? null;
    } catch {
      return null;
    }
  }

  async flush() {
    clearTimeout(this.timer);
    if (this.dirty) await this.send();
    return !this.dirty;
  }

  send(force = null) {
    clearTimeout(this.timer);
    this.sending = (this.sending ?? Promise.resolve()).then(() => this.sendNow(force));
    return this.sending;
  }

  async sendNow(force) {
    if (!this.dirty && force === null) return;
    this.say(say("saving"), "busy");
    const upTo = this.changes;
    let xml;
    let answer;
    try {
      xml = await this.drawn();
      const mapped = this.changedPosts();
      answer = await ask(this.urls.draft, { source: xml, revision: force ?? this.revision, mapped, pen: this.pen });
    } catch {
      return this.failed(say("unreachable"), true);
    }
    if (answer.ok) return this.wasKept(answer, upTo);
    if (answer.status === 409) return this.wasBeside(answer, upTo);
    if (answer.status === 401) return this.failed(say("signed_out"), true, { href: this.urls.signIn, words: say("sign_in") });
    if (answer.status === 413) return this.failed(answer.sentence ?? say("too_large"), false);
    return this.failed(answer.sentence ?? say("not_understood"), answer.status >= 500);
  }

  wasKept(answer, upTo) {
    // Told in the office's own time.
    this.failures = 0;
    this.revision = answer.revision;
    this.mapped = new Map(Object.entries(answer.mapped));
    if (this.clash) {
      this.clash = null;
      this.places.notes.replaceChildren();
    }
    this.settle(upTo);
    this.say(say("saved", { at: answer.hour }), "calm");
    this.kept({});
  }

  wasBeside(answer, upTo) {
    this.failures = 0;
    const first = !this.clash || this.clash.revision !== answer.revision;
    this.clash = answer;
    this.settle(upTo);
    this.say(say("beside"), "warn");
    if (first) this.tellClash(answer);
    this.kept({ save: answer.beside });
  }

  settle(upTo) {
    if (this.changes !== upTo) return this.later(QUIET);
    this.dirty = false;
    clearTimeout(this.copying);
    this.forgetCopy();
  }

  failed(sentence, again, link) {
    this.failures += 1;
    const wait = Math.min(LONGEST_WAIT, 2000 * 2 ** (this.failures - 1));
    const parts = [say("not_saved", { why: sentence }), again ? say("again_in", { seconds: Math.round(wait / 1000) }) : say("kept_here")];
    this.say(parts.join(" "), "late", link);
    if (again) this.later(wait);
  }

  say(sentence, kind, link) {
    const place = this.places.state;
    if (place.dataset.said === sentence) return;
    place.dataset.said = sentence;
    place.className = `o-draw-state o-draw-state-${kind}`;
    place.replaceChildren(element("span", {}, sentence));
    if (link) place.append(" ", element("a", { href: link.href, target: "_blank", rel: "noopener" }, link.words));
  }

  // two at one draft

  note(sentence, buttons, kind = "attention") {
    const note = element("div", { class: `o-note o-note-${kind}`, role: "alert" }, element("p", {}, sentence));
    const row = element("div", { class: "o-inline o-draw-ways" });
    for (const [words, act, go] of buttons) {
      const button = element("button", { type: "button", class: go ? "o-btn o-btn-s o-btn-go" : "o-btn o-btn-s" }, words);
      button.addEventListener("click", () => act(note));
      row.append(button);
    }
    row.append(element("a", { class: "o-btn o-btn-s", href: this.urls.saves, target: "_blank", rel: "noopener" }, say("all_saves")));
    note.append(row);
    this.places.notes.replaceChildren(note);
    return note;
  }

  tellClash(answer) {
    this.note(`${answer.sentence} ${say("clash_kept")}`, [
      [say("go_on_from_theirs", { by: answer.by }), () => this.takeTheirs(), true],
      [say("make_mine_the_draft"), () => this.makeMine()],
    ]);
  }

  async takeTheirs() {
    if (!(await this.flush())) return;
    const opened = await ask(this.urls.draft);
    if (!opened.ok) return this.failed(opened.sentence ?? say("unreachable"), false);
    this.places.notes.replaceChildren();
    await this.load(opened);
    this.begin(opened);
    this.kept({});
  }

  async makeMine() {
    await this.send(this.clash.revision);
  }

  offerCopy(copy) {
    const at = new Date(copy.at).toLocaleString(document.documentElement.lang, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
    this.note(say("left_behind", { at }), [
      [
        say("take_up"),
        async (note) => {
          const revision = copy.revision;
          const mapped = new Map(this.mapping.posts);
          for (const [owner, post] of Object.entries(copy.mapped ?? {})) post === null ? mapped.delete(owner) : mapped.set(owner, post);
          await this.load({ source: copy.xml, mapped: Object.fromEntries(mapped) });
          this.revision = revision;
          this.forgetCopy(copy.key);
          note.remove();
          this.changed();
        },
        true,
      ],
      [
        say("drop_it"),
        (note) => {
          this.forgetCopy(copy.key);
          note.remove();
        },
      ],
    ]);
  }

  async look() {
    let told;
    try {
      told = await ask(this.urls.presence, {});
    } catch {
      return;
    }
    if (!told.ok) return;
    const place = this.places.others;
    const words = told.others.length ? say("also_here", { names: told.others.join(say("comma")) }) : "";
    if (place.textContent !== words) place.textContent = words;
    if (told.state !== "draft" && !this.settled) {
      this.settled = true;
      this.note(say("no_longer_a_draft"), []);
    } else if (told.revision > this.revision && !this.dirty && !this.clash && this.told !== told.revision) {
      this.told = told.revision;
      this.note(say("moved_on", { by: told.by ?? "", at: told.at }), [[say("show_theirs"), () => this.takeTheirs(), true]]);
    }
  }

  leave() {
    if (!this.dirty) return;
    this.modeler.saveXML({ format: true }).then(({ xml }) => {
      try {
        localStorage.setItem(this.prefix + this.pen, JSON.stringify({ xml, revision: this.revision, at: Date.now(), mapped: this.changedPosts() }));
      } catch {
        // as above
      }
      const body = JSON.stringify({ source: xml, revision: this.revision, mapped: this.changedPosts(), pen: this.pen });
      if (body.length > KEEPALIVE_MOST) return;
      fetch(this.urls.draft, { method: "POST", body, keepalive: true, headers: { "Content-Type": "application/json", "X-CSRFToken": token().content } }).catch(() => {});
    });
  }
}
