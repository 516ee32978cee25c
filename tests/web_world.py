"""A served console for tests: a real store with sample mail and people, and a desk that only does what it is told."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from fastapi import FastAPI

from supportbot.casework.case import CaseEvent
from supportbot.casework.order import Buyer, Marketplace, Order, OrderLine, Seller, Shipment
from supportbot.store import DraftRow, Store
from supportbot.web import HoldOutcome, create_console, hash_password, serve

PASSWORD = "correct horse battery"
PEOPLE = (("alice", "approver", None), ("bob", "approver", None), ("vera", "viewer", None), ("sam", "viewer", "s-1"))
ASKED = "Please cancel order 113-4417 right away, I bought the wrong colour.\n\nThanks\nRosa"
ANSWERED = "Yes, I will keep the lamp.\nAnd yes, charge me again for it."


@dataclass
class MovableClock:
    """A clock that stands until a test moves it."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.at

    def forward(self, **gap: float) -> None:
        self.at += timedelta(**gap)


class PlainDesk:
    """Carries the actions over to the store, as the real desk does, without its rules."""

    def __init__(self, store: Store, clock: MovableClock, hold: timedelta = timedelta(seconds=30)) -> None:
        self._store = store
        self._clock = clock
        self._hold = hold
        self.asked: list[tuple[str, ...]] = []

    def approve(self, draft_id: str, *, reviewer: str, shown_sha256: str) -> None:
        with self._store.transaction() as tx:
            draft = tx.review(draft_id, decision="approved", reviewer=reviewer, shown_sha256=shown_sha256)
            tx.enqueue(
                draft_id=draft_id,
                header_message_id=f"<{draft_id}@support.example>",
                envelope_from="support@support.example",
                recipients=draft.to,
                raw=b"Subject: x\r\n\r\nx\r\n",
                not_before=self._clock.now() + self._hold,
            )
        self.asked.append(("approve", draft_id, reviewer))

    def edit(self, draft_id: str, *, subject: str, body: str, reviewer: str, shown_sha256: str) -> DraftRow:
        findings = ["a link is not allowed in this mail"] if "http" in body else []
        with self._store.transaction() as tx:
            return tx.edit_draft(
                draft_id, subject=subject, body=body, findings=findings, editor=reviewer, expected_sha256=shown_sha256
            )

    def check(self, draft_id: str, *, subject: str, body: str) -> list[str]:
        return ["a link is not allowed in this mail"] if "http" in body else []

    def reject(self, draft_id: str, *, reviewer: str, shown_sha256: str, reason: str) -> None:
        with self._store.transaction() as tx:
            tx.review(draft_id, decision="rejected", reviewer=reviewer, shown_sha256=shown_sha256, reason=reason)

    def undo_approval(self, draft_id: str, *, reviewer: str) -> None:
        self.asked.append(("undo", draft_id, reviewer))

    def retry_failed(self, draft_id: str, *, by: str) -> DraftRow:
        with self._store.transaction() as tx:
            return tx.retry_failed(draft_id, by=by)

    def confirm_rebill(self, ticket_id: str, *, by: str, reference: str) -> None:
        with self._store.transaction() as tx:
            memo = tx.memo(ticket_id=ticket_id)
            assert memo is not None
            tx.confirm_rebill(memo, by=by, reference=reference)

    def clear_flag(self, ticket_id: str, code: str, *, by: str, reason: str) -> None:
        with self._store.transaction() as tx:
            memo = tx.memo(ticket_id=ticket_id)
            assert memo is not None
            tx.clear_flag(memo.id, code, by=by, reason=reason)

    def fail_rebill(self, ticket_id: str, *, by: str, reason: str) -> None:
        with self._store.transaction() as tx:
            memo = tx.memo(ticket_id=ticket_id)
            assert memo is not None
            tx.fail_rebill(memo, by=by, reason=reason)

    def confirm_direct_proof(self, case_id: str, *, by: str) -> None:
        self.asked.append(("confirm proof", case_id, by))

    def propose_chain(self, case_id: str, *, by: str, reason: str) -> None:
        with self._store.transaction() as tx:
            case = tx.case(case_id)
            assert case is not None
            tx.move_case(case, to_state=case.state, event=CaseEvent.CHAIN_PROPOSED, actor=by, reason=reason)

    def confirm_proposed_chain(self, case_id: str, *, by: str, shown: int) -> None:
        self.asked.append(("confirm chain", case_id, by, str(shown)))

    def reject_chain(self, case_id: str, *, by: str, reason: str) -> None:
        self.asked.append(("reject chain", case_id, by, reason))

    def close_case(self, case_id: str, *, by: str, reason: str) -> None:
        self.asked.append(("close case", case_id, by, reason))

    def resolve_hold(self, case_id: str, *, outcome: HoldOutcome, by: str, reason: str) -> None:
        self.asked.append(("resolve", case_id, outcome, by, reason))

    def mark_handled(self, message_id: int, *, by: str) -> None:
        with self._store.transaction() as tx:
            tx.mark_handled(message_id, by)

    def close_ticket(self, ticket_id: str, *, by: str, reason: str) -> None:
        with self._store.transaction() as tx:
            tx.close_ticket(ticket_id, reason, by=by)

    def settle_uncertain(self, outbox_id: str, *, delivered: bool, by: str) -> None:
        with self._store.transaction() as tx:
            tx.settle_outbox(outbox_id, state="sent" if delivered else "failed", detail=f"settled by {by}")

    def enter_memo(self, ticket_id: str, *, amount: Decimal, by: str) -> None:
        with self._store.transaction() as tx:
            memo = tx.memo(ticket_id=ticket_id)
            assert memo is not None
            tx.enter_memo(memo, amount=amount, by=by)

    def issue_memo(self, ticket_id: str, *, by: str) -> None:
        with self._store.transaction() as tx:
            memo = tx.memo(ticket_id=ticket_id)
            assert memo is not None
            tx.issue_memo(memo, by=by)

    def retry_quarantined(self, entry_id: int, *, by: str) -> None:
        with self._store.transaction() as tx:
            tx.retry_quarantined(entry_id, by="alice")

    def release_quarantined(self, entry_id: int, *, by: str, reason: str) -> None:
        with self._store.transaction() as tx:
            tx.release_quarantined(entry_id, by=by, reason=reason)


