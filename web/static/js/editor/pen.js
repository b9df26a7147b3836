// Facts of an element, read and written. Every write is one command, so that it can be undone.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";

export const HUMAN = ["bpmn:UserTask", "bpmn:ManualTask"];
const CHOOSING = ["bpmn:ExclusiveGateway", "bpmn:InclusiveGateway", "bpmn:ComplexGateway"];
const NAMED = { message: "bpmn:Message", signal: "bpmn:Signal", error: "bpmn:Error", escalation: "bpmn:Escalation" };

export const facts = (element) => getBusinessObject(element);
export const isOf = (element, ...kinds) => kinds.some((kind) => is(element, kind));
// A bare task is done by a person too.
export const isHuman = (element) => isOf(element, ...HUMAN) || facts(element).$type === "bpmn:Task";
export const isChoosing = (element) => isOf(element, ...CHOOSING);
export const kindOf = (element) => facts(element).$type.replace("bpmn:", "");
export const trigger = (element) => facts(element).eventDefinitions?.[0];
export const triggerKind = (element) => {
  const found = trigger(element)?.$type.replace("bpmn:", "").replace("EventDefinition", "").toLowerCase();
  if (found) return found;
  return isOf(element, "bpmn:ReceiveTask", "bpmn:SendTask") ? "message" : undefined;
};

export function processOf(element) {
  const said = facts(element);
  if (said.$type === "bpmn:Process") return said;
  if (said.$type === "bpmn:Participant") return said.processRef;
  if (said.$type === "bpmn:Collaboration") return said.participants?.find((one) => one.processRef)?.processRef;
  let up = said;
  while (up && up.$type !== "bpmn:Process") up = up.$parent;
  return up;
}

const SPOKEN_AS = { "officium:Input": ["name", "expression"], "officium:Output": ["variable", "from"] };

export class Pen {
  constructor(modeler) {
    this.modeler = modeler;
    this.modeling = modeler.get("modeling", false); // none where it is only read
    this.moddle = modeler.get("moddle");
    this.registry = modeler.get("elementRegistry");
  }

  make(type, properties, parent) {
    const made = this.moddle.create(type, properties);
    made.$parent = parent;
    return made;
  }

