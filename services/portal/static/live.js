// The page of an invoice shows its changes by itself, unless something is being typed in it.
const place = document.querySelector("[data-live]");
let typing = false;
document.addEventListener("input", () => { typing = true; });
if (place) {
  const stream = new EventSource(place.dataset.live);
  stream.addEventListener("changed", () => {
    stream.close();
    if (!typing) location.reload();
  });
}
