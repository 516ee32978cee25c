"""Anybody does anything in any order, and no credit memo comes of it that should not: looked at by SQL after every step.

The people outside write what they like, proved or forged; the team approves, rejects, confirms and issues as anybody; mail is
lost after the dot; the program is restarted; days pass. The model below remembers what the buyers truly did, and shares no
decision with the product.
"""

import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from supportbot.app import App, build_app
from supportbot.casework.order import Order
from supportbot.errors import DeliveryError, StoreRefusal, UncertainDelivery, UsageError
from supportbot.orders import load_orders
from supportbot.post.reading import GuardedReader
from supportbot.settings import Settings
from supportbot.store import Store
from supportbot.testing import FakeMailbox, FakeOutbox, FixedClock
from tests.mail_files import KEYS, NOW, SUPPORT, mail, member_order, sign
from tests.stories.office import shipped_house

QUICK = settings(
    max_examples=int(os.environ.get("CASE_MACHINE_EXAMPLES", "14")),
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=20, stateful_step_count=60, derandomize=False)

AUTHSERV = "mx.club.example"
ORDERS = {"PO-1001": ("ann@buyer.example", "post@shop.example"), "PO-1002": ("ben@buyer.example", "mail@rival.example")}
APPROVERS, OTHERS = ("alice", "bob"), ("carol", "sally", "mallory", "dora")
PEOPLE = (*APPROVERS, *OTHERS)

BOTH = ("I accept the item and the re-billing.", "Yes, I will keep it and you can charge me again.")
NEITHER = ("No, I do not accept it. Do not charge me.", "I do not want the item and I refuse the re-billing.")
LESS = ("I'll keep it.", "OK", "I accept the charge if it comes by Friday", "Where is my parcel?", "What does that mean?")
AWAY = "I am out of the office until Monday. I accept the item and the re-billing."

ONE = "PO-1001"
orders = st.sampled_from(["PO-1001", "PO-1001", "PO-1001", "PO-1002"])  # what matters mostly happens within one case
people = st.sampled_from(PEOPLE)
numbers = st.integers(0, 30)


