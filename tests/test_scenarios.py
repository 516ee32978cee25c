"""Mails of every system, from people of many voices, and what has to come of each: tests/scenarios/*.yaml, through `judge`.

A scenario is data: who writes what about which order, what of the order is known, and the decision that
docs/spec/policies.md asks for. A fact that an order leaves out is unknown, so the right answer there is a question or a person.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from supportbot.app import open_keys
from supportbot.casework.order import Order
from supportbot.cli.reading import decided
from supportbot.judgement import judge
from supportbot.mail.parse import read_message
from supportbot.orders import load_orders
from supportbot.proof import Letter, examine
from supportbot.records import FileRecords
from supportbot.settings import Settings
from supportbot.store.rows import SentMail
from supportbot.yamltext import read_values
from tests.mail_files import KEYS, SUPPORT, mail
from tests.stories.office import BILLING, shipped_house

FOLDER = Path(__file__).parent / "scenarios"
Data = dict[str, Any]


def scenarios() -> Iterator[Any]:
    """Every scenario of every file, with what its file says of all of them."""
    for file in sorted(FOLDER.glob("*.yaml")):
        shared = read_values(file.read_text(encoding="utf-8"))
        for scenario in shared.pop("scenarios"):
            yield pytest.param(shared | scenario, id=f"{file.stem}: {scenario['name']}")


class ScenarioRecords(FileRecords):
    """The records of a scenario, with a case's state and evidence that has served already, which files cannot tell."""

    def __init__(self, orders: list[Order], sent: list[SentMail], case: str | None, used: frozenset[str]) -> None:
        super().__init__(orders, sent, own_addresses=(SUPPORT,))
        self._case, self._used = case, used

    def case_state(self, order: Order) -> str | None:
        return self._case

    def used_evidence(self, order: Order) -> frozenset[str]:
        return self._used


class World:
    """What one scenario tells of: its mails, our own among them, and its order."""

    def __init__(self, scenario: Data) -> None:
        self.scenario = scenario
        received = scenario["received"]
        self.received = datetime.fromisoformat(received) if isinstance(received, str) else received
        self.sent: dict[str, bytes] = {}

    def order(self) -> Data:
        changes = dict(self.scenario["order"])
        base: Data = self.scenario["orders"][changes.pop("like")]
        return base | changes

    def orders(self) -> list[Data]:
        """The order that it is about, then those that are known beside it."""
        return [self.order(), *(self.scenario["orders"][name] for name in self.scenario.get("beside", ()))]

    def ours(self, what: str | Data) -> bytes:
        """A mail of ours two days ago: one of the file's notices by its name, or as written."""
        written: Data = self.scenario["notices"][what] if isinstance(what, str) else what
        key = written["subject"] + written["text"]
        if key not in self.sent:
            at = self.received - timedelta(days=2)
            buyer = self.order()["buyer"]
            to = buyer.get("address") or buyer["relay_address"]
            self.sent[key] = mail(f"Seller Support <{SUPPORT}>", written["text"], to=to, subject=written["subject"], at=at)
        return self.sent[key]

    def mail(self, written: Data, at: datetime) -> bytes:
        answers = self.ours(written["answers"]) if "answers" in written else None
        return mail(
            self.scenario["people"].get(written["from"], written["from"]),
            written["text"],
            to=written.get("to", SUPPORT),
            subject=written["subject"],
            answers=answers,
            quote=written.get("quote"),
            attach=tuple(self.mail(inner, at - timedelta(hours=5)) for inner in written.get("attach", ())),
            signed=written.get("signed", False),
            at=at,
            headers=written.get("headers"),
        )

    def letter(self) -> Letter:
        raw = self.mail(self.scenario["mail"], self.received)
        return examine(raw, self.received, read=read_message, key_of=open_keys(KEYS), trusted_authserv_ids=())

    def records(self, letter: Letter, folder: Path) -> ScenarioRecords:
        for what in self.scenario.get("sent", ()):
            self.ours(what)
        file = folder / "orders.json"
        file.write_text(json.dumps(self.orders(), default=lambda time: time.isoformat()))
        orders = load_orders(file)
        used = frozenset(
            hashlib.sha256(found.raw).hexdigest()
            for found in letter.message.forwarded
            if found.raw and self.scenario.get("evidence_used")
        )
        return ScenarioRecords(orders, [_sent(raw, orders[0]) for raw in self.sent.values()], self.scenario.get("case"), used)


def _sent(raw: bytes, order: Order) -> SentMail:
    message = read_message(raw)
    assert message.message_id is not None
    assert message.date is not None
    return SentMail(
        header_message_id=message.message_id,
        token=None,
        template="",
        order_id=order.order_id,
        case_id=None,
        to=order.buyer.addresses,
        subject=message.subject,
        body=message.body,
        sent_at=message.date,
    )


def decide_scenario(scenario: Data, folder: Path) -> Data:
    """The row of `supportbot decide --json` for a scenario."""
    world = World(scenario)
    letter = world.letter()
    house = replace(shipped_house(), settings=Settings.model_validate({"correspondents": {"billing": BILLING}}))
    judgement = judge(letter, records=world.records(letter, folder), house=house, now=letter.received)
    return decided("scenario.eml", judgement)


def compared(row: Data, expected: Mapping[str, Any]) -> tuple[Data, Data]:
    """What came of it beside what was expected, for everything that the scenario speaks of."""
    draft = row["draft"] or {"body": "", "subject": "", "to": [], "language": None, "findings": []}
    words = f"{draft['subject']}\n{draft['body']}"
    told = {
        **row,
        "tickets": [ticket["type"] for ticket in row["tickets"]],
        "status": next((ticket["status"] for ticket in row["tickets"]), None),
        "timers": [timer["name"] for timer in row["timers"]],
        "to": draft["to"],
        "language": draft["language"],
        "lacks": draft["findings"],
        "each": {one["order_id"]: one["action"] for one in row.get("orders") or ()},
    }
    found: Data = {}
    wanted: Data = {}
    for name, value in ({"lacks": []} | dict(expected)).items():  # a draft that lacks nothing may be approved as it stands
        match name:
            case "says":
                found[name] = [text for text in value if text in " ".join(words.split())]
                wanted[name] = value
            case "never":
                found[name] = [text for text in value if text in words]
                wanted[name] = []
            case "fired" | "missing" | "timers":
                found[name] = [one for one in value if one in told[name]]
                wanted[name] = value
            case "action" | "rule" | "needs_person" if isinstance(value, list):
                found[name] = told[name]
                wanted[name] = told[name] if told[name] in value else value
            case _:
                found[name] = told[name]
                wanted[name] = value
    return found, wanted


@pytest.mark.parametrize("scenario", list(scenarios()))
def test_the_decision_is_the_one_that_the_policy_asks_for(scenario: Data, tmp_path: Path) -> None:
    row = decide_scenario(scenario, tmp_path)
    found, wanted = compared(row, scenario["expect"])
    assert found == wanted, f"{row['kind']}, {row['action']}, {row['rule']}: {row['why']}"
