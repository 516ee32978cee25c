"""The documents say what the code says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from supportbot import errors
from supportbot.config import describe_settings

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted(path for path in ROOT.glob("**/*.md") if not {".venv", "node_modules"} & set(path.relative_to(ROOT).parts))


def test_the_generated_pages_are_up_to_date() -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "scripts" / "write_docs.py", "--check"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert (result.stdout, result.stderr) == ("", "")


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    assert [setting.key for setting in describe_settings() if f"`{setting.key}`" not in page or not setting.description] == []


def test_every_section_stands_in_the_example() -> None:
    example = (ROOT / "config.yaml").read_text("utf-8")
    sections = {re.split(r"[.\[]", setting.key)[0] for setting in describe_settings()}
    assert [name for name in sorted(sections) if not re.search(rf"^(# )?{name}:", example, re.MULTILINE)] == []


def test_every_error_stands_in_the_tree_that_errors_py_draws() -> None:
    tree = errors.__doc__ or ""
    classes = [name for name, item in vars(errors).items() if isinstance(item, type) and issubclass(item, Exception)]
    assert [name for name in classes if not name.startswith("_") and name not in tree] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_make_targets_that_pages_name_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(r"`make ([a-z]+)|^make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE)
    }
    assert {name for pair in named for name in pair if name} - targets == set()