@cache
def grown_database() -> bytes:
    """An empty database of this version: grown once, copied for every example."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        Store.open(f"sqlite:///{path}", clock=FixedClock(NOW)).close()
        return path.read_bytes()


class UnsureOutbox(FakeOutbox):
    """A mail server that may take a mail over and break before it says so."""

    def __init__(self) -> None:
        super().__init__()
        self.breaks: list[str] = []

    def send(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> str:
        fault = self.breaks.pop() if self.breaks else "none"
        if fault == "refused":
            raise DeliveryError("550 no such user", permanent=True, status="550")
        if fault == "busy":
            raise DeliveryError("451 try later", permanent=False, status="451")
        said = super().send(envelope_from, recipients, raw)
        if fault == "lost":
            raise UncertainDelivery("the reply was lost")
        return said


class LastingReader(GuardedReader):
    """One child reads for all examples: it takes longer to start than an example takes."""

    def close(self) -> None:
        """It ends with the tests, not with an app."""


@cache
def reader() -> GuardedReader:
    return LastingReader()


@dataclass
class Truth:
    """What the people outside truly did about one order."""

    genuine: list[bytes] = field(default_factory=list)  # the buyer's own signed mails that accept both, token and all
    proved: int = 0  # times that a proved acceptance of both reached us
    vouched: int = 0  # times that two people vouched for a chain
    standing: bool = False  # proved or vouched, and not taken back since


class CaseMachine(RuleBasedStateMachine):
    """The world around one supportbot."""

    @initialize(
        gate=st.sampled_from(["rebill_confirmed", "rebill_requested"]),
        impatient=st.booleans(),
        so_far=st.tuples(*[st.sampled_from([2, 4, 5, 2, 3, 6, 2, 7, 0])] * len(ORDERS)),
    )
    def open_the_office(self, gate: str, impatient: bool, so_far: tuple[int, ...]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="case-machine-"))
        self.database = self.folder / "office.db"
        self.database.write_bytes(grown_database())
        self.clock = FixedClock(NOW)
        self.mailbox, self.outbox = FakeMailbox(), UnsureOutbox()
        self.settings = Settings.model_validate(
            {
                "database": f"sqlite:///{self.database}",
                "mailboxes": [{"name": "support", "address": SUPPORT, "host": "x.example", "trusted_authserv_ids": [AUTHSERV]}],
                "correspondents": {"billing": "billing@club.example"},
                "limits": {"hold_seconds": 0, "answers_per_sender_per_day": 10},
                "money": {"memo_gate": gate},
            }
        )
        self.app = self.start()
        self.truth = {order_id: Truth() for order_id in ORDERS}
        self.impatient = False
        self.delivered: list[bytes] = []
        with self.app.store.transaction() as tx:
            tx.import_orders(self.orders_on_record())
            for name in ("alice", "bob", "dora"):
                tx.add_user(name, "approver")
            tx.add_user("carol", "viewer")
            tx.add_user("sally", "approver", seller_id="s-1")
        self.run_sql("update users set disabled = 1 where name = 'dora'")
        for order_id, steps in zip(ORDERS, so_far, strict=True):
            for step in HONEST_WAY[:steps]:
                step(self, order_id)
        self.impatient = impatient

    def orders_on_record(self) -> list[Order]:
        """Two orders of two sellers, cancelled after they had left."""
        path = self.folder / "orders.json"
        rows = [
            member_order(order_id, buyer={"name": "Buyer", "address": buyer}, seller={"id": f"s-{n}", "addresses": [seller]})
            for n, (order_id, (buyer, seller)) in enumerate(ORDERS.items(), 1)
        ]
        path.write_text(json.dumps(rows))
        return list(load_orders(path))

    def start(self) -> App:
        """A process on what is there."""
        house = replace(shipped_house(), settings=self.settings)
        app = build_app(
            self.settings,
            house=house,
            clock=self.clock,
            sources=[self.mailbox],
            sink=self.outbox,
            reader=reader(),
            key_of=KEYS.get,
        )
        app.desk.recover()
        return app

    def teardown(self) -> None:
        if hasattr(self, "app"):
            self.app.close()
            shutil.rmtree(self.folder)

    # -- looking from outside ------------------------------------------------------------------------------------------

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()

    def run_sql(self, statement: str) -> None:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(statement)

    def asked(self, order_id: str) -> EmailMessage | None:
        """The newest mail that asks the buyer of an order."""
        buyer = ORDERS[order_id][0]
        for _, recipients, raw in reversed(self.outbox.sent):
            if buyer in recipients:
                parsed = message_from_bytes(raw, policy=default)
                if "+" in str(parsed["Reply-To"]) and order_id in str(parsed["Subject"]):
                    return parsed
        return None

    # -- mail in -------------------------------------------------------------------------------------------------------

    def arrive(self, raw: bytes, *, proved: bool) -> None:
        """A mail reaches the mailbox, with or without the provider's word for its sender, and is worked."""
        if proved:
            sender = str(message_from_bytes(raw, policy=default)["From"]).rpartition("@")[2].strip(">")
            raw = f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from={sender}\r\n".encode() + raw
        self.delivered.append(raw)
        self.take_in(raw)

    def take_in(self, raw: bytes) -> None:
        self.clock.advance(minutes=7)
        self.mailbox.received = self.clock.now()
        self.mailbox.messages.append(raw)
        assert self.app.desk.round(self.app.sources) == {}
        for order_id in ORDERS if self.impatient else ():
            self.the_team_hurries(order_id)

    def reply(self, order_id: str, text: str, *, token: bool, **more: Any) -> bytes | None:
        """The buyer's signed reply to what we asked."""
        question = self.asked(order_id)
        if question is None:
            return None
        to = str(question["Reply-To"]) if token else SUPPORT
        return mail(
            ORDERS[order_id][0], text, to=to, subject=f"Re: {question['Subject']}", answers=bytes(question), signed=True,
            at=self.clock.now() + timedelta(minutes=7), **more,
        )  # fmt: skip

    @rule(order_id=orders)
    def the_seller_reports(self, order_id: str) -> None:
        text = f"Order {order_id} shows as cancelled, but we had already shipped it with UPS, tracking 1Z999AA10123456784."
        self.arrive(mail(ORDERS[order_id][1], text, subject=f"Order {order_id} cancelled but shipped"), proved=True)

    @rule(order_id=orders, text=st.sampled_from(BOTH), proved=st.booleans(), token=st.booleans())
    def the_buyer_accepts_both(self, order_id: str, text: str, proved: bool, token: bool) -> None:
        if (raw := self.reply(order_id, text, token=token)) is not None:
            truth = self.truth[order_id]
            if token:
                truth.genuine.append(raw)
            if token and proved:
                truth.proved += 1
                truth.standing = True
            self.arrive(raw, proved=proved)

    @rule(order_id=orders, text=st.sampled_from(LESS), proved=st.booleans())
    def the_buyer_says_less(self, order_id: str, text: str, proved: bool) -> None:
        if (raw := self.reply(order_id, text, token=True)) is not None:
            self.arrive(raw, proved=proved)

    @rule(order_id=orders, text=st.sampled_from(NEITHER), proved=st.booleans())
    def the_buyer_refuses(self, order_id: str, text: str, proved: bool) -> None:
        if (raw := self.reply(order_id, text, token=True)) is not None:
            if proved:
                self.truth[order_id].standing = False
            self.arrive(raw, proved=proved)

    @rule(order_id=orders)
    def the_buyer_is_away(self, order_id: str) -> None:
        if (raw := self.reply(order_id, AWAY, token=True, headers={"Auto-Submitted": "auto-replied"})) is not None:
            self.arrive(raw, proved=True)

    @rule(number=numbers)
    @precondition(lambda self: self.delivered)
    def a_mail_arrives_again(self, number: int) -> None:
        self.take_in(self.delivered[number % len(self.delivered)])

    # -- chains --------------------------------------------------------------------------------------------------------

    def forward(self, order_id: str, *attached: bytes, text: str = "") -> None:
        words = text or f"Here is the customer's confirmation for {order_id}. Please issue our credit memo."
        cover = mail(
            ORDERS[order_id][1], words, subject=f"Customer confirmation {order_id}", attach=attached, at=self.clock.now()
        )
        self.arrive(cover, proved=True)

    @rule(order_id=orders, number=numbers)
    def the_seller_forwards_the_original(self, order_id: str, number: int) -> None:
        truth = self.truth[order_id]
        if truth.genuine:
            truth.proved += (
                1  # whether it still stands, later words of the buyer say: the product's refusal is never wrong here
            )
            truth.standing = True
            self.forward(order_id, truth.genuine[number % len(truth.genuine)])

    @rule(order_id=orders, number=numbers)
    def the_seller_forwards_another_orders_original(self, order_id: str, number: int) -> None:
        (other,) = set(ORDERS) - {order_id}
        if genuine := self.truth[other].genuine:
            self.forward(order_id, genuine[number % len(genuine)])

    @rule(order_id=orders, how=st.sampled_from(["own signature", "no signature", "altered"]))
    def the_seller_forges(self, order_id: str, how: str) -> None:
        raw = self.reply(order_id, BOTH[0] if how != "altered" else "I do not accept the item and the re-billing.", token=True)
        if raw is None:
            return
        bare = raw[raw.index(b"From:") :]
        forged = {
            "own signature": lambda: sign(bare, "shop.example", at=self.clock.now()),
            "no signature": lambda: bare,
            "altered": lambda: raw.replace(b"I do not accept the item", b"I do accept the item", 1),
        }[how]()
        self.forward(order_id, forged)

    @rule(order_id=orders)
    def the_seller_pastes(self, order_id: str) -> None:
        buyer, seller = ORDERS[order_id]
        sent = f"{self.clock.now():%A, %B %d, %Y %I:%M %p}"
        block = f"From: {buyer}\nSent: {sent}\nTo: {seller}\nSubject: RE: {order_id}\n\n{BOTH[0]}\n"
        self.forward(order_id, text=f"Please create the memo for {order_id}.\n\n-----Original Message-----\n{block}")

    # -- the team ------------------------------------------------------------------------------------------------------

    def may(self, act: Callable[[], object]) -> bool:
        """Whether the product let somebody do something; its refusals are expected, anything else it raises is a defect."""
        with suppress(UsageError, StoreRefusal):
            act()
            self.app.desk.push_tickets()
            self.app.desk.deliver_outbox()
            return True
        return False

    def pick(self, rows: Sequence[Any], number: int) -> Any:
        return rows[number % len(rows)] if rows else None

    @rule(
        number=numbers,
        person=st.sampled_from(APPROVERS),
        fault=st.sampled_from(["none", "none", "none", "lost", "busy", "refused"]),
    )
    def a_draft_is_approved(self, number: int, person: str, fault: str) -> None:
        with self.app.store.snapshot() as tx:
            draft = self.pick([d for d in tx.drafts() if not d.findings], number)
        if draft:
            self.outbox.breaks = [fault]
            self.may(lambda: self.app.desk.approve(draft.id, reviewer=person, shown_sha256=draft.content_sha256))
            self.outbox.breaks = []

    @rule(number=numbers, person=people)
    def a_draft_is_rejected(self, number: int, person: str) -> None:
        with self.app.store.snapshot() as tx:
            draft = self.pick(tx.drafts(), number)
        if draft:
            desk = self.app.desk
            self.may(lambda: desk.reject(draft.id, reviewer=person, shown_sha256=draft.content_sha256, reason="not now"))

    @rule(number=numbers, person=people)
    def an_old_draft_is_approved_again(self, number: int, person: str) -> None:
        with self.app.store.snapshot() as tx:
            draft = self.pick(tx.drafts(state="approved"), number)
        if draft:
            assert not self.may(lambda: self.app.desk.approve(draft.id, reviewer=person, shown_sha256=draft.content_sha256))

    @rule(number=numbers, delivered=st.booleans())
    def a_parked_mail_is_settled(self, number: int, delivered: bool) -> None:
        with self.app.store.snapshot() as tx:
            parked = self.pick(tx.outbox(state="uncertain"), number)
        if parked:
            self.may(lambda: self.app.desk.settle_uncertain(parked.id, delivered=delivered, by="alice"))

    def case(self, order_id: str) -> tuple[str, str] | None:
        query = (
            "select c.id, c.state from cases c join orders o on o.key = c.order_key where o.order_id = ? order by c.opened_at"
        )
        found = self.sql(query, order_id)
        return (found[-1][0], found[-1][1]) if found else None

    @rule(order_id=orders, person=people)
    def somebody_confirms_the_direct_proof(self, order_id: str, person: str) -> None:
        if found := self.case(order_id):
            self.may(lambda: self.app.desk.money.confirm_direct_proof(found[0], by=person))

    @rule(order_id=orders, first=people, second=people)
    def two_confirm_a_chain(self, order_id: str, first: str, second: str) -> None:
        found = self.case(order_id)
        if found and self.may(
            lambda: self.app.desk.money.confirm_chain(found[0], first=first, second=second, reason="we phoned the buyer")
        ):
            assert {first, second} == set(APPROVERS)
            self.truth[order_id].vouched += 1
            self.truth[order_id].standing = True

    @rule(order_id=orders, outcome=st.sampled_from(["released", "acknowledged", "closed"]), person=people)
    def a_hold_is_ended(self, order_id: str, outcome: Any, person: str) -> None:
        if found := self.case(order_id):
            self.may(lambda: self.app.desk.resolve_hold(found[0], outcome=outcome, by=person, reason="looked at it"))

    def ticket(self, order_id: str) -> str | None:
        found = self.sql("select id from tickets where type = 'credit_memo' and order_id = ? order by opened_at", order_id)
        return found[-1][0] if found else None

    @rule(order_id=orders, person=people, worked=st.booleans())
    def billing_answers(self, order_id: str, person: str, worked: bool) -> None:
        if ticket := self.ticket(order_id):
            money = self.app.desk.money
            if worked:
                self.may(lambda: money.confirm_rebill(ticket, by=person, reference="B-1"))
            else:
                self.may(lambda: money.fail_rebill(ticket, by=person, reason="card refused"))

    @rule(order_id=orders, person=people, amount=st.sampled_from(["99.80", "1.00", "99.81", "0", "-5"]))
    def somebody_enters_an_amount(self, order_id: str, person: str, amount: str) -> None:
        if ticket := self.ticket(order_id):
            done = self.may(lambda: self.app.desk.money.enter_memo(ticket, amount=Decimal(amount), by=person))
            assert not done or (0 < Decimal(amount) <= Decimal("99.80") and person not in ("sally", "mallory", "dora"))

    @rule(order_id=orders, person=people)
    def somebody_issues_the_memo(self, order_id: str, person: str) -> None:
        ticket = self.ticket(order_id)
        if ticket and self.may(lambda: self.app.desk.money.issue_memo(ticket, by=person)):
            assert person in APPROVERS
            assert self.truth[order_id].standing, "issued although the buyer had taken it back"

    @rule(order_id=orders)
    def the_team_hurries(self, order_id: str) -> None:
        """Two honest people try every step that is left, whatever has come in meanwhile."""
        self.somebody_confirms_the_direct_proof(order_id, "alice")
        self.billing_answers(order_id, "bob", worked=True)
        self.somebody_enters_an_amount(order_id, "bob", "99.80")
        self.somebody_issues_the_memo(order_id, "alice")

    # -- time and the machine ------------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 4, 15]))
    def days_pass(self, days: int) -> None:
        self.clock.advance(days=days)
        self.app.desk.round([])

    @rule()
    def the_program_is_restarted(self) -> None:
        self.app.close()
        self.app = self.start()

    # -- what must always hold -----------------------------------------------------------------------------------------

    @invariant()
    def no_memo_without_a_verified_acceptance_of_both(self) -> None:
        bad = self.sql(
            "select m.id from credit_memos m left join acceptances a on a.id = m.acceptance_id and a.order_key = m.order_key "
            "and a.item = 1 and a.rebill = 1 and a.verified = 1 where a.id is null"
        )
        assert bad == []

    @invariant()
    def every_memo_rests_on_what_a_buyer_did_or_two_people_vouched_for(self) -> None:
        query = (
            "select o.order_id, a.grade, a.confirmed_by, a.second_person, a.buyer_address from credit_memos m "
            "join orders o on o.key = m.order_key join acceptances a on a.id = m.acceptance_id"
        )
        for order_id, grade, first, second, address in self.sql(query):
            truth = self.truth[order_id]
            assert address == ORDERS[order_id][0]
            if first is None:
                assert truth.proved > 0
                assert grade in ("A", "B")
            else:
                assert truth.vouched > 0
                assert first != second

    @invariant()
    def one_memo_a_line_and_only_the_second_person_issues(self) -> None:
        twice = self.sql("select order_key, line from credit_memo_lines group by order_key, line having count(*) > 1")
        assert twice == []
        for status, entered, approved, amount in self.sql("select status, entered_by, approved_by, amount from credit_memos"):
            if status == "issued":
                assert entered != approved
                assert approved in APPROVERS
                assert Decimal(str(amount)) <= Decimal("99.80")

    @invariant()
    def no_mail_goes_out_twice(self) -> None:
        sent = [str(message_from_bytes(raw, policy=default)["Message-ID"]) for _, _, raw in self.outbox.sent]
        assert len(sent) == len(set(sent))
        by_draft = self.sql("select draft_id from outbox group by draft_id having count(*) > 1")
        assert by_draft == []

    @invariant()
    def no_mail_is_lost_and_none_is_poison(self) -> None:
        assert self.sql("select count(*) from messages") == [(len(set(self.delivered)),)]
        assert self.sql("select step, reason from quarantine") == []
        assert self.sql("select id from messages where state <> 'done'") == []

    @invariant()
    def the_audit_log_is_whole_and_tells_the_present_state(self) -> None:
        with self.app.store.snapshot() as tx:
            assert tx.verify_audit() == []
        query = (
            "select c.id from cases c where c.state <> "
            "(select e.to_state from case_events e where e.case_id = c.id order by e.number desc limit 1)"
        )
        assert self.sql(query) == []


