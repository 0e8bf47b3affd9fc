// What every page gains with scripts. Every page works without them.
const said = document.querySelector(".said");
export const say = (text) => { if (said) { said.textContent = ""; requestAnimationFrame(() => { said.textContent = text; setTimeout(() => { if (said.textContent === text) said.textContent = ""; }, 5000); }); } };

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      say(document.documentElement.lang === "en" ? "Copied" : "Copié");
    } catch {
      say(button.dataset.copy);
    }
  });
}

// The summary of faults takes the focus, so that it is read first.
document.querySelector("[data-focus]")?.focus();

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.method === "post") form.dataset.sent = "yes";
});
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

// Show a password while it is typed.
for (const input of document.querySelectorAll("input[type=password]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link";
  const words = document.documentElement.lang === "en" ? ["Show the password", "Hide the password"] : ["Afficher le mot de passe", "Masquer le mot de passe"];
  button.textContent = words[0];
  button.addEventListener("click", () => {
    const hidden = input.type === "password";
    input.type = hidden ? "text" : "password";
    button.textContent = words[hidden ? 1 : 0];
  });
  input.after(button);
}

// What a new password is worth, while it is thought up; the service judges it as it will in the end.
for (const input of document.querySelectorAll("[data-strength]")) {
  const shown = document.getElementById(input.dataset.strength);
  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const body = JSON.stringify({ password: input.value, email: document.querySelector("[name=username]")?.value ?? "" });
      const answer = await fetch("/v1/accounts/passwords", { method: "POST", body, headers: { "Content-Type": "application/json" } });
      if (!answer.ok) return;
      const said = await answer.json();
      shown.textContent = [said.label, ...said.faults.map((fault) => fault.message)].join(" · ");
    }, 400);
  });
}
