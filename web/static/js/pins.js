// A click on what is drawn chooses it in the page's list of places, and what is chosen there is picked in the drawing.

export function pins(viewer) {
  const list = document.querySelector("select[data-pins]");
  if (!list) return;
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const show = () => {
    registry.forEach((element) => canvas.removeMarker(element, "o-picked"));
    if (list.value && registry.get(list.value)) canvas.addMarker(list.value, "o-picked");
  };
  viewer.get("eventBus").on("element.click", ({ element }) => {
    const id = element.labelTarget?.id ?? element.id;
    if (![...list.options].some((option) => option.value === id)) return;
    list.value = id;
    show();
  });
  list.addEventListener("change", show);
}
