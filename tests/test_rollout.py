"""Edited rules go live without a restart, after a green replay or with a reason; a broken edit changes nothing and says so."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from supportbot.app import App, build_app, build_house, open_keys
from supportbot.cli import app as command_line
from supportbot.correcting import Correcting
from supportbot.desk import Worked
from supportbot.orders import load_orders
from supportbot.rollout import RuleWatch
from supportbot.rulebook import default_folder
from supportbot.settings import Settings
from tests.mail_files import BUYER, KEYS, NOW, SUPPORT, amazon_order, mail

ORDER = "112-7654321-7654321"
SELLER = "post@shop.example"


@dataclass
class Town:
    """A store with one order, and a folder of rules of its own."""

    app: App
    folder: Path

    @property
    def config(self) -> str:
        return str(self.folder / "config.yaml")

    def rule_file(self, rules: str = "rules") -> Path:
        return self.folder / rules / "marketplaces" / "amazon.yaml"

    def edit(self, old: str, new: str, rules: str = "rules") -> None:
        file = self.rule_file(rules)
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    def ask(self, text: str) -> tuple[str | None, str | None]:
        """The seller writes; what was decided."""
        worked = self.receive(mail(f"Shop <{SELLER}>", text, to=SUPPORT, subject=ORDER))
        return worked.rule, worked.action

    def receive(self, raw: bytes) -> Worked:
        with self.app.store.transaction() as tx:
            tx.keep_file("test", raw, NOW)
        (worked,) = self.app.desk.work_pending()
        return worked

    def run(self, *arguments: str) -> tuple[int, str]:
        said = CliRunner().invoke(command_line, [*arguments, "--config", self.config])
        return said.exit_code, said.stdout


OUT_OF_STOCK = f"We are out of stock for order {ORDER}. How do we cancel it?"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    shutil.copytree(default_folder("rules"), tmp_path / "rules")
    (tmp_path / "config.yaml").write_text(f"database: sqlite:///{tmp_path}/town.db\nrules: rules\n", "utf-8")
    settings = Settings.model_validate({"database": f"sqlite:///{tmp_path}/town.db", "rules": tmp_path / "rules"})
    app = build_app(settings, sources=[], key_of=open_keys(KEYS))
    order = amazon_order(ORDER, seller={"id": "s-1", "addresses": [SELLER]}, buyer={"name": "Ann", "address": BUYER})
    (tmp_path / "orders.json").write_text(json.dumps([order]))
    with app.store.transaction() as tx:
        tx.import_orders(load_orders(tmp_path / "orders.json"))
    app.desk.watch_rules(RuleWatch(tmp_path / "rules", app.store, lambda: build_house(settings)))
    yield Town(app, tmp_path)
    app.close()


def test_a_broken_edit_keeps_the_old_rules_and_says_where_the_mistake_is(town: Town) -> None:
    town.edit("reason: Buyer Canceled", "reazon: Buyer Canceled")

    assert town.ask(OUT_OF_STOCK) == ("A-10", "advise_cancel")
    assert "the edited rules are broken" in (town.app.desk.rules_wait or "")
    assert "amazon.yaml:" in (town.app.desk.rules_wait or "")
    with town.app.store.snapshot() as tx:
        assert any(row.action == "rules kept" for row in tx.audit_rows())


def test_an_edit_waits_until_it_is_activated_and_then_counts_without_a_restart(town: Town) -> None:
    town.ask(OUT_OF_STOCK)
    town.edit("cancelled with the Order Cancellation feed; single ones", "cancelled with the feed; single ones")

    town.ask(f"What about {ORDER}, is it cancelled yet?")
    assert "wait for a green replay" in (town.app.desk.rules_wait or "")

    code, said = town.run("rules", "activate", "--by", "alice", "--reason", "the wording is meant")
    assert code == 0, said
    town.ask(f"Any news on {ORDER}?")
    assert town.app.desk.rules_wait is None
    assert town.app.house.rulebook.sha256 != town.app.desk.house.rulebook.sha256


def test_a_replay_that_changes_a_decision_is_listed_and_activates_nothing_without_a_reason(town: Town) -> None:
    town.ask(OUT_OF_STOCK)
    shutil.copytree(town.folder / "rules", town.folder / "draft")
    shutil.rmtree(town.folder / "draft" / "decisions")
    text = town.rule_file("draft").read_text("utf-8")
    at = text.index("  - id: A-10\n")
    edited = text[at:].replace("action: advise_cancel", "action: answer", 1)
    town.rule_file("draft").write_text(text[:at] + edited, "utf-8")

    code, said = town.run("replay", "--rules", str(town.folder / "draft"), "--json")
    (change,) = [json.loads(line) for line in said.splitlines()]
    assert code == 1
    assert (change["old_action"], change["new_action"], change["differs"]) == ("advise_cancel", "answer", ["action"])
    assert (change["mail"], change["order_id"], change["new_rule"]) == ("message 1", ORDER, "A-10")

    code, said = town.run("rules", "activate", str(town.folder / "draft"), "--by", "alice")
    assert code == 1
    assert "advise_cancel" in town.rule_file().read_text("utf-8")

    code, said = town.run("rules", "activate", str(town.folder / "draft"), "--by", "alice", "--reason", "agreed on Monday")
    assert code == 0, said
    assert town.ask(OUT_OF_STOCK + " Again.") == ("A-10", "answer")


def test_a_green_replay_activates_without_a_word(town: Town) -> None:
    town.ask(OUT_OF_STOCK)
    shutil.copytree(town.folder / "rules", town.folder / "draft")
    town.edit("# Amazon. Decided", "# Amazon, edited. Decided", "draft")

    code, said = town.run("rules", "activate", str(town.folder / "draft"), "--by", "alice")

    assert code == 0, said
    assert "activated" in said
    town.ask(OUT_OF_STOCK + " And now?")
    assert town.app.desk.rules_wait is None


def test_mail_is_decided_again_as_of_another_day(town: Town) -> None:
    raw = mail("Buyer <buyer@marketplace.amazon.com>", f"pls cancel {ORDER}", to=SUPPORT, subject="cancel", signed=True)
    (town.folder / "m.eml").write_bytes(raw)
    order = amazon_order(ORDER, placed_at="2026-05-04T10:00:00Z", buyer={"relay_address": "buyer@marketplace.amazon.com"})
    (town.folder / "other.json").write_text(json.dumps([order]))
    given = [str(town.folder / "m.eml"), "--orders", str(town.folder / "other.json"), "--json"]

    code, said = town.run("replay", *given, "--as-of", "2026-05-04T10:12:00")

    assert code == 1
    assert [json.loads(line)["new_action"] for line in said.splitlines()] == ["tell_self_cancel"]
    assert town.run("replay", *given) == (0, "")


def test_a_replay_knows_the_keys_of_the_day_and_what_people_have_put_right(town: Town) -> None:
    buyer = "Ann <ann7x@marketplace.amazon.com>"
    subject = "Order cancellation request from Amazon customer Ann"
    official = town.receive(mail(buyer, f"Order {ORDER}", subject=subject, signed=True))
    thanks = town.receive(mail(f"Shop <{SELLER}>", f"How do I cancel {ORDER}?", subject="A question"))
    assert official.rule == "A-06", "the relay's signature proves it"
    Correcting(town.app.desk).correct(thanks.message_id, kind="unrelated", facts={}, by="alice")

    assert town.run("replay", "--json") == (0, ""), "no DNS was asked, and nothing is decided otherwise"


def test_a_pair_of_the_autopilot_that_can_never_open_is_named(town: Town) -> None:
    config = town.folder / "config.yaml"
    pairs = ["a_self_cancl/A-02", "a_self_cancel/A-2", "a_self_cancel/A-02"]
    config.write_text(f"{config.read_text('utf-8')}autopilot: {json.dumps(pairs)}\n", "utf-8")

    code, said = town.run("autopilot", "status", "--json")

    assert code == 0
    assert [json.loads(line)["closed_because"] for line in said.splitlines()] == [
        "there is no template 'a_self_cancl'", "there is no rule 'A-2'", "0 of 299 clean approvals under the present rules",
    ]  # fmt: skip
