"""The import contracts hold, and bite: each of some deliberate violations is caught."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

VIOLATIONS = {
    "Floors: each may import only what lies below it": ("casework/order.py", "import supportbot.store"),
    "No cycles anywhere": ("errors.py", "import supportbot.mail.message"),
    "The lower floors are pure: no network, disk, database, model or clock": ("mail/message.py", "import socket"),
    "One owner: IMAP": ("desk.py", "import imapclient"),
    "One owner: SMTP": ("web/__init__.py", "import smtplib"),
    "One owner: database": ("desk.py", "import sqlalchemy"),
    "Two owners: spaCy": ("triage/__init__.py", "import spacy"),
    "One owner: language identifier": ("triage/__init__.py", "import py3langid"),
    "One owner: scheduler": ("app.py", "import apscheduler"),
    "One owner: cluster engine": ("app.py", "import procrastinate"),
    "One owner: web framework": ("jobs/__init__.py", "import fastapi"),
    "One owner: identity providers": ("web/__init__.py", "import authlib"),
    "One owner: codes of a second factor and their pictures": ("store/__init__.py", "import pyotp"),
    "One owner: embedded mail servers": ("post/__init__.py", "import aiosmtpd"),
    "Two owners: page and mail templates": ("desk.py", "import jinja2"),
    "One owner: YAML": ("rulebook.py", "import yaml"),
    "One owner: messages between processes": ("desk.py", "import msgspec"),
    "Two owners: what is sealed": ("store/__init__.py", "import cryptography"),
    "Money leaves by one door": ("web/__init__.py", "import supportbot.casework.credit"),
    "The outside world is chosen only in app": ("web/__init__.py", "import supportbot.post.smtp"),
}


def broken_contracts(folder: Path) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts: " in result.stdout, result.stdout + result.stderr
    return set(re.findall(r"^(.+) BROKEN", result.stdout, re.MULTILINE))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "supportbot", folder / "supportbot", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_every_contract_is_kept_and_every_violation_is_caught(copy: Path) -> None:
    assert broken_contracts(copy) == set()
    for module, line in VIOLATIONS.values():
        with (copy / "supportbot" / module).open("a") as file:
            file.write(f"\n{line}\n")
    assert broken_contracts(copy) == set(VIOLATIONS)


def test_each_contract_has_its_violation() -> None:
    names = re.findall(
        r'^name = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8").split("[tool.importlinter]")[1], re.MULTILINE
    )
    assert set(names) == set(VIOLATIONS)
