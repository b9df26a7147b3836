// The periods of the whole procedure, beyond how long they are: what begins and ends them, stops them, extends them.
import { isOf, spoken, written } from "./pen.js";

const WORDS = {
  "rule-set": "ruleSet", "counts-from": "countsFrom", "promise-from": "promiseFrom", "notice-by": "noticeBy",
  "decided-by": "decidedBy", expiry: "expiry", stops: "stops", rolls: "rolls",
};
const TICKS = { joint: "joint", "counts-first": "countsFirstDay" };
const STEPS = ["counts-from", "promise-from", "notice-by", "decided-by"];

export const isPeriod = (key) => key in WORDS || key in TICKS || key.startsWith("extension");

export function get(key, process) {
  if (key in TICKS) return process.get(`officium:${TICKS[key]}`) === true;
  if (key in WORDS) return process.get(`officium:${WORDS[key]}`) ?? "";
  const length = spoken(process.get("officium:extension"));
  return key === "extension" ? length.number : length.unit;
}

export function put(key, value, { pen, shape, process, fields }) {
  if (key in TICKS) return pen.setIn(shape, process, { [`officium:${TICKS[key]}`]: value || undefined });
  if (key in WORDS) return pen.setIn(shape, process, { [`officium:${WORDS[key]}`]: value.trim() || undefined });
  const length = written(fields.get("extension").value, fields.get("extension-unit").value);
  return pen.setIn(shape, process, { "officium:extension": length || undefined });
}

// Steps to choose from; what somebody wrote by hand, as two of them, stays.
export function choices(panel, process) {
  const all = panel.pen.steps().filter((one) => !isOf(one, "bpmn:StartEvent", "bpmn:EndEvent", "bpmn:BoundaryEvent"));
  const steps = all.map((one) => [one.id, panel.pen.name(one) || one.id]);
  const begins = panel.fields.get("counts-from").dataset.none;
  for (const key of STEPS) {
    const first = key === "promise-from" ? [["", panel.fields.get(key).dataset.none], ["start", begins]] : [["", panel.fields.get(key).dataset.none]];
    const own = process.get(`officium:${WORDS[key]}`) ?? "";
    const several = own.includes(" ") ? [[own, own]] : [];
    panel.options(key, [...first, ...steps, ...several], own);
  }
}
