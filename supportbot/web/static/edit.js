// While a draft is edited: the linter's findings and what is changed, shown as one types; the server keeps the words meanwhile.

const PAUSE = 400; // milliseconds without a key before the server is asked

export function watchEdit(page) {
  const panel = page.querySelector("[data-check]");
  if (panel === null) return;
  const form = panel.closest("form");
  let waiting = 0;
  let asked = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const turn = ++asked;
      const answer = await check(panel, form);
      if (turn === asked) show(panel, answer);
    }, PAUSE);
  });
}

async function check(panel, form) {
  try {
    const answer = await fetch(panel.dataset.check, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function show(panel, answer) {
  panel.hidden = false;
  const kept = panel.querySelector("[data-state]");
  if (answer === null) {
    kept.textContent = panel.dataset.fails;
    return;
  }
  kept.textContent = answer.findings.length === 0 ? panel.dataset.good : panel.dataset.kept;
  const findings = panel.querySelector("[data-findings]");
  findings.hidden = answer.findings.length === 0;
  findings.textContent = `${panel.dataset.bad} ${answer.findings.join("; ")}`;
  panel.querySelector("[data-changes]").replaceChildren(...answer.changes.map((change) => line(change, panel.dataset)));
}

function line({ side, text }, said) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  const words = document.createElement("span");
  item.className = side;
  label.className = "side";
  label.textContent = { before: said.was, now: said.now, same: "" }[side];
  words.textContent = text;
  item.append(label, words);
  return item;
}
