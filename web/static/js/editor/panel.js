// The panel: plain labelled fields that read and write what is selected. Each change is one command and can be undone.
import { isOpen } from "./findings.js";
import { ask } from "./keep.js";
import { facts, isChoosing, isHuman, isOf, processOf, spoken, triggerKind, written } from "./pen.js";
import { kindWords } from "./outline.js";
import * as periods from "./periods.js";
import { element, say } from "./words.js";

const TYPED = 700; // after the last key a text is taken over
const CHECKED = 350;

export class Panel {
  constructor(root, { pen, modeler, owners, findings, builder, urls, editable, go, saver }) {
    Object.assign(this, { root, pen, modeler, owners, findings, builder, urls, editable, go, saver });
    this.form = root.querySelector("[data-panel]");
    this.parts = [...this.form.querySelectorAll("[data-part]")];
    this.fields = new Map([...this.form.querySelectorAll("[data-field]")].map((one) => [one.dataset.field, one]));
    this.beside = { files: [], decisions: [], answers: [] };
    this.shape = null;
    this.form.addEventListener("submit", (event) => event.preventDefault());
    for (const field of this.fields.values()) {
      field.addEventListener("input", () => this.typed(field));
      field.addEventListener("change", () => this.take(field));
    }
    for (const one of this.form.querySelectorAll("[name='own:speak']")) one.addEventListener("change", () => this.fill());
    this.listen();
    // Folded is folded, whatever is selected.
    for (const fold of this.form.querySelectorAll("details[data-part]")) {
      fold.open = remembered(fold.dataset.part);
      fold.addEventListener("toggle", () => remember(fold.dataset.part, fold.open));
    }
  }

  get language() {
    return this.form.querySelector("[name='own:speak']:checked").value;
  }

