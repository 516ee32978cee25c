// The counts follow what happens elsewhere; a list that is no longer true offers to be shown anew, and never jumps by itself.

export function watchCounts(page) {
  const stream = new EventSource("/events");
  stream.addEventListener("counts", (event) => show(page, JSON.parse(event.data)));
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

function offerReload(page) {
  const offer = page.querySelector("[data-fresh]");
  if (offer !== null) offer.hidden = false;
}
