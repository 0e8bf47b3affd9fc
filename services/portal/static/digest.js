// The SHA-256 of a file, made here: the file itself goes nowhere.
const place = document.querySelector("[data-digest]");
if (place && crypto.subtle) {
  place.hidden = false;
  place.querySelector("input").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const made = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    document.querySelector("#empreinte").value = [...new Uint8Array(made)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  });
}
