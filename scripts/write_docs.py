"""Writes the generated pages of docs/ (`make docs`); tests/house compares them with what it would write."""

from pathlib import Path

from supportbot.casework.case import lifecycle_page
from supportbot.config import settings_page

DOCS = Path(__file__).parent.parent / "docs"

PAGES = {
    "configuration.md": settings_page,
    "lifecycle.md": lifecycle_page,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")
        print(f"docs/{name}")