  listen() {
    this.form.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.addRow) this.addRow(button.dataset.addRow, {}).querySelector("input, select").focus();
      if (button.dataset.dropRow !== undefined) this.dropRow(button);
      if (button.dataset.buildForm !== undefined) this.buildForm();
      if (button.dataset.changeForm !== undefined) this.changeForm();
      if (button.dataset.go) this.go(button.dataset.go, true);
      if (button.dataset.removeFile) this.removeFile(button.dataset.removeFile);
      if (button.dataset.answer) this.insert(button.dataset.answer);
    });
    this.form.addEventListener("change", (event) => {
      const list = event.target.closest("[data-list]");
      if (list) this.takeRows(list);
      if (event.target.matches("[data-attach]")) this.attach(event.target);
      if (event.target.matches("[data-template]")) this.pen.setProduces(this.shape, event.target.dataset.template, event.target.checked);
    });
    this.form.addEventListener("input", (event) => {
      const list = event.target.matches("[data-cell]") && event.target.closest("[data-list]");
      if (!list) return;
      clearTimeout(this.rowsTyped);
      this.rowsTyped = setTimeout(() => this.takeRows(list), TYPED);
    });
  }

  // What stands beside the draft: forms, decisions, answers.
  know(beside) {
    this.beside = beside;
    if (this.shape) this.fill();
  }

  show(shape, several = false) {
    this.settle();
    this.shape = several ? null : shape;
    this.root.querySelector("[data-several]").hidden = !several;
    this.form.hidden = !this.shape;
    if (this.shape) this.fill(true);
  }

  // Before anything else is shown, what is still being typed is taken over.
  settle() {
    for (const field of this.fields.values()) if (field.dataset.typed) this.take(field);
    clearTimeout(this.rowsTyped);
    for (const list of this.form.querySelectorAll("[data-list][data-typed]")) this.takeRows(list);
  }

  partsOf(shape) {
    const step = isHuman(shape);
    const root = isOf(shape, "bpmn:Process", "bpmn:Collaboration", "bpmn:Participant");
    const process = root && processOf(shape);
    const kind = triggerKind(shape);
    return {
      name: !isOf(shape, "bpmn:Collaboration", "bpmn:Association"),
      owner: step || isOf(shape, "bpmn:Lane") || Boolean(process && !this.owners.lanes().length),
      ways: isChoosing(shape) && shape.outgoing?.length > 0,
      condition: isOf(shape, "bpmn:SequenceFlow") && (isChoosing(shape.source) || isOf(shape.source, "bpmn:Activity")),
      instruction: step,
      form: step || isOf(shape, "bpmn:StartEvent"),
      decision: isOf(shape, "bpmn:BusinessRuleTask"),
      time: step,
      refusal: step,
      stops: step || isOf(shape, "bpmn:ReceiveTask", "bpmn:IntermediateCatchEvent"),
      promise: Boolean(process),
      timer: kind === "timer",
      begins: kind === "timer" && isOf(shape, "bpmn:StartEvent"),
      event: ["message", "signal", "error", "escalation", "link"].includes(kind),
      connector: isOf(shape, "bpmn:ServiceTask", "bpmn:SendTask"),
      kept: isOf(shape, "bpmn:ServiceTask", "bpmn:SendTask", "bpmn:ReceiveTask") || (kind === "message" && isOf(shape, "bpmn:CatchEvent")),
      correlation: isOf(shape, "bpmn:ReceiveTask") || (kind === "message" && !isOf(shape, "bpmn:StartEvent")),
      called: isOf(shape, "bpmn:CallActivity"),
      script: isOf(shape, "bpmn:ScriptTask"),
      loop: facts(shape).loopCharacteristics?.$type === "bpmn:MultiInstanceLoopCharacteristics",
      documents: step,
      produces: step,
      separation: step,
      moves: step,
      committee: step,
      documentation: isOf(shape, "bpmn:FlowNode") || Boolean(process),
      files: isOf(shape, "bpmn:Process", "bpmn:Collaboration", "bpmn:Participant"),
    };
  }

  // Reads and writes, by the name of the field.
  get(key) {
    const { pen, shape } = this;
    const said = facts(shape);
    const process = processOf(shape);
    if (key.startsWith("say-")) return pen.instruction(said, key.slice(4), this.language);
    if (key.startsWith("with-")) return !pen.without(said).includes(key.slice(5));
    if (periods.isPeriod(key)) return process ? periods.get(key, process) : "";
    switch (key) {
      case "name": return pen.name(shape);
      case "default": return pen.isDefault(shape);
      case "condition": return pen.expression(said, "conditionExpression");
      case "form": return said.get("officium:form") ?? "";
      case "decision": return said.get("officium:decision") ?? "";
      case "time": return spoken(said.get("officium:standardTime")).number;
      case "time-unit": return spoken(said.get("officium:standardTime")).unit;
      case "accept": return spoken(said.get("officium:acceptWithin")).number;
      case "accept-unit": return spoken(said.get("officium:acceptWithin")).unit;
      case "accept-all": return spoken(process.get("officium:acceptWithin")).number;
      case "accept-all-unit": return spoken(process.get("officium:acceptWithin")).unit;
      case "timer-working":
      case "time-working": return said.get("officium:workingTime") === true;
      case "matter":
      case "applicant": return said.get(`officium:${key}`) ?? "";
      case "stops-clock": return said.get("officium:stopsClock") ?? "";
      case "external":
      case "together": return said.get(`officium:${key}`) === true;
      case "committee":
      case "quorum":
      case "majority":
      case "countersign": return said.get(`officium:${key}`) ?? "";
      case "promised":
      case "statutory": return spoken(process.get(`officium:${key}`)).number;
      case "promised-unit":
      case "statutory-unit": return spoken(process.get(`officium:${key.slice(0, -5)}`)).unit;
      case "periods-working": return process.get("officium:workingTime") === true;
      case "timer": return pen.timer(shape).body;
      case "timer-kind": return pen.timer(shape).kind;
      case "event-name": return pen.eventName(shape);
      case "refusal":
      case "ground":
      case "connector":
      case "correlation": return said.get(`officium:${key}`) ?? "";
      case "inputs": return pen.lines(said, "officium:Input");
      case "outputs": return pen.lines(said, "officium:Output");
      case "called": return said.calledElement ?? "";
      case "script": return said.script ?? "";
      case "loop-count": return pen.expression(said.loopCharacteristics, "loopCardinality");
      case "loop-until": return pen.expression(said.loopCharacteristics, "completionCondition");
      case "documentation": return pen.documentation(process && this.isRoot() ? process : said);
      default: return "";
    }
  }

  put(key, value) {
    const { pen, shape } = this;
    const said = facts(shape);
    const process = processOf(shape);
    const period = (name) => written(this.fields.get(name).value, this.fields.get(`${name}-unit`).value);
    if (key.startsWith("say-")) return pen.instruct(shape, key.slice(4), this.language, value);
    if (key.startsWith("with-")) return pen.setWithout(shape, key.slice(5), !value);
    if (periods.isPeriod(key)) return periods.put(key, value, { pen, shape, process, fields: this.fields });
    switch (key) {
      case "name": return pen.rename(shape, value.trim());
      case "default": return pen.setDefault(shape, value);
      case "condition": return pen.express(shape, said, "conditionExpression", value);
      case "form": return pen.set(shape, { "officium:form": value });
      case "decision": return pen.set(shape, { "officium:decision": value });
      case "time":
      case "time-unit": return pen.set(shape, { "officium:standardTime": period("time") });
      case "accept":
      case "accept-unit": return pen.set(shape, { "officium:acceptWithin": period("accept") });
      case "accept-all":
      case "accept-all-unit": return pen.setIn(shape, process, { "officium:acceptWithin": period("accept-all") || undefined });
      case "timer-working":
      case "time-working": return pen.set(shape, { "officium:workingTime": value });
      case "matter":
      case "applicant": return pen.set(shape, { [`officium:${key}`]: value.trim() });
      case "stops-clock": return pen.set(shape, { "officium:stopsClock": value });
      case "external":
      case "together": return pen.set(shape, { [`officium:${key}`]: value });
      case "committee":
      case "quorum":
      case "majority":
      case "countersign": return pen.set(shape, { [`officium:${key}`]: value.trim() });
      case "promised":
      case "promised-unit": return pen.setIn(shape, process, { "officium:promised": period("promised") || undefined });
      case "statutory":
      case "statutory-unit": return pen.setIn(shape, process, { "officium:statutory": period("statutory") || undefined });
      case "periods-working": return pen.setIn(shape, process, { "officium:workingTime": value || undefined });
      case "timer":
      case "timer-kind": return pen.setTimer(shape, { kind: this.fields.get("timer-kind").value, body: this.fields.get("timer").value });
      case "event-name": return pen.setEventName(shape, value);
      case "refusal":
      case "ground":
      case "connector":
      case "correlation": return pen.set(shape, { [`officium:${key}`]: value.trim() });
      case "inputs": return pen.setLines(shape, "officium:Input", value);
      case "outputs": return pen.setLines(shape, "officium:Output", value);
      case "called": return pen.set(shape, { calledElement: value });
      case "script": return pen.set(shape, { script: value, scriptFormat: value ? said.scriptFormat ?? "feel" : said.scriptFormat });
      case "loop-count": return pen.express(shape, said.loopCharacteristics, "loopCardinality", value);
      case "loop-until": return pen.express(shape, said.loopCharacteristics, "completionCondition", value);
      case "documentation": return pen.document(shape, process && this.isRoot() ? process : said, value);
      default: return undefined;
    }
  }

  isRoot() {
    return isOf(this.shape, "bpmn:Process", "bpmn:Collaboration", "bpmn:Participant");
  }

  typed(field) {
    field.dataset.typed = "yes";
    clearTimeout(field.timer);
    if (field.dataset.field === "condition") this.check();
    if (field.type !== "checkbox" && field.tagName !== "SELECT") field.timer = setTimeout(() => this.take(field), TYPED);
  }

  take(field) {
    clearTimeout(field.timer);
    delete field.dataset.typed;
    if (!this.shape || !this.editable) return;
    const value = field.type === "checkbox" ? field.checked : field.value;
    const key = field.dataset.field;
    const unit = key.endsWith("-unit");
    if (!unit && key !== "timer-kind" && value === this.get(key)) return;
    if (unit && !this.fields.get(key.slice(0, -5)).value) return;
    this.put(key, value);
  }

  // Everything as it is in the drawing; what somebody is typing stays.
  fill(anew = false) {
    const shape = this.shape;
    if (!shape) return;
    const parts = this.partsOf(shape);
    for (const part of this.parts) part.hidden = !parts[part.dataset.part];
    const adding = this.form.querySelector("[data-adding]");
    if (adding) adding.hidden = isOf(shape, "bpmn:SequenceFlow", "bpmn:Collaboration", "bpmn:Process") && !isOf(shape, "bpmn:SequenceFlow");
    this.form.querySelector("[data-kind-words]").textContent = this.isRoot() ? say("whole") : kindWords(shape);
    this.form.querySelector("[data-called]").textContent = this.called(shape);
    this.fillFindings();
    this.fillChoices();
    if (parts.promise) periods.choices(this, processOf(shape));
    for (const [key, field] of this.fields) {
      if (field.closest("[data-part]").hidden || (field.dataset.typed && !anew)) continue;
      const value = this.get(key);
      if (field.type === "checkbox") field.checked = value;
      else if (field.value !== value) field.value = value;
    }
    if (parts.owner) this.owners.show(shape, anew);
    if (parts.ways) this.fillWays();
    if (parts.condition) this.fillCondition();
    if (parts.documents) this.fillRows("documents", this.pen.documents(facts(shape)), anew);
    if (parts.produces) this.fillTemplates();
    if (parts.separation) this.fillRows("separations", this.pen.separations(facts(shape)), anew);
    if (parts.files) this.fillFiles();
  }

  called(shape) {
    if (isOf(shape, "bpmn:SequenceFlow") && !this.pen.name(shape)) {
      return say("flow_from_to", { one: this.pen.name(shape.source) || say("nameless"), other: this.pen.name(shape.target) || say("nameless") });
    }
    const name = this.pen.name(shape) || (this.isRoot() ? processOf(shape)?.name : "");
    return name || say("nameless");
  }

  fillFindings() {
    const place = this.form.querySelector("[data-own-findings]");
    const ids = new Set([this.shape.id, this.isRoot() ? processOf(this.shape)?.id : this.shape.id]);
    const found = this.findings.found.filter((one) => ids.has(one.element) && isOpen(one));
    place.replaceChildren(...found.map((one) => element("li", { class: `o-draw-found-${one.group}` }, element("b", {}, one.sentence), element("span", { class: "o-sub" }, one.remedy, " ", element("a", { href: one.help, target: "_blank", rel: "noopener" }, say("about_rule"))))));
    place.hidden = !found.length;
  }

  fillChoices() {
    const said = facts(this.shape);
    const form = said.get?.("officium:form") ?? "";
    const forms = this.beside.files.filter((one) => /\.(form|json)$/i.test(one.path)).map((one) => one.path);
    this.options("form", [["", say("no_form")], ...forms.map((path) => [path, path])], form);
    this.options("decision", [["", say("choose")], ...this.beside.decisions.map((one) => [one.id, one.name === one.id ? one.id : `${one.name} (${one.id})`])], said.get?.("officium:decision") ?? "");
    const change = this.form.querySelector("[data-change-form]");
    change.hidden = !form || !forms.includes(form);
    this.form.querySelector("[data-build-form]").hidden = Boolean(form) && forms.includes(form);
    const called = this.fields.get("called");
    const own = said.calledElement ?? "";
    if (own && ![...called.options].some((one) => one.value === own)) called.append(element("option", { value: own }, own));
  }

  options(key, options, present) {
    const field = this.fields.get(key);
    if (present && !options.some(([value]) => value === present)) options.push([present, say("not_there", { path: present })]);
    const written_ = JSON.stringify(options);
    if (field.dataset.options === written_) return;
    field.dataset.options = written_;
    field.replaceChildren(...options.map(([value, words]) => element("option", { value }, words)));
  }

  fillWays() {
    const place = this.form.querySelector("[data-ways]");
    place.replaceChildren(
      ...this.shape.outgoing.filter((one) => isOf(one, "bpmn:SequenceFlow")).map((flow) => {
        const condition = this.pen.expression(facts(flow), "conditionExpression");
        const when = this.pen.isDefault(flow) ? say("otherwise") : condition || say("asked");
        const words = this.pen.name(flow) || say("flow_to", { step: this.pen.name(flow.target) || say("nameless") });
        return element("li", {}, element("button", { type: "button", class: "o-draw-step", "data-go": flow.id }, element("b", {}, words), element("span", { class: condition && !this.pen.isDefault(flow) ? "o-sub o-mono" : "o-sub" }, when)));
      }),
    );
  }

  fillCondition() {
    const standsAside = this.pen.isDefault(this.shape);
    this.form.querySelector("[data-condition-line]").hidden = standsAside;
    this.form.querySelector("[data-default-line]").hidden = isOf(this.shape.source, "bpmn:ComplexGateway");
    const answers = this.form.querySelector("[data-answers]");
    answers.hidden = !this.beside.answers.length || standsAside;
    answers.querySelector("ul").replaceChildren(
      ...this.beside.answers.map((one) => element("li", {}, element("button", { type: "button", class: "o-draw-answer", "data-answer": one.key }, element("code", {}, one.key), element("span", { class: "o-sub" }, one.label)))),
    );
    this.check();
  }

  insert(name) {
    const field = this.fields.get("condition");
    field.setRangeText(name, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    this.typed(field);
  }

  // The server reads the condition while it is typed.
  check() {
    const field = this.fields.get("condition");
    clearTimeout(this.checking);
    const source = field.value.trim();
    if (!source) return this.checked({ ok: true, names: [] });
    this.checking = setTimeout(async () => {
      try {
        const answer = await ask(`${this.urls.expression}?source=${encodeURIComponent(source)}`);
        if (field.value.trim() === source && answer.status === 200) this.checked({ ...answer, ok: answer.readable });
      } catch {
        // The office cannot be reached: that is said beside “saved”.
      }
    }, CHECKED);
    return undefined;
  }

  checked({ ok, sentence, names }) {
    const field = this.fields.get("condition");
    const error = this.form.querySelector("[data-condition-error]");
    error.hidden = ok;
    if (error.textContent !== (sentence ?? "")) error.textContent = sentence ?? "";
    field.toggleAttribute("aria-invalid", !ok);
    if (!ok) field.setAttribute("aria-invalid", "true");
    field.closest(".o-field").classList.toggle("o-field-bad", !ok);
    this.form.querySelector("[data-condition-read]").textContent = ok && names?.length ? say("reads", { names: names.join(", ") }) : "";
  }

  // rows: documents, separations

  fillRows(key, rows, anew) {
    const list = this.form.querySelector(`[data-list="${key}"]`);
    if (!anew && list.contains(document.activeElement)) return;
    if (!anew && JSON.stringify(this.readRows(list)) === JSON.stringify(rows)) return;
    list.replaceChildren();
    rows.forEach((row) => this.addRow(key, row));
  }

  addRow(key, values) {
    const list = this.form.querySelector(`[data-list="${key}"]`);
    const row = this.form.querySelector(`template[data-row="${key}"]`).content.firstElementChild.cloneNode(true);
    for (const cell of row.querySelectorAll("[data-cell]")) {
      cell.id = `o-f-${key}-${cell.dataset.cell}-${list.children.length}-${Math.random().toString(36).slice(2, 6)}`;
      cell.closest(".o-field").querySelector("label").htmlFor = cell.id;
      if (cell.dataset.cell === "from") {
        const steps = this.pen.steps().filter((one) => isHuman(one) && one !== this.shape);
        cell.append(element("option", { value: "" }, say("choose")), ...steps.map((one) => element("option", { value: one.id }, this.pen.name(one) || one.id)));
        if (values.from && !steps.some((one) => one.id === values.from)) cell.append(element("option", { value: values.from }, say("not_there", { path: values.from })));
      }
      if (values[cell.dataset.cell] !== undefined) cell.value = values[cell.dataset.cell];
    }
    list.append(row);
    return row;
  }

  readRows(list) {
    return [...list.children].map((row) => Object.fromEntries([...row.querySelectorAll("[data-cell]")].map((cell) => [cell.dataset.cell, cell.value])));
  }

  takeRows(list) {
    clearTimeout(this.rowsTyped);
    if (!this.shape || !this.editable) return;
    const rows = this.readRows(list);
    const said = facts(this.shape);
    if (list.dataset.list === "documents") {
      const kept = rows.filter((row) => row.en.trim() || row.zh.trim());
      if (JSON.stringify(kept) !== JSON.stringify(this.pen.documents(said))) this.pen.setDocuments(this.shape, rows);
    } else {
      const kept = rows.filter((row) => row.from).map(({ from, by }) => ({ from, by }));
      if (JSON.stringify(kept) !== JSON.stringify(this.pen.separations(said))) this.pen.setSeparations(this.shape, kept);
    }
  }

  dropRow(button) {
    const row = button.closest("li");
    const list = row.parentElement;
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.takeRows(list);
    (next?.querySelector("input, select") ?? list.parentElement.querySelector("[data-add-row]")).focus();
  }

  // forms and files

  buildForm() {
    const stem = /^[\w-]{1,60}$/.test(this.shape.id) ? this.shape.id : "step";
    const taken = new Set(this.beside.files.map((one) => one.path));
    let path = `${stem}.form.json`;
    for (let number = 2; taken.has(path); number += 1) path = `${stem}_${number}.form.json`;
    this.builder.open(path, this.called(this.shape), null);
  }

  changeForm() {
    const path = facts(this.shape).get("officium:form");
    this.builder.open(path, this.called(this.shape), this.beside.files.find((one) => one.path === path)?.digest);
  }

  built({ path, refused }) {
    this.refuse(refused ?? "");
    if (!path) return;
    if (this.shape && facts(this.shape).get?.("officium:form") !== path) this.pen.set(this.shape, { "officium:form": path });
    this.saver.refresh();
    this.form.querySelector("[data-change-form]").focus();
  }

  async attach(input) {
    const [file] = input.files;
    if (!file) return;
    this.refuse("");
    const part = input.closest("[data-part]").dataset.part;
    const path = part === "produces" ? file.name.replace(/\s+/g, "_") : file.name; // a step names several with spaces between
    const content = /\.docx$/i.test(path) ? { base64: await encoded(file) } : { content: await file.text() };
    const replaces = this.beside.files.find((one) => one.path === path)?.digest ?? null;
    input.value = "";
    let answer;
    try {
      answer = await ask(this.urls.file, { path, ...content, replaces, pen: this.saver.pen });
    } catch {
      return this.refuse(say("unreachable"));
    }
    if (!answer.ok) return this.refuse(answer.sentence ?? say("not_understood"));
    if (part === "produces") this.pen.setProduces(this.shape, path, true);
    if (part === "form") this.pen.set(this.shape, { "officium:form": file.name });
    await this.saver.refresh();
    if (part === "decision" && this.beside.decisions.length === 1) this.pen.set(this.shape, { "officium:decision": this.beside.decisions[0].id });
    return undefined;
  }

  refuse(sentence) {
    for (const place of this.form.querySelectorAll("[data-form-refused], [data-file-refused]")) {
      place.textContent = sentence;
      place.hidden = !sentence;
    }
  }

  // Every template there is, and those that are named and not there, each to be ticked.
  fillTemplates() {
    const named = this.pen.produces(facts(this.shape));
    const there = this.beside.files.map((one) => one.path).filter((path) => /(\.docx|\.notice\.toml)$/i.test(path) && !/\s/.test(path));
    const shown = [...new Set([...there, ...named])];
    const place = this.form.querySelector("[data-templates]");
    const told = JSON.stringify([shown, there]);
    if (place.dataset.told !== told) {
      place.dataset.told = told;
      place.replaceChildren(
        ...shown.map((path) => element("label", { class: "o-pick" }, element("input", { type: "checkbox", "data-template": path }), ` ${there.includes(path) ? path : say("not_there", { path })}`)),
      );
    }
    for (const box of place.querySelectorAll("[data-template]")) box.checked = named.includes(box.dataset.template);
    this.form.querySelector("[data-no-template]").hidden = shown.length > 0;
  }

  fillFiles() {
    const place = this.form.querySelector("[data-files]");
    place.replaceChildren(
      ...this.beside.files.map((one) => {
        const line = element("li", {}, element("a", { href: `${this.urls.file}?path=${encodeURIComponent(one.path)}` }, one.path));
        if (this.editable) line.append(element("button", { type: "button", class: "o-btn o-btn-s", "data-remove-file": one.path, "aria-label": `${say("remove")}: ${one.path}` }, say("remove")));
        return line;
      }),
    );
  }

  async removeFile(path) {
    const answer = await ask(`${this.urls.file}/remove`, { path }).catch(() => ({ ok: false, sentence: say("unreachable") }));
    this.refuse(answer.ok ? "" : (answer.sentence ?? say("not_understood")));
    this.saver.refresh();
  }
}

const FOLDED = "officium.folded";

function remembered(part) {
  try {
    return !(JSON.parse(localStorage.getItem(FOLDED)) ?? []).includes(part);
  } catch {
    return true;
  }
}

function remember(part, open) {
  try {
    const folded = new Set(JSON.parse(localStorage.getItem(FOLDED)) ?? []);
    if (open) folded.delete(part);
    else folded.add(part);
    localStorage.setItem(FOLDED, JSON.stringify([...folded]));
  } catch {
    // The browser keeps nothing for pages: then it is forgotten.
  }
}

// Bytes as they travel in JSON.
function encoded(file) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done(reader.result.slice(reader.result.indexOf(",") + 1)));
    reader.addEventListener("error", () => failed(reader.error));
    reader.readAsDataURL(file);
  });
}