@dataclass
class World:
    """The store, the desk, the clock and where the console answers."""

    store: Store
    desk: PlainDesk
    clock: MovableClock
    app: FastAPI
    url: str

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """A browser without scripts that nobody has signed in to; it names its origin as browsers do."""
        headers = {"origin": self.url}
        with httpx.Client(base_url=self.url, headers=headers, follow_redirects=True, verify=False, timeout=30) as client:
            yield client

    @contextmanager
    def signed_in(self, name: str = "alice") -> Iterator[httpx.Client]:
        """A browser in which a person has signed in, without the deliberate slowness of checking a password."""
        with self.browser() as client:
            client.cookies.set("supportbot", self.app.state.console.sessions.begin(name))
            yield client

    def mail(self, subject: str, **said: Any) -> int:
        """Keep one worked message, and return its id. `said` overrides the desk's JSON and the columns."""
        columns: dict[str, Any] = {
            "sender": "rosa@buyers.example",
            "kind": "cancel_nonstandard",
            "confidence": 0.97,
            "abstained": False,
        }
        columns |= {"action": "ask_official_request", "rule": "A-05", "why": "A buyer asks in their own words."}
        columns["needs_person"] = said.get("action") in {"review", "hold"}
        details: dict[str, Any] = {
            "from": {"name": "Rosa Buyer", "address": said.get("sender", columns["sender"])},
            "new_text": ASKED,
            "quoted_text": "",
            "facts": {"scope": "whole", "order_ids": ["113-4417"], "language": "en"},
            "evidence": [_evidence("order_ids", "113-4417", ASKED), _evidence("kind", "Please cancel order", ASKED)],
            "authentication": {"address": "rosa@buyers.example", "passed": True, "method": "dmarc", "reasons": []},
            "decision": {"fired": ["A-05"], "quotes": [{"file": "seed", "text": "ask the buyer to use the form", "mark": ""}]},
        }
        details |= {
            key: said.pop(key)
            for key in list(said)
            if key in details or key in {"screening", "defects", "unexplained", "chain", "link", "attachments"}
        }
        raw = f"Subject: {hashlib.sha256(repr((subject, said, details)).encode()).hexdigest()}\r\n\r\n".encode()
        with self.store.transaction() as tx:
            kept = tx.keep_file("support", raw, self.clock.now() - timedelta(minutes=40))
            tx.finish_message(kept.message_id, subject=subject, details=details, **(columns | said))
        return kept.message_id

    def draft(
        self, message_id: int | None, subject: str = "Re: your order", body: str = "Hello,\n\nbitte.\n", **said: object
    ) -> str:
        """Keep a draft that answers a message, and return its id."""
        row: dict[str, Any] = {
            "case_id": None,
            "order_id": None,
            "template": "ask_official_request",
            "rule": "A-05",
            "language": "en",
        }
        row |= {"to": ("rosa@buyers.example",), "findings": (), "why": "", "token": None, "in_reply_to": None, "references": ()}
        row |= {"business_key": f"answer:{message_id}:{subject}"} | said
        with self.store.transaction() as tx:
            draft_id = tx.add_draft(message_id=message_id, subject=subject, body=body, **row)
        assert draft_id is not None
        return draft_id

    def read_draft(self, draft_id: str) -> DraftRow:
        """A draft as it stands in the store."""
        with self.store.snapshot() as tx:
            draft = tx.draft(draft_id)
        assert draft is not None
        return draft


