// The steps of a deposit as they happen; when the stream fails twice, the page is asked again.
const list = document.querySelector("[data-follow]");
if (list) {
  let failures = 0;
  const stream = new EventSource(list.dataset.follow);
  stream.addEventListener("steps", (event) => {
    failures = 0;
    JSON.parse(event.data).forEach((state, at) => { list.children[at].className = state; });
  });
  stream.addEventListener("done", () => { stream.close(); location.reload(); });
  stream.addEventListener("error", () => {
    failures += 1;
    if (failures > 1) { stream.close(); setTimeout(() => location.reload(), 3000); }
  });
}
