"""A sixth marketplace, added by following docs/howto/add-a-marketplace.md alone: its blocks, copied out as a reader would."""

import json
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from typer.testing import CliRunner

from supportbot.cli import app
from tests.mail_files import mail

PAGE = (Path(__file__).parent.parent / "docs" / "howto" / "add-a-marketplace.md").read_text("utf-8")
RULES, FOREIGN, LETTER = (dedent(block).strip("\n") for block in re.findall(r"^   ```[a-z]*\n(.*?)^   ```", PAGE, re.M | re.S))
POLICY_TEXT = """\
Garden Shop, for sellers. Sellers may cancel orders that have not shipped, in the shop's portal.
Once a parcel is on its way it cannot be stopped. The buyer may send it back within 14 days.
"""
BUYER, SELLER = "nora@hale.example", "post@nursery.example"


def run(*arguments: str) -> tuple[int, str]:
    said = CliRunner().invoke(app, list(arguments))
    return said.exit_code, said.output


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """What a reader has after step 5."""
    folder = tmp_path / "my-team"
    assert run("init", str(folder))[0] == 0
    (folder / "rules" / "sources" / "garden_shop.txt").write_text(POLICY_TEXT, "utf-8")
    indented = "\n".join(f"  {line}" if line else line for line in FOREIGN.splitlines())
    (folder / "rules" / "marketplaces" / "garden_shop.yaml").write_text(f"{RULES}\n\n{indented}\n", "utf-8")
    (folder / "templates" / "emails" / "g_on_its_way.txt").write_text(LETTER + "\n", "utf-8")
    config = folder / "config.yaml"
    config.write_text(
        config.read_text("utf-8").replace("marketplaces: []", "marketplaces: [{id: garden_shop, name: Garden Shop}]")
    )
    return folder


def decided(team: Path, sender: str, text: str, **order: Any) -> dict[str, Any]:
    known = {
        "marketplace": "garden_shop",
        "order_id": "G-1001",
        "buyer": {"name": "Nora Hale", "address": BUYER},
        "seller": {"id": "s-1", "name": "The Nursery", "addresses": [SELLER]},
        "lines": [{"line": "1", "title": "Fig tree", "quantity": 1}],
        **order,
    }
    (team / "orders.json").write_text(json.dumps([known]))
    (team / "m.eml").write_bytes(mail(f"Somebody <{sender}>", text, subject="G-1001"))
    _, said = run(
        "decide", str(team / "m.eml"), "--orders", str(team / "orders.json"), "--json", "-c", str(team / "config.yaml")
    )
    found: dict[str, Any] = json.loads(said.splitlines()[0])
    return found


def test_the_rules_of_the_page_are_whole_and_agree(team: Path) -> None:
    code, said = run("rules", "check", "--json", "-c", str(team / "config.yaml"))
    assert (code, said) == (0, "")
    assert run("rules", "accept", "-c", str(team / "config.yaml"))[0] == 0
    assert (team / "rules" / "decisions" / "garden_shop.jsonl").read_text().count("\n") > 5


def test_mail_about_it_is_decided_by_its_rules(team: Path) -> None:
    before = decided(team, BUYER, "Please cancel my order G-1001, I ordered by mistake.", despatched=False)
    after = decided(team, BUYER, "Please cancel my order G-1001, I ordered by mistake.", despatched=True)
    unknown = decided(team, BUYER, "Please cancel my order G-1001, I ordered by mistake.")

    assert (before["marketplace"], before["rule"], before["action"]) == ("garden_shop", "G-1", "advise_cancel")
    assert before["draft"]["to"] == [SELLER]
    assert (after["rule"], after["draft"]["template"], after["draft"]["to"]) == ("G-2", "g_on_its_way", [BUYER])
    assert (unknown["action"], unknown["missing"]) == ("ask_for_facts", ["order.shipped"])


def test_what_it_does_not_know_goes_to_a_person(team: Path) -> None:
    report = decided(
        team, SELLER, "Order G-1001 was cancelled but it has already shipped. How do we get paid?", despatched=True
    )

    assert (report["action"], report["needs_person"]) == ("review", True)


def test_its_orders_are_kept_and_a_misspelt_marketplace_is_a_mistake(team: Path) -> None:
    config = team / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("supportbot-data/supportbot.db", f"{team}/kept.db"))
    decided(team, BUYER, "Hello")
    assert run("orders", "import", str(team / "orders.json"), "-c", str(config))[0] == 0

    decided(team, BUYER, "Hello", marketplace="garden_shpo")
    code, _ = run("orders", "import", str(team / "orders.json"), "-c", str(config))
    assert code != 0


def test_a_quote_that_is_not_in_the_source_is_found(team: Path) -> None:
    (team / "rules" / "sources" / "garden_shop.txt").write_text(POLICY_TEXT.replace("cannot be stopped", "can be stopped"))

    code, said = run("rules", "check", "--json", "-c", str(team / "config.yaml"))

    (finding,) = [json.loads(line) for line in said.splitlines()]
    assert code == 1
    assert "Once a parcel is on its way it cannot be stopped" in finding["found"]