  // Attributes of the element itself; an empty one is taken away.
  set(element, properties) {
    const cleaned = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, value === "" || value === false ? undefined : value]));
    this.modeling.updateProperties(element, cleaned);
  }

  setIn(element, object, properties) {
    this.modeling.updateModdleProperties(element, object, properties);
  }

  // name

  name(element) {
    const said = facts(element);
    return (said.$type === "bpmn:TextAnnotation" ? said.text : said.name) ?? "";
  }

  rename(element, name) {
    const said = facts(element);
    if (said.$type === "bpmn:TextAnnotation") return this.modeling.updateProperties(element, { text: name || undefined });
    const process = said.$type === "bpmn:Participant" ? said.processRef : null;
    const together = process && (process.name ?? "") === (said.name ?? "");
    this.modeling.updateProperties(element, { name: name || undefined });
    if (together) this.setIn(element, process, { name: name || undefined });
  }

  // what stands in extensionElements

  extension(object, type) {
    return object.extensionElements?.values?.find((one) => one.$type === type);
  }

  extensions(object, type) {
    return object.extensionElements?.values?.filter((one) => one.$type === type) ?? [];
  }

  // Those of one type are replaced where the first stood; what belongs to others stays as it is.
  setExtensions(element, object, type, made) {
    const before = object.extensionElements?.values ?? [];
    const at = before.findIndex((one) => one.$type === type);
    const others = before.filter((one) => one.$type !== type);
    const place = at < 0 ? others.length : before.slice(0, at).filter((one) => one.$type !== type).length;
    const values = [...others.slice(0, place), ...made, ...others.slice(place)];
    const holder = values.length ? this.make("bpmn:ExtensionElements", { values }, object) : undefined;
    for (const one of values) one.$parent = holder;
    this.setIn(element, object, { extensionElements: holder });
  }

  // the work instruction

  instruction(object, part, language) {
    const said = this.extensions(object, "officium:Instruction").flatMap((one) => one[part] ?? []);
    const own = said.filter((one) => speaks(one) === language).map((one) => one.text ?? "");
    return (own.length ? own : said.filter((one) => speaks(one) === "").map((one) => one.text ?? "")).join("\n");
  }

  instruct(element, part, language, words) {
    const object = facts(element);
    const parts = {};
    for (const name of ["what", "how", "standard"]) {
      parts[name] = [];
      for (const spoken of ["en", "zh"]) {
        const text = name === part && spoken === language ? words : this.instruction(object, name, spoken);
        if (text.trim()) parts[name].push(this.said(`officium:${name[0].toUpperCase()}${name.slice(1)}`, spoken, text.trim()));
      }
    }
    const any = Object.values(parts).some((one) => one.length);
    const made = any ? this.make("officium:Instruction", parts) : null;
    for (const one of Object.values(parts).flat()) one.$parent = made;
    this.setExtensions(element, object, "officium:Instruction", made ? [made] : []);
  }

  said(type, language, text) {
    const made = this.make(type, { text });
    made.$attrs["xml:lang"] = language;
    return made;
  }

  // documents required: the same order in both languages

  documents(object) {
    const said = this.extensions(object, "officium:Documents").flatMap((one) => one.document ?? []);
    const columns = { en: said.filter((one) => speaks(one) !== "zh"), zh: said.filter((one) => speaks(one) === "zh") };
    const rows = Math.max(columns.en.length, columns.zh.length);
    return Array.from({ length: rows }, (_none, row) => ({ en: columns.en[row]?.text ?? "", zh: columns.zh[row]?.text ?? "" }));
  }

  setDocuments(element, rows) {
    const kept = rows.filter((row) => row.en.trim() || row.zh.trim());
    // A document without words in one language keeps its place there by those of the other.
    const document = kept.flatMap((row) => [
      this.said("officium:Document", "en", (row.en || row.zh).trim()),
      this.said("officium:Document", "zh", (row.zh || row.en).trim()),
    ]);
    const made = document.length ? this.make("officium:Documents", { document }) : null;
    for (const one of document) one.$parent = made;
    this.setExtensions(element, facts(element), "officium:Documents", made ? [made] : []);
  }

  // separation of duties

  separations(object) {
    return this.extensions(object, "officium:Separation").map((one) => ({ from: one.from ?? "", by: one.by ?? "person" }));
  }

  setSeparations(element, rows) {
    const made = rows.filter((row) => row.from).map((row) => this.make("officium:Separation", row));
    this.setExtensions(element, facts(element), "officium:Separation", made);
  }

  // what a connector is given, and what is kept of its answer: a line each, "name = expression"

  lines(object, type) {
    const [name, value] = SPOKEN_AS[type];
    return this.extensions(object, type).map((one) => `${one[name] ?? ""} = ${one[value] ?? ""}`).join("\n");
  }

  setLines(element, type, text) {
    const [name, value] = SPOKEN_AS[type];
    const made = text.split("\n").filter((line) => line.trim()).map((line) => {
      const [said, ...rest] = line.split("=");
      return this.make(type, { [name]: said.trim(), [value]: rest.join("=").trim() });
    });
    this.setExtensions(element, facts(element), type, made);
  }

  // moves that are switched off

  without(object) {
    return (object.get?.("officium:without") ?? "").split(/\s+/).filter(Boolean);
  }

  setWithout(element, move, off) {
    const others = this.without(facts(element)).filter((one) => one !== move);
    this.set(element, { "officium:without": [...others, ...(off ? [move] : [])].join(" ") });
  }

  // templates that documents are made from

  produces(object) {
    return (object.get?.("officium:document") ?? "").split(/\s+/).filter(Boolean);
  }

  setProduces(element, template, on) {
    const others = this.produces(facts(element)).filter((one) => one !== template);
    this.set(element, { "officium:document": [...others, ...(on ? [template] : [])].join(" ") });
  }

  // documentation

  documentation(object) {
    return (object.documentation ?? []).map((one) => one.text ?? "").filter(Boolean).join("\n\n");
  }

  document(element, object, text) {
    const made = text.trim() ? [this.make("bpmn:Documentation", { text: text.trim() }, object)] : [];
    this.setIn(element, object, { documentation: made });
  }

  // expressions that stand as elements of their own: conditions, timers, how often

  expression(object, key) {
    return object?.[key]?.body ?? "";
  }

  express(element, object, key, body) {
    this.setIn(element, object, { [key]: body.trim() ? this.make("bpmn:FormalExpression", { body: body.trim() }, object) : undefined });
  }

  timer(element) {
    const event = trigger(element);
    const kind = ["timeDuration", "timeDate", "timeCycle"].find((key) => event?.[key]) ?? "timeDuration";
    return { kind, body: this.expression(event, kind) };
  }

  setTimer(element, { kind, body }) {
    const event = trigger(element);
    const cleared = { timeDuration: undefined, timeDate: undefined, timeCycle: undefined };
    const made = body.trim() ? this.make("bpmn:FormalExpression", { body: body.trim() }, event) : undefined;
    this.setIn(element, event, { ...cleared, [kind]: made });
  }

  // what an event waits for or sends

  eventName(element) {
    const holder = trigger(element) ?? facts(element);
    const kind = triggerKind(element);
    if (kind === "link") return holder.name ?? "";
    return holder[`${kind}Ref`]?.name ?? "";
  }

  setEventName(element, name) {
    const holder = trigger(element) ?? facts(element);
    const kind = triggerKind(element);
    if (kind === "link") return this.setIn(element, holder, { name: name || undefined });
    if (!name.trim()) return this.setIn(element, holder, { [`${kind}Ref`]: undefined });
    const all = this.modeler.getDefinitions();
    const found = all.rootElements.find((one) => one.$type === NAMED[kind] && one.name === name.trim());
    const code = kind === "error" ? { errorCode: name.trim() } : kind === "escalation" ? { escalationCode: name.trim() } : {};
    const made = found ?? this.make(NAMED[kind], { id: this.moddle.ids.nextPrefixed(`${kind}_`), name: name.trim(), ...code }, all);
    if (!found) all.rootElements.push(made);
    this.setIn(element, holder, { [`${kind}Ref`]: made });
  }

  // flows

  isDefault(flow) {
    return facts(flow.source).default === facts(flow);
  }

  setDefault(flow, on) {
    this.modeling.updateProperties(flow.source, { default: on ? facts(flow) : undefined });
  }

  // steps and what comes after them

  steps() {
    return this.registry.filter((one) => isOf(one, "bpmn:FlowNode") && one.type !== "label");
  }
}

export function speaks(said) {
  const written = (said.$attrs?.["xml:lang"] ?? "").toLowerCase();
  return written.startsWith("zh") ? "zh" : written.startsWith("en") ? "en" : "";
}

// Durations as people say them: a number and a unit.
const UNITS = { W: /^P(\d{1,4})W$/, D: /^P(\d{1,5})D$/, H: /^PT(\d{1,6})H$/, M: /^PT(\d{1,7})M$/ };

export function spoken(duration) {
  for (const [unit, form] of Object.entries(UNITS)) {
    const found = form.exec(duration ?? "");
    if (found) return { number: found[1], unit };
  }
  return { number: duration ?? "", unit: duration ? "iso" : "D" };
}

export function written(number, unit) {
  const said = number.trim();
  if (!said) return "";
  if (unit === "iso" || !/^\d+$/.test(said)) return said.toUpperCase().replace(/\s/g, "");
  return unit === "H" || unit === "M" ? `PT${Number(said)}${unit}` : `P${Number(said)}${unit}`;
}
