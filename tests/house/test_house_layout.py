"""The house keeps its shape: few, small, flat modules; nothing of one machine in the tree; locks without addresses."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "supportbot"
LOCKS = sorted(ROOT.glob("requirements*.lock"))

# Written with brackets, so that this file does not name them itself.
OF_ONE_MACHINE = re.compile(
    r"(^|[^A-Za-z0-9_.])/([w]ork|[f]arm|[r]oot)/|/tmp/[w]/|[.][l]ibrary/|registry[.][n]pm|pyp[i][.]org|[p]ythonhosted|[d]eb[.]debian",
    re.MULTILINE,
)


def files_of_the_repository() -> list[Path]:
    """What is, or would be, committed; outside a checkout every file."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name] if listed.returncode == 0 else list(ROOT.rglob("*"))
    return [path for path in paths if path.is_file() and ".venv" not in path.parts]


def test_no_module_is_longer_than_800_lines() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text("utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert {path: length for path, length in lengths.items() if length > 800} == {}


def test_no_package_lies_deeper_than_two() -> None:
    """`supportbot/store/migrations` is Alembic's own layout, not a package of the product."""
    packages = [path.parent.relative_to(ROOT) for path in PACKAGE.rglob("__init__.py")]
    assert [package for package in packages if len(package.parts) > 2] == []


def test_every_module_says_what_it_is_for() -> None:
    modules = [path for path in PACKAGE.rglob("*.py") if path.read_text("utf-8").strip()]
    assert [str(path.relative_to(ROOT)) for path in modules if not path.read_text("utf-8").startswith('"""')] == []


def test_nothing_in_the_tree_names_a_machine_or_a_package_index() -> None:
    named = []
    for path in files_of_the_repository():
        text = path.read_bytes().decode("utf-8", "replace")
        named += [f"{path.relative_to(ROOT)}: {found.group()}" for found in OF_ONE_MACHINE.finditer(text)]
    assert named == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_every_package_by_hash_and_names_no_address(lock: Path) -> None:
    text = lock.read_text("utf-8")
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert re.findall(r"://|index|find-links", text) == []
    assert [entry for entry in requirements if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_locks_agree_and_hold_what_the_project_asks_for() -> None:
    pins = {lock.name: dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", lock.read_text("utf-8"), re.MULTILINE)) for lock in LOCKS}
    assert set(pins) == {"requirements.lock", "requirements-bootstrap.lock", "requirements-dev.lock"}
    assert pins["requirements.lock"].items() <= pins["requirements-dev.lock"].items()
    asked = re.findall(r'^    "([A-Za-z0-9.-]+)', (ROOT / "pyproject.toml").read_text("utf-8").split("[tool.")[0], re.MULTILINE)
    assert {name.lower().replace(".", "-") for name in asked} - set(pins["requirements-dev.lock"]) == set()
    assert not (ROOT / "uv.lock").exists()
