"""docs/proof.md names code and constraints; every name exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from supportbot.store.guards import GUARDS
from supportbot.store.tables import metadata

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "proof.md").read_text("utf-8")


def names_in(file: Path) -> set[str]:
    """Every function and class of a module, nested ones too."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {node.name for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, kinds)}


def constraint_names() -> Iterator[str]:
    for table in metadata.sorted_tables:
        yield from (str(constraint.name) for constraint in table.constraints)


def test_the_code_that_the_proof_names_exists() -> None:
    named = re.findall(r"`(supportbot/[\w/]+\.py):(\w+)`", PAGE)

    assert len(named) >= 20
    assert [(file, name) for file, name in named if name not in names_in(ROOT / file)] == []


def test_the_constraints_that_the_proof_names_are_in_the_database() -> None:
    cells = [row.rsplit("|", 2)[1] for row in PAGE.splitlines() if row.startswith("| ") and row.count("|") == 4]
    named = {name for cell in cells for name in re.findall(r"`([a-z0-9_]+)`", cell)}
    known = {guard.name for guard in GUARDS} | set(constraint_names())

    assert len(named) >= 30
    assert named - known == set()


def test_every_constraint_of_the_money_lock_stands_in_the_proof() -> None:
    locks = {name for name in constraint_names() if re.match(r"i[124]_", name)}

    assert {name for name in locks if f"`{name}`" not in PAGE} == set()
