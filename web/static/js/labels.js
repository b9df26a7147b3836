// A name that is too long for its box ends in an ellipsis; the whole of it is told where one points, and in the table.
import TextUtil from "diagram-js/lib/util/Text";

// To be called before anything is drawn; what it returns, after.
export function shortened(viewer) {
  const renderer = viewer.get("textRenderer");
  const made = renderer.createText.bind(renderer);
  const measure = new TextUtil({ style: renderer.getDefaultStyle() });
  const cut = new Set();
  renderer.createText = (words, options = {}) => {
    const fits = (some) => measure.layoutText(some, options).dimensions.height <= options.box.height;
    if (!words || options.align !== "center-middle" || !options.box || fits(words)) return made(words, options);
    cut.add(words);
    return made(longest([...words], fits), options);
  };
  return () => {
    const registry = viewer.get("elementRegistry");
    for (const one of registry.filter((some) => !some.labelTarget && cut.has(some.businessObject?.name))) {
      const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
      title.textContent = one.businessObject.name;
      registry.getGraphics(one).querySelector(".djs-visual").append(title);
    }
  };
}

function longest(letters, fits) {
  const said = (count) => `${letters.slice(0, count).join("").trimEnd()}…`;
  let [least, most] = [0, letters.length - 1];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(said(middle))) least = middle;
    else most = middle - 1;
  }
  return said(least);
}
