// The page is complete without this: it only filters, and opens what a link or a printer needs.
(() => {
  "use strict";
  const box = document.querySelector(".filter");
  const field = box.querySelector("input");
  const told = box.querySelector("output");
  const entries = [...document.querySelectorAll(".finding, .hosts > .entry")];
  const texts = new Map();
  let waiting = 0;

  const filter = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of entries) {
      if (words.length && !texts.has(entry)) texts.set(entry, entry.textContent.toLowerCase());
      const fits = words.every((word) => texts.get(entry).includes(word));
      entry.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    told.textContent = words.length ? `${shown} of ${entries.length}` : "";
  };

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== field) {
      event.preventDefault();
      field.focus();
    }
  });
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll(".finding details")) details.open = true;
  });
  box.hidden = false;
})();
