// Keys. A page marks what a key does with data-key: a form is sent, a fold is opened, a link is followed.

const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

export function listenForKeys(page) {
  page.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    const help = page.getElementById("help");
    if (event.key === "Escape") leave(event.target);
    if (help.open || typing(event.target)) return;
    if (event.key === "?") help.showModal();
    else if (!act(page, event.key) && !moveInQueue(page, event.key)) return;
    event.preventDefault();
  });
}

function leave(element) {
  const fold = element.closest("details.action[open], details.narrow[open]");
  if (fold !== null) {
    fold.open = false;
    fold.querySelector("summary").focus();
  } else if (typing(element)) element.blur();
}

function act(page, key) {
  const target = /^[a-z1-9/\]]$/.test(key) ? page.querySelector(`[data-key="${key}"]`) : null;
  if (target === null || target.getClientRects().length === 0) return false;
  if (target.matches("form")) {
    if (target.querySelector("button:disabled") !== null) return false;
    target.removeAttribute("data-key"); // a second press of the key sends no second form
    target.requestSubmit();
  } else if (target.matches("details")) {
    target.open = true;
    const field = target.querySelector("textarea:not([hidden])") ?? target.querySelector("select, input:not([type=hidden])");
    (field ?? target.querySelector("button")).focus();
  } else if (target.matches("input")) {
    target.focus();
    target.select();
  } else {
    target.click();
  }
  return true;
}

function moveInQueue(page, key) {
  const step = { j: 1, k: -1 }[key];
  const rows = [...page.querySelectorAll(".queue .row-link")];
  if (step === undefined || rows.length === 0) return false;
  const place = rows.indexOf(page.activeElement);
  const next = place === -1 ? (step === 1 ? 0 : rows.length - 1) : Math.min(Math.max(place + step, 0), rows.length - 1);
  rows[next].focus();
  rows[next].scrollIntoView({ block: "nearest" });
  return true;
}
