// A name that is too long for its box ends in an ellipsis; the whole of it is told where one points, and in the table.
// A name beside its sign has a box measured with the letters of whoever drew it: where ours are wider, the box is too.
import TextUtil from "diagram-js/lib/util/Text";

const MOST_WIDER = 1.6;

// To be called before anything is drawn; what it returns, after.
export function shortened(viewer) {
  const renderer = viewer.get("textRenderer");
  const made = renderer.createText.bind(renderer);
  const measure = new TextUtil({ style: renderer.getDefaultStyle() });
  const cut = new Set();
  renderer.createText = (words, options = {}) => {
    if (words && options.box && "x" in options.box) return beside(words, options);
    const fits = (some) => measure.layoutText(some, options).dimensions.height <= options.box.height;
    if (!words || options.align !== "center-middle" || !options.box || fits(words)) return made(words, options);
    cut.add(words);
    return made(longest([...words], fits), options);
  };
  const beside = (words, options) => {
    const size = (some, width) => measure.layoutText(some, { ...options, box: { ...options.box, width } }).dimensions;
    const { width, height } = options.box;
    const widest = Math.max(...words.split(/[\s-]+/).map((word) => size(word, 1e4).width));
    const wanted = Math.max(height, size("X", 1e4).height) + 2;
    const steps = [1, 1.1, 1.2, 1.35, MOST_WIDER].map((times) => Math.ceil(width * times));
    const fit = steps.find((one) => one >= widest && size(words, one).height <= wanted) ?? steps.at(-1);
    const text = made(words, { ...options, box: { ...options.box, width: fit } });
    text.setAttribute("transform", `translate(${(width - fit) / 2} 0)`);
    return text;
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
