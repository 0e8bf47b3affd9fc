// Passkeys: the browser makes one or shows one, and a form carries what it says. Without scripts, or
// in a browser that knows none, the form stays hidden and the other ways to sign in remain.
const english = document.documentElement.lang === "en";
const words = english
  ? { refused: "The passkey was not used: it was cancelled, took too long, or this device has none for this site.", known: "This device already has a passkey of this account.", failed: "The service does not answer; try again." }
  : { refused: "La clé d'accès n'a pas servi : la demande a été annulée, a pris trop de temps, ou cet appareil n'en a pas pour ce site.", known: "Cet appareil a déjà une clé d'accès de ce compte.", failed: "Le service ne répond pas ; réessayez." };

const asked = async (at) => {
  if (!at("options").value) {
    const answer = await fetch("/v1/sessions/challenges", { method: "POST" });
    if (!answer.ok) throw new TypeError(String(answer.status));
    const said = await answer.json();
    at("challenge").value = said.challenge;
    at("options").value = JSON.stringify(said.passkey);
  }
  return JSON.parse(at("options").value);
};

const answered = async (does, options) => {
  const known = does === "create"
    ? { publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }
    : { publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) };
  return JSON.stringify((await navigator.credentials[does](known)).toJSON());
};

const able = globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON;
for (const form of able ? document.querySelectorAll("form[data-passkey]") : []) {
  const at = (name) => form.elements.namedItem(name);
  const said = form.querySelector("[role=status]");
  form.hidden = false;
  for (const other of document.querySelectorAll("[data-without-passkey]")) other.hidden = true;
  form.addEventListener("submit", async (event) => {
    if (at("credential").value) return;
    event.preventDefault();
    said.textContent = "";
    try {
      at("credential").value = await answered(form.dataset.passkey, await asked(at));
      form.requestSubmit();
    } catch (error) {
      said.textContent = { InvalidStateError: words.known, TypeError: words.failed }[error.name] ?? words.refused;
    }
  });
}
addEventListener("pageshow", () => { for (const input of document.querySelectorAll("[data-passkey] [name=credential]")) input.value = ""; });
