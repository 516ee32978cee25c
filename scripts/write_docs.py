"""Writes the generated pages of docs/ (`make docs`); with --check only says which ones are out of date."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench.page import performance_page
from bench.scale import scale_page
from supportbot.casework.case import lifecycle_page
from supportbot.casework.chain import defects_page
from supportbot.casework.errand import errands_page
from supportbot.config import settings_page
from supportbot.rulebook import default_folder, load_rulebook
from supportbot.rulecheck import policy_page

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PURE_FLOORS = ("mail", "casework")


def glossary_page() -> str:
    """docs/glossary.md: the words as they are written there, the types as they are in the code now."""
    rows = "\n".join(f"| `{name}` | {floor} | {meaning} |" for name, floor, meaning in sorted(public_types()))
    table = f"<!-- types -->\n| type | floor | means |\n|---|---|---|\n{rows}\n<!-- /types -->"
    written = (DOCS / "glossary.md").read_text("utf-8")
    return re.sub(r"<!-- types -->.*<!-- /types -->", lambda _: table, written, flags=re.DOTALL)


def public_types() -> Iterator[tuple[str, str, str]]:
    """(name, floor, first sentence of the docstring) of every public class of the pure floors."""
    for floor in PURE_FLOORS:
        for file in (ROOT / "supportbot" / floor).glob("*.py"):
            for node in ast.parse(file.read_text("utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    meaning = (ast.get_docstring(node) or "").partition("\n\n")[0]
                    yield node.name, floor, " ".join(meaning.split()).replace("|", "\\|")


def _policies() -> dict[str, Callable[[], str]]:
    rulebook = load_rulebook(default_folder("rules"))
    newest = {policy.id: policy for policy in reversed(rulebook.policies)}
    return {f"policies/{name}.md": partial(policy_page, rulebook, policy) for name, policy in newest.items()}


PAGES = {
    "chain-defects.md": defects_page,
    "configuration.md": settings_page,
    "glossary.md": glossary_page,
    "performance.md": performance_page,
    "scale.md": scale_page,
    "lifecycle.md": lambda: lifecycle_page() + errands_page(),
    **_policies(),
}


def main() -> int:
    """Write what has changed; 1 when pages are out of date and only a check was asked for."""
    stale = {name: text for name, page in PAGES.items() if _read(DOCS / name) != (text := page())}
    if "--check" in sys.argv:
        print("".join(f"docs/{name} is out of date: make docs\n" for name in stale), end="")
        return bool(stale)
    for name, text in stale.items():
        (DOCS / name).parent.mkdir(exist_ok=True)
        (DOCS / name).write_text(text, "utf-8")
        print(f"docs/{name}")
    return 0


def _read(page: Path) -> str | None:
    return page.read_text("utf-8") if page.exists() else None


if __name__ == "__main__":
    sys.exit(main())
