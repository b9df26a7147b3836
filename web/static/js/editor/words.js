// The page's own sentences: {facts} are filled in here, everything else was said by the server in the reader's language.
let words = {};

export function learn(all) {
  words = all;
}

export function say(key, facts = {}) {
  const sentence = words[key] ?? key;
  return typeof sentence === "string" ? sentence.replace(/\{(\w+)\}/g, (whole, name) => String(facts[name] ?? whole)) : sentence;
}

export function element(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") made.className = value;
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...inside.filter((one) => one != null));
  return made;
}

export const calm = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");