def approve_the_notice(world: "CaseMachine", order_id: str) -> None:
    with world.app.store.snapshot() as tx:
        (draft,) = [draft for draft in tx.drafts() if draft.order_id == order_id]
    assert world.may(lambda: world.app.desk.approve(draft.id, reviewer="alice", shown_sha256=draft.content_sha256))


# How a case goes where everybody is honest; an example begins somewhere on this way.
HONEST_WAY: tuple[Callable[["CaseMachine", str], object], ...] = (
    lambda world, order_id: world.the_seller_reports(order_id),
    approve_the_notice,
    lambda world, order_id: world.the_buyer_accepts_both(order_id, BOTH[0], proved=True, token=True),
    lambda world, order_id: world.somebody_confirms_the_direct_proof(order_id, "bob"),
    lambda world, order_id: world.billing_answers(order_id, "alice", worked=True),
    lambda world, order_id: world.somebody_enters_an_amount(order_id, "alice", "99.80"),
    lambda world, order_id: world.somebody_issues_the_memo(order_id, "bob"),
)


def test_no_order_of_events_breaks_an_invariant() -> None:
    run_state_machine_as_test(CaseMachine, settings=QUICK)


@pytest.mark.soak
def test_no_order_of_events_breaks_an_invariant_for_long(soak_minutes: float) -> None:
    end, rounds = time.monotonic() + 60 * soak_minutes, 0
    while time.monotonic() < end:
        run_state_machine_as_test(CaseMachine, settings=LONG)
        rounds += 1
    sys.stdout.write(f"{rounds * LONG.max_examples} orders of up to {LONG.stateful_step_count} events\n")


