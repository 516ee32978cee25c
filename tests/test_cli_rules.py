"""`supportbot rules check`: the templates' own samples count as much as the rules' examples."""

import json
import shutil
from pathlib import Path

from typer.testing import CliRunner

from supportbot.cli import app
from supportbot.rulebook import default_folder


def test_a_template_whose_sample_breaks_its_own_lint_is_a_finding(tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(default_folder("templates"), templates)
    notice = templates / "emails" / "m_rebill_notice.txt"
    notice.write_text(notice.read_text("utf-8").replace("1Z999AA10123456784", "see ups.com"), "utf-8")
    config = tmp_path / "config.yaml"
    config.write_text(f"templates: {templates}\n")

    said = CliRunner().invoke(app, ["rules", "check", "--json", "--config", str(config)])

    assert said.exit_code == 1
    assert any("link" in json.loads(line)["found"] for line in said.stdout.splitlines())


def test_the_shipped_rules_and_templates_have_no_finding() -> None:
    said = CliRunner().invoke(app, ["rules", "check", "--json"])

    assert (said.exit_code, said.stdout) == (0, "")
