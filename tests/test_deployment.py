"""What is shipped to run the service with: a unit, an image, alert rules. Each is read as its program reads it."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from supportbot.cli import app
from supportbot.settings import Settings
from supportbot.web.routes import ROUTES

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"


def instructions() -> list[tuple[str, str]]:
    """The Containerfile as its builder reads it: continued lines joined, comments out."""
    text = re.sub(r"^\s*#.*\n", "", (DEPLOY / "Containerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def last_stage() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word, rest in instructions():
        if word == "FROM":
            found = {}
        found.setdefault(word, []).append(rest)
    return found


def test_the_image_runs_with_nobodys_rights_and_writes_to_its_volume_alone() -> None:
    stage = last_stage()
    assert int(stage["USER"][-1]) >= 1000
    assert stage["VOLUME"] == [stage["WORKDIR"][-1]] == ["/data"]
    assert "PYTHONDONTWRITEBYTECODE=1" in stage["ENV"][0]
    assert not {word for word, _ in instructions()} & {"ADD", "ONBUILD"}
    assert stage["STOPSIGNAL"] == ["SIGTERM"]
    order = [word for word, _ in instructions()]
    assert order.index("USER") > len(order) - 1 - order[::-1].index("RUN")  # nothing runs as root after it
    head = (DEPLOY / "Containerfile").read_text("utf-8").split("FROM", 1)[0]
    assert "--read-only" in head
    assert "--cap-drop=all" in head


def test_the_image_starts_a_command_that_there_is_and_asks_a_page_that_there_is() -> None:
    stage = last_stage()
    program, arguments = json.loads(stage["ENTRYPOINT"][0]), json.loads(stage["CMD"][0])
    assert program == ["supportbot"]
    said = CliRunner().invoke(app, [arguments[0], "--help"])
    assert (said.exit_code, arguments[1] in said.output) == (0, True)
    check = stage["HEALTHCHECK"][0]
    port, path = re.findall(r"127\.0\.0\.1:(\d+)(/\w+)", check)[0]
    assert f"GET {path}" in ROUTES
    assert {int(port), int(stage["EXPOSE"][0])} == {Settings().console.port}
    (command,) = re.findall(r"CMD (\[.*\])", check)
    compile(json.loads(command)[2], "healthcheck", "exec")


def test_the_image_takes_what_is_locked_and_every_file_it_copies_is_there_and_not_ignored() -> None:
    copied = [word for name, rest in instructions() if name == "COPY" and "--from" not in rest for word in rest.split()[:-1]]
    allowed = {line[1:] for line in (ROOT / ".containerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert set(copied) == allowed
    assert (ROOT / ".containerignore").read_text("utf-8") == (ROOT / ".dockerignore").read_text("utf-8")
    installs = [rest for name, rest in instructions() if name == "RUN" and "pip install" in rest]
    assert all("--require-hashes --requirement requirements.lock" in rest for rest in installs)


@pytest.mark.soak
def test_the_image_is_built_and_answers(tmp_path: Path) -> None:
    engine = next((name for name in ("podman", "docker") if shutil.which(name)), None)
    if engine is None or subprocess.run([engine, "info"], capture_output=True, check=False).returncode:
        pytest.skip("NOT TESTED: no container engine runs here")
    tag = "supportbot-test"
    subprocess.run([engine, "build", "-f", "deploy/Containerfile", "-t", tag, "."], cwd=ROOT, check=True)
    command = [engine, "run", "--rm", "--read-only", "--cap-drop=all", "--tmpfs", "/tmp", tag, "db", "upgrade"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (said.returncode, "has this version's schema" in said.stdout) == (0, True), said.stderr


def test_the_unit_is_hardened_as_systemd_reckons_it() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("NOT TESTED: systemd-analyze is not installed")
    unit = str(DEPLOY / "supportbot.service")
    said = subprocess.run(["systemd-analyze", "security", "--offline=true", unit], capture_output=True, text=True, check=False)
    exposure = re.search(r"Overall exposure level for supportbot\.service: ([\d.]+)", said.stdout)
    assert exposure, said.stdout + said.stderr
    assert float(exposure[1]) <= 2.0