# What random order reaches too seldom is done on purpose: one such move after the notice, then the team tries everything.
HOSTILE: dict[str, Callable[[CaseMachine], object]] = {
    "the buyer's words without our token": lambda world: world.the_buyer_accepts_both(ONE, BOTH[0], proved=True, token=False),
    "the buyer's words that nobody vouches for": lambda world: world.the_buyer_accepts_both(
        ONE, BOTH[0], proved=False, token=True
    ),
    "signed by the seller": lambda world: world.the_seller_forges(ONE, "own signature"),
    "not signed": lambda world: world.the_seller_forges(ONE, "no signature"),
    "altered": lambda world: world.the_seller_forges(ONE, "altered"),
    "pasted": lambda world: world.the_seller_pastes(ONE),
    "out of office": lambda world: world.the_buyer_is_away(ONE),
    "less than both": lambda world: world.the_buyer_says_less(ONE, LESS[0], proved=True),
    "refused": lambda world: world.the_buyer_refuses(ONE, NEITHER[0], proved=True),
}


@pytest.mark.parametrize("move", HOSTILE.values(), ids=HOSTILE)
def test_no_single_move_brings_money(move: Callable[[CaseMachine], object]) -> None:
    world = CaseMachine()
    try:
        world.open_the_office("rebill_requested", impatient=False, so_far=(2, 0))
        move(world)
        world.the_team_hurries(ONE)

        assert world.sql("select status from credit_memos") == []
    finally:
        world.teardown()


@pytest.mark.parametrize("steps", [4, 5, 6])
def test_a_withdrawal_stops_the_money_at_every_step(steps: int) -> None:
    world = CaseMachine()
    try:
        world.open_the_office("rebill_confirmed", impatient=False, so_far=(steps, 0))
        world.the_buyer_refuses(ONE, NEITHER[0], proved=True)
        world.a_hold_is_ended(ONE, "released", "alice")
        world.the_team_hurries(ONE)

        assert world.sql("select status from credit_memos where status = 'issued'") == []
    finally:
        world.teardown()


def test_the_honest_way_ends_in_an_issued_memo() -> None:
    world = CaseMachine()
    try:
        world.open_the_office("rebill_confirmed", impatient=False, so_far=(len(HONEST_WAY), 0))

        assert world.sql("select status, approved_by from credit_memos") == [("issued", "bob")]
    finally:
        world.teardown()
