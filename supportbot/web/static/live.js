// The counts follow what happens elsewhere; a list that is no longer true offers to be shown anew, and never jumps by itself.

export function watchCounts(page) {
  let stream = null;
  const open = (edits) => {
    stream?.close();
    const at = page.body.dataset.at;
    stream = new EventSource(at === undefined ? "/events" : `/events?at=${encodeURIComponent(at)}&edits=${edits}`);
    stream.addEventListener("counts", (event) => show(page, JSON.parse(event.data)));
    stream.addEventListener("people", (event) => showPeople(page, JSON.parse(event.data)));
  };
  open(false);
  page.querySelector("details[data-key=e]")?.addEventListener("toggle", (event) => open(event.target.open));
  window.addEventListener("pagehide", () => stream.close());
  window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());
}

function show(page, counts) {
  const tab = page.querySelector("[data-queue]")?.dataset.queue;
  for (const badge of page.querySelectorAll("[data-count]")) {
    const count = counts[badge.dataset.count];
    if (count === undefined || Number.parseInt(badge.textContent, 10) === count) continue;
    badge.textContent = String(count);
    badge.classList.toggle("warn", badge.dataset.tone === "warn" && count > 0);
    if (tab === undefined || badge.dataset.count === tab) offerReload(page);
  }
}

function showPeople(page, people) {
  const line = page.querySelector("[data-people]");
  if (line === null) return;
  line.hidden = people.length === 0;
  line.textContent = people.map((who) => `${who.name} ${who.edits ? line.dataset.edits : line.dataset.looks}`).join(", ");
}

function offerReload(page) {
  const offer = page.querySelector("[data-fresh]");
  if (offer !== null) offer.hidden = false;
}
