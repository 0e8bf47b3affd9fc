// The form of an invoice: saved by itself, checked while it is typed, confirmed in a dialog.
import { say } from "./chorale.js";

const form = document.querySelector("[data-save]");
const saved = document.querySelector("[data-saved]");
const dialog = document.querySelector("[data-dialog]");
const english = document.documentElement.lang === "en";
const touched = new Set();
let timer, running, again;

const at = (name) => form.elements.namedItem(name);
const money = (text) => { const value = Number(String(text).replace(/\s/g, "").replace(",", ".")); return text && Number.isFinite(value) ? value : null; };

// Saving, two seconds after the last change and when the page is left.
const body = () => new URLSearchParams(new FormData(form));
const save = async () => {
  clearTimeout(timer);
  if (running) { again = true; return running; }
  running = (async () => {
    try {
      const answer = await fetch(form.dataset.save, { method: "POST", body: body() });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const said = await answer.json();
      if (said.version) at("version").value = said.version;
      show(said.findings);
      const time = new Date().toLocaleTimeString(english ? "en-GB" : "fr-FR", { hour: "2-digit", minute: "2-digit" });
      saved.textContent = (english ? "Saved at " : "Enregistré à ") + time;
    } catch {
      saved.textContent = english ? "Not saved yet: the service does not answer; what you typed stays here." : "Pas encore enregistré : le service ne répond pas ; votre saisie reste ici.";
      timer = setTimeout(save, 5000);
    }
  })();
  await running;
  running = undefined;
  if (again) { again = false; await save(); }
};
form.addEventListener("input", (event) => {
  touched.add(event.target.name);
  clearTimeout(timer);
  timer = setTimeout(save, 2000);
  equation();
  fix();
});
addEventListener("pagehide", () => { if (touched.size && !form.dataset.sent) navigator.sendBeacon(form.dataset.save, body()); });

// Faults at the fields that were touched.
const show = (findings) => {
  for (const old of form.querySelectorAll(".fault[data-live]")) old.remove();
  for (const field of form.querySelectorAll("[aria-invalid][data-live-fault]")) { field.removeAttribute("aria-invalid"); field.removeAttribute("data-live-fault"); }
  for (const finding of findings) {
    const name = finding.at.replace(/^\/fields/, "").replace(/^\//, "").split("/")[0];
    const input = at(name);
    if (!(input instanceof Element) || !touched.has(name) || form.querySelector(`#${name}-faute`)) continue;
    const fault = document.createElement("span");
    fault.className = "fault";
    fault.dataset.live = "";
    fault.id = `${name}-direct`;
    fault.textContent = [finding.message, finding.hint].filter(Boolean).join(" ");
    input.closest(".field")?.append(fault);
    if (finding.severity === "error") { input.setAttribute("aria-invalid", "true"); input.setAttribute("data-live-fault", ""); input.setAttribute("aria-describedby", fault.id); }
  }
};

// HT + TVA = TTC.
const balance = form.querySelector("[data-equation]");
const equation = () => {
  const [without, vat, whole] = ["total_without_vat", "total_vat", "total_with_vat"].map((name) => money(at(name).value));
  if (without === null || vat === null || whole === null) return;
  const gap = Math.round((without + vat - whole) * 100) / 100;
  balance.classList.remove("soft");
  balance.classList.toggle("wrong", gap !== 0);
  const amount = gap.toLocaleString(english ? "en-GB" : "fr-FR", { minimumFractionDigits: 2 });
  balance.textContent = gap === 0 ? "HT + TVA = TTC" : (english ? "HT + TVA is not TTC: difference of " : "HT + TVA ne fait pas TTC : différence de ") + `${amount} €`;
};

// One press puts an order reference in the form that it should have.
const fix = () => {
  const place = form.querySelector("[data-fix=order_reference]"), input = at("order_reference");
  if (!place || !input) return;
  const better = input.value.replace(/\s+/g, "").toUpperCase();
  place.replaceChildren();
  if (!better || better === input.value) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small quiet";
  button.dataset.fill = "order_reference";
  button.dataset.value = better;
  button.textContent = (english ? "Write " : "Écrire ") + better;
  place.append(button);
};

// Anything with data-fill puts its value into a field.
export const fill = (name, value) => {
  const input = at(name);
  if (!(input instanceof Element)) return;
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  input.focus();
  say(value);
};
form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  if (!button) return;
  if (button.dataset.also) fill(button.dataset.also, button.dataset.alsoValue);
  fill(button.dataset.fill, button.dataset.value);
});

// The recipient, from the directory.
const place = form.querySelector("[data-recipient]");
at("buyer_siret").addEventListener("change", async () => {
  const siret = at("buyer_siret").value.replace(/\s/g, "");
  if (siret.length !== 14) return;
  const answer = await fetch(`/destinataire?siret=${siret}`);
  if (!answer.ok || answer.redirected) return;
  place.innerHTML = await answer.text();
  const name = place.querySelector("strong")?.textContent;
  if (name && !at("buyer_name").value) fill("buyer_name", name);
});
const search = form.querySelector("[data-search]");
search.hidden = false;
let looking;
search.querySelector("input").addEventListener("input", (event) => {
  event.stopPropagation();
  clearTimeout(looking);
  looking = setTimeout(async () => {
    const answer = await fetch(`/destinataires?q=${encodeURIComponent(event.target.value)}`);
    if (answer.ok) search.querySelector("[data-found]").innerHTML = await answer.text();
  }, 300);
});

// "Valider et envoyer" shows the confirmation in a dialog; without one the page itself comes.
form.addEventListener("submit", async (event) => {
  if (event.submitter?.value !== "send" || form.dataset.plain) return;
  event.preventDefault();
  delete form.dataset.sent;
  clearTimeout(timer);
  await running;
  const sent = body();
  sent.set("action", "send");
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body: sent });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const question = page.querySelector("[data-confirmation]");
  if (!question) { form.dataset.plain = "yes"; form.requestSubmit(event.submitter); return; }
  dialog.replaceChildren(question);
  dialog.showModal();
  touched.clear();
  dialog.querySelector("[data-close]").addEventListener("click", (click) => { click.preventDefault(); dialog.close(); event.submitter.focus(); });
});
fix();
