// Fields and their zones show each other; text that is selected on the page goes into a field.
import { fill } from "./form.js";

const english = document.documentElement.lang === "en";
const form = document.querySelector("[data-save]");
const zones = new Map([...document.querySelectorAll("[data-zone]")].map((zone) => [zone.dataset.zone, zone]));
let last;

form.addEventListener("focusin", (event) => {
  for (const zone of zones.values()) zone.classList.remove("on");
  last = event.target.name;
  const zone = zones.get(last);
  if (!zone) return;
  zone.classList.add("on");
  const box = zone.closest(".sheets"), at = zone.getBoundingClientRect(), frame = box.getBoundingClientRect();
  if (at.top < frame.top || at.bottom > frame.bottom) box.scrollBy({ top: at.top - frame.top - frame.height / 3 });
});
for (const [name, zone] of zones) {
  zone.addEventListener("click", (event) => {
    event.preventDefault();
    const input = form.elements.namedItem(name);
    input.focus({ preventScroll: true });
    input.scrollIntoView({ block: "center" });
  });
}

// The words of each page lie over its picture, invisible, to be selected like any text.
const SVG = "http://www.w3.org/2000/svg";
for (const sheet of document.querySelectorAll("[data-words]")) {
  fetch(sheet.dataset.words).then((answer) => (answer.ok ? answer.json() : null)).then((page) => {
    if (!page) return;
    const drawing = sheet.querySelector("svg");
    const layer = document.createElementNS(SVG, "g");
    layer.setAttribute("aria-hidden", "true");
    for (const [text, [x0, y0, x1, y1]] of page.words) {
      const word = document.createElementNS(SVG, "text");
      word.setAttribute("x", x0);
      word.setAttribute("y", y1 - (y1 - y0) * 0.22);
      word.setAttribute("font-size", (y1 - y0) * 0.8);
      word.setAttribute("textLength", x1 - x0);
      word.setAttribute("lengthAdjust", "spacingAndGlyphs");
      word.textContent = `${text} `;
      layer.append(word);
    }
    drawing.prepend(layer);
  });
}

const picker = document.createElement("div");
picker.className = "picker";
picker.hidden = true;
const choice = document.createElement("select");
choice.setAttribute("aria-label", english ? "Use for" : "Utiliser pour");
const use = document.createElement("button");
use.type = "button";
use.className = "small";
use.textContent = english ? "Use" : "Utiliser";
for (const field of form.querySelectorAll("[data-field]")) {
  choice.add(new Option(field.querySelector("label").firstChild.textContent.trim(), field.dataset.field));
}
picker.append(choice, use);

const DATE = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/;
const fitted = (name, text) => {
  const input = form.elements.namedItem(name);
  const date = DATE.exec(text);
  if (input.type === "date" && date) return `${date[3]}-${date[2].padStart(2, "0")}-${date[1].padStart(2, "0")}`;
  if (input.inputMode === "decimal") return text.replace(/[^\d,.-]/g, "");
  return text;
};
document.addEventListener("mouseup", (event) => {
  if (picker.contains(event.target)) return;
  const selection = getSelection();
  const sheet = selection.anchorNode?.parentElement?.closest(".sheet");
  const text = selection.toString().replace(/\s+/g, " ").trim();
  picker.hidden = !sheet || !text;
  if (picker.hidden) return;
  if (last && form.querySelector(`[data-field="${last}"]`)) choice.value = last;
  picker.dataset.text = text;
  sheet.append(picker);
  const frame = sheet.getBoundingClientRect();
  const box = selection.getRangeAt(0).getBoundingClientRect();
  picker.style.top = `${box.bottom - frame.top + 6}px`;
  picker.style.left = `${Math.max(0, Math.min(box.left - frame.left, frame.width - 240))}px`;
});
use.addEventListener("click", () => {
  fill(choice.value, fitted(choice.value, picker.dataset.text));
  picker.hidden = true;
});
