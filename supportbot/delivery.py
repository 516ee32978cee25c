"""Mail out and tickets out: at most once, ever (docs/spec/safety.md I5).

    approved -> sending (committed) -> the mail server -> sent | uncertain | failed | approved again

Only a failure proven before the final dot may be tried again. A mail found in `sending` after a crash, and one whose reply was
lost, is parked for a person.
"""

from datetime import datetime, timedelta

import structlog

from supportbot import fault
from supportbot.errors import DeliveryError, UncertainDelivery, UsageError
from supportbot.money import refuse_outsiders
from supportbot.ports import MailSink, SentFolder, TicketDesk
from supportbot.store import OutboxRow
from supportbot.workplace import Workplace

log = structlog.get_logger()


class Delivery(Workplace):
    """The desk's way to the outside."""

    sink: MailSink
    tickets: TicketDesk
    _looked_into: set[str]
    _filed: set[str]

    def recover(self) -> list[str]:
        """At start: a mail found in `sending` may have gone out, so it is parked as uncertain, never sent again (I5)."""
        with self.store.transaction() as tx:
            return tx.park_interrupted()

    def deliver_outbox(self) -> int:
        """Send what is approved and due, one at a time; how many were sent. Each mail goes out at most once, ever."""
        sent = 0
        limits = self.house.settings.limits
        while True:
            now = self.clock.now()
            with self.store.transaction() as tx:
                if tx.sends_since(now - timedelta(hours=1)) >= limits.sends_per_hour:
                    log.warning("hourly send limit reached", limit=limits.sends_per_hour)
                    return sent
                tx.hold_back(
                    now,
                    per_recipient=limits.sends_per_recipient_per_hour,
                    per_case=limits.sends_per_case_per_hour,
                )
                entry = tx.claim_outbox(now)
            if entry is None:
                return sent
            fault.point("desk.claimed")
            sent += self._send(entry)

    def _send(self, entry: OutboxRow) -> bool:
        retry_at: datetime | None = None
        try:
            detail = self.sink.send(entry.envelope_from, entry.recipients, entry.raw)
            state = "sent"
        except UncertainDelivery as error:
            state, detail = "uncertain", str(error)
        except DeliveryError as error:
            detail = str(error)
            if error.permanent or entry.attempts + 1 >= 8:
                state = "failed"
            else:
                state, retry_at = "approved", self.clock.now() + timedelta(seconds=min(3600, 30 * 2**entry.attempts))
        fault.point("desk.sent")
        with self.store.transaction() as tx:
            tx.settle_outbox(entry.id, state=state, detail=detail, not_before=retry_at)
            draft = tx.draft(entry.draft_id)
            if draft and state == "sent":
                self.cases.sent(tx, draft, self.clock.now())
            elif draft and state == "failed":
                self.cases.failed(tx, draft, detail)
                tx.open_ticket(
                    type="other",
                    status="open",
                    case_id=draft.case_id,
                    order_id=draft.order_id,
                    title=f"not delivered: {draft.subject}",
                    fields={"the server said": detail, "draft": draft.id, "to": ", ".join(draft.to)},
                    business_key=f"failed:{entry.id}",
                )
        log.info("outbox", entry=entry.id, state=state)
        return state == "sent"

    def reconcile(self, name: str, folder: SentFolder) -> int:
        """Look into the Sent folder for mails that may have gone out, and settle those that lie there; how many did.

        What is not there stays parked for a person: not every server files copies. Raises `FetchError`.
        """
        with self.store.snapshot() as tx:
            parked = tx.outbox(state="uncertain", limit=1000)
            waiting = bool(tx.drafts(limit=1))
        if not parked and (name in self._looked_into or not waiting):
            return 0
        sent_ids = folder.sent_message_ids()
        self._looked_into.add(name)
        if sent_ids is None:
            return 0
        found = [entry for entry in parked if entry.header_message_id in sent_ids]
        with self.store.transaction() as tx:
            again = tx.sent_after_all(sent_ids)
            for entry in found:
                tx.settle_outbox(entry.id, state="sent", detail=f"found in the Sent folder of {name}")
                draft = tx.draft(entry.draft_id)
                if draft:
                    self.cases.sent(tx, draft, self.clock.now())
        log.info("looked into Sent", mailbox=name, parked=len(parked), found=len(found), drafts=len(again))
        return len(found)

    def file_copies(self, name: str, folder: SentFolder) -> int:
        """Put copies of what was sent within a day into the Sent folder, where it is configured; how many.

        Which copies are there is seen in the folder itself, once a mail: a crash between the copy and a note of it makes no
        second copy. Raises `FetchError`.
        """
        box = next((one for one in self.house.settings.mailboxes if one.name == name and one.file_sent), None)
        if box is None:
            return 0
        with self.store.snapshot() as tx:
            sent = [one for one in tx.sent_since(self.clock.now() - timedelta(days=1)) if one.envelope_from == box.address]
        new = [one for one in sent if one.id not in self._filed]
        if not new:
            return 0
        there = folder.sent_message_ids()
        if there is None:
            return 0
        missing = [one for one in new if one.header_message_id not in there]
        for one in missing:
            folder.file_sent([one.raw])
            self._filed.add(one.id)
        self._filed |= {one.id for one in sent}
        self._filed &= {one.id for one in sent}  # no older than a day
        return len(missing)

    def settle_uncertain(self, outbox_id: str, *, delivered: bool, by: str) -> None:
        """A person says what became of a parked mail: it went out, or it did not. It is never sent again by itself."""
        with self.store.transaction() as tx:
            refuse_outsiders(tx, by, known=False)
            entry = tx.outbox_entry(outbox_id)
            if entry is None or entry.state != "uncertain":
                raise UsageError(f"{outbox_id} is no parked mail")
            tx.settle_outbox(outbox_id, state="sent" if delivered else "failed", detail=f"settled by {by}")
            draft = tx.draft(entry.draft_id)
            if draft and delivered:
                self.cases.sent(tx, draft, self.clock.now())
            tx.audit(by, "settle", f"outbox {outbox_id}", {"delivered": delivered})

    def push_tickets(self) -> int:
        """File new tickets at the ticket desk; the same ticket twice gives the same reference. Raises `TicketError`."""
        with self.store.snapshot() as tx:
            waiting = tx.unpushed_tickets(100)
        for ticket in waiting:
            ref = self.tickets.push(ticket.id, ticket.type, ticket.title, ticket.fields)
            with self.store.transaction() as tx:
                tx.ticket_pushed(ticket.id, ref.reference)
        return len(waiting)
