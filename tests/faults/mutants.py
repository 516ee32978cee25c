"""supportbot with one guard removed, by name; within a life that a test kills anyway. docs/mutations.md lists the results."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import update

import supportbot.judgement
import supportbot.proof
import supportbot.store.lock
import supportbot.store.outgoing
from supportbot.errors import DeliveryError, StoreError, UncertainDelivery
from supportbot.mail.message import Authentication, Screening, UidPosition, Verdict
from supportbot.ports import Fetched
from supportbot.post.imap import ImapSource, _Opened, _Wire
from supportbot.post.smtp import SmtpSink
from supportbot.store import Transaction
from supportbot.store.tables import messages, outbox

Mutation = Callable[[], None]


def _interrupted_mail_is_sent_again() -> None:
    def park(self: Transaction) -> list[str]:
        self._write(update(outbox).where(outbox.c.state == "sending").values(state="approved"))
        return []

    _set(Transaction, "park_interrupted", park)


def _lost_reply_counts_as_refused() -> None:
    dot = SmtpSink._final_dot

    def final_dot(self: SmtpSink, client: Any) -> str:
        try:
            return dot(self, client)
        except UncertainDelivery as error:
            raise DeliveryError(str(error), permanent=False, status="") from error

    _set(SmtpSink, "_final_dot", final_dot)


def _mail_is_sent_before_it_is_claimed() -> None:
    def claim(self: Transaction, now: Any) -> Any:
        row = self._first(supportbot.store.outgoing._DUE, {"now": now, "future": now + timedelta(hours=1)})
        return None if row is None else self.outbox_entry(row.id)

    _set(Transaction, "claim_outbox", claim)


def _position_moves_without_the_bytes() -> None:
    keep = Transaction.keep

    def kept(self: Transaction, mailbox: str, fetched: Sequence[Fetched]) -> Any:
        try:
            return keep(self, mailbox, fetched)
        except StoreError:
            self._advance(mailbox, fetched)
            return []

    _set(Transaction, "keep", kept)


def _mail_is_marked_before_it_is_stored() -> None:
    fetch = ImapSource.fetch_new

    def fetch_new(self: ImapSource, after: Mapping[str, UidPosition]) -> Iterator[Sequence[Fetched]]:
        for batch in fetch(self, after):
            self.mark_done(batch[0].folder, [mail.position for mail in batch])
            yield batch

    _set(ImapSource, "fetch_new", fetch_new)


def _uidvalidity_is_not_compared() -> None:
    opened = _Wire.open

    def same(self: _Wire, folder: str, *, writable: bool, anew: bool) -> _Opened:
        found = opened(self, folder, writable=writable, anew=anew)
        return _Opened(found.folder, found.writable, 1, None)

    _set(_Wire, "open", same)
    _numbers_begun_anew_are_not_seen()


def _numbers_begun_anew_are_not_seen() -> None:
    _set(ImapSource, "_numbered_anew", lambda *_: False)


def _large_mail_is_not_parked() -> None:
    _set(Transaction, "_park_too_large", lambda *_: None)


def _quarantine_has_no_entry() -> None:
    def quarantine(self: Transaction, message_id: int, **_: Any) -> int:
        self._write(update(messages).where(messages.c.id == message_id).values(state="quarantined"))
        return 0

    _set(Transaction, "quarantine", quarantine)


def _failed_mail_is_told_to_nobody() -> None:
    opened = Transaction.open_ticket

    def open_ticket(self: Transaction, **named: Any) -> Any:
        return None if named["business_key"].startswith("failed:") else opened(self, **named)

    _set(Transaction, "open_ticket", open_ticket)


def _machines_are_answered() -> None:
    _set(supportbot.judgement, "screen", lambda *_, **__: Screening(Verdict.PROCESS, "person"))


def _every_sender_is_believed() -> None:
    def believed(_message: Any, address: str, **_: Any) -> Authentication:
        return Authentication(address, True, "dmarc", ())

    _set(supportbot.proof, "authenticated_as", believed)


def _decisions_are_not_recorded() -> None:
    record = Transaction.audit

    def audit(self: Transaction, actor: str, action: str, subject: str, data: Mapping[str, Any]) -> None:
        if action != "decide":
            record(self, actor, action, subject, data)

    _set(Transaction, "audit", audit)


def _a_wrong_clock_sets_the_wait() -> None:
    _set(supportbot.store.outgoing, "_CLOCK_WENT_BACK", timedelta(days=36_500))


def _two_work_at_once() -> None:
    @contextmanager
    def exclusive(_engine: Any) -> Iterator[None]:
        yield

    _set(supportbot.store.lock, "exclusive", exclusive)


MUTANTS: Mapping[str, tuple[str, Mutation]] = {
    "a mail found in `sending` is parked, never sent again": ("I5", _interrupted_mail_is_sent_again),
    "a reply lost after the final dot makes a mail uncertain": ("I5", _lost_reply_counts_as_refused),
    "`sending` is committed before the mail server hears of a mail": ("I5", _mail_is_sent_before_it_is_claimed),
    "the position of a folder is committed with the bytes or not at all": ("I6", _position_moves_without_the_bytes),
    "bytes are committed before the mailbox is told": ("I6", _mail_is_marked_before_it_is_stored),
    "a changed UIDVALIDITY reads the folder from its beginning": ("I6", _uidvalidity_is_not_compared),
    "numbers begun anew under the same UIDVALIDITY do too": ("I6", _numbers_begun_anew_are_not_seen),
    "mail that is too large is parked": ("I6", _large_mail_is_not_parked),
    "quarantine shows what it holds": ("I7", _quarantine_has_no_entry),
    "mail that failed is told to a person": ("I14", _failed_mail_is_told_to_nobody),
    "machines are not answered": ("I8", _machines_are_answered),
    "only proved senders consent": ("I2", _every_sender_is_believed),
    "every decision is recorded": ("I13", _decisions_are_not_recorded),
    "a wait set by a wrong clock ends with it": ("I5", _a_wrong_clock_sets_the_wait),
    "one process at a time works a database": ("two at once", _two_work_at_once),
}
"""Each guard: what notices that it is gone, and how it is removed."""


def remove_guard(name: str) -> None:
    """Take a guard out of this process, for good."""
    MUTANTS[name][1]()


def _set(owner: Any, name: str, value: object) -> None:
    assert hasattr(owner, name), f"{owner} has no {name}: the guard moved"
    setattr(owner, name, value)