@contextmanager
def open_world(folder: Path, *, demo_users: tuple[str, ...] = ()) -> Iterator[World]:
    """A served console over an empty store with the people alice, bob (approvers), vera (viewer) and sam (a seller's user)."""
    clock = MovableClock()
    database = folder / "supportbot.db"
    database.write_bytes(_database_with_people())
    store = Store.open(f"sqlite:///{database}", clock=clock)
    desk = PlainDesk(store, clock)
    app = create_console(store, desk, team_name="Seller Support", secret=b"0" * 32, demo_users=demo_users, clock=clock)
    server = serve(app, "127.0.0.1", 0)
    try:
        yield World(store, desk, clock, app, f"http://127.0.0.1:{server.port}")
    finally:
        server.stop()
        store.close()


@cache
def _database_with_people() -> bytes:
    """A database made once, so that each test only copies it."""
    with TemporaryDirectory() as folder:
        database = Path(folder) / "supportbot.db"
        store = Store.open(f"sqlite:///{database}", clock=MovableClock())
        with store.transaction() as tx:
            for name, role, seller in PEOPLE:
                tx.add_user(name, role, hash_password(PASSWORD), seller)
        store.close()
        return database.read_bytes()


def _evidence(fact: str, words: str, text: str) -> dict[str, object]:
    start = text.index(words)
    return {"fact": fact, "text": words, "start": start, "end": start + len(words), "rule": f"{fact}.words"}


def an_order(order_id: str = "PO-88121") -> Order:
    """A member-club order of two lamps, one of which was cancelled and shipped all the same."""
    return Order(
        marketplace=Marketplace.MEMBER_CLUB,
        order_id=order_id,
        currency="USD",
        status="cancelled",
        buyer=Buyer(name="Rosa Buyer", address="rosa@buyers.example"),
        seller=Seller(id="s-1", name="Lamp House", addresses=("ops@lamps.example",)),
        shipments=(Shipment(carrier="UPS", tracking_number="1Z999AA10123456784"),),
        lines=(OrderLine("1", "LAMP-W", None, "Desk lamp, white", 2, Decimal("64.50"), 2, 2, 2),),
    )
