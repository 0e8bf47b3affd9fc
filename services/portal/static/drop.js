// Files are looked at before they are sent, sent one by one with their progress, and may be cancelled.
const form = document.querySelector("[data-drop]");
const input = form.querySelector("input[type=file]");
const queue = form.querySelector("[data-queue]");
const english = document.documentElement.lang === "en";
const MOST = 30 * 1024 * 1024;
const FORBIDDEN = /[%$!&/\\:;«»#@]/;
const words = english
  ? { big: "is larger than 30 MB", empty: "is empty", twice: "is in the list already", image: "is a picture: export the invoice as PDF from your software", name: "has a forbidden character in its name; it is sent as", cancel: "Cancel", cancelled: "cancelled", sent: "received", failed: "was not received; try again" }
  : { big: "dépasse 30 Mo", empty: "est vide", twice: "est déjà dans la liste", image: "est une image : exportez la facture en PDF depuis votre logiciel", name: "a un caractère interdit dans son nom ; il part sous le nom", cancel: "Annuler", cancelled: "annulé", sent: "reçu", failed: "n'est pas arrivé ; recommencez" };
const seen = new Set();
const arrived = [];
let waiting = 0;

const row = (name, text) => {
  const item = document.createElement("li");
  const label = document.createElement("span");
  label.textContent = text ? `${name} ${text}` : name;
  item.append(label);
  queue.append(item);
  return item;
};

const send = (file) => {
  const mark = `${file.name}/${file.size}/${file.lastModified}`;
  if (seen.has(mark)) { row(file.name, words.twice); return; }
  if (file.type.startsWith("image/")) { row(file.name, words.image); return; }
  if (file.size > MOST) { row(file.name, words.big); return; }
  if (file.size === 0) { row(file.name, words.empty); return; }
  seen.add(mark);
  const clean = file.name.replace(new RegExp(FORBIDDEN, "g"), "_").slice(-250);
  const item = row(file.name, clean === file.name ? "" : `${words.name} ${clean}`);
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  const stop = document.createElement("button");
  stop.type = "button";
  stop.className = "link";
  stop.textContent = words.cancel;
  item.append(stop, bar);
  const data = new FormData();
  data.append("file", file, clean);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = (event.loaded / event.total) * 100; });
  const ended = (text, link) => {
    bar.remove();
    stop.remove();
    const said = document.createElement(link ? "a" : "strong");
    said.textContent = text;
    if (link) said.href = link;
    item.append(said);
    waiting -= 1;
    if (waiting === 0 && arrived.length && arrived.length === queue.children.length) {
      location.assign(arrived.length === 1 ? arrived[0] : `/depot/lot?${arrived.map((url) => `d=${url.split("/").pop()}`).join("&")}`);
    }
  };
  request.addEventListener("load", () => {
    if (request.status < 300 && /\/depot\/[^/?]+$/.test(request.responseURL)) {
      arrived.push(new URL(request.responseURL).pathname);
      ended(words.sent, request.responseURL);
      return;
    }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    ended(page.querySelector(".notice.wrong li, .notice.wrong p")?.textContent ?? words.failed);
  });
  request.addEventListener("error", () => ended(words.failed));
  request.addEventListener("abort", () => { seen.delete(mark); ended(words.cancelled); });
  stop.addEventListener("click", () => request.abort());
  waiting += 1;
  request.send(data);
};

const take = (files) => { for (const file of [...files].slice(0, 20)) send(file); };
input.addEventListener("change", () => { take(input.files); input.value = ""; });
form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
form.addEventListener("dragleave", () => form.classList.remove("over"));
form.addEventListener("drop", (event) => { event.preventDefault(); form.classList.remove("over"); take(event.dataTransfer.files); });
document.addEventListener("paste", (event) => { if (event.clipboardData?.files.length) take(event.clipboardData.files); });
