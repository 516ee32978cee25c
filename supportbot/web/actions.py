"""What a person may do at the console; the desk implements it, the console only asks."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, Protocol

from supportbot.store.rows import DraftRow

HoldOutcome = Literal["released", "acknowledged", "closed"]
"""How a hold ends: back to where it came from, on as a yes to both that a person understood, or closed without a memo."""


class DeskActions(Protocol):
    """Every effect of the console. Each raises `UsageError` or `StoreError` with a sentence that is shown to the person."""

    def approve(self, draft_id: str, *, reviewer: str, shown_sha256: str) -> None:
        """Approve the draft whose content hash was shown; it is sent when the hold window is over."""
        ...

    def edit(self, draft_id: str, *, subject: str, body: str, reviewer: str, shown_sha256: str) -> DraftRow:
        """Put a new version in place of the one shown; its findings are read anew."""
        ...

    def check(self, draft_id: str, *, subject: str, body: str) -> Sequence[str]:
        """What the linter would find in these words of the draft; nothing is kept."""
        ...

    def reject(self, draft_id: str, *, reviewer: str, shown_sha256: str, reason: str) -> None:
        """Refuse the draft shown; nothing is sent."""
        ...

    def undo_approval(self, draft_id: str, *, reviewer: str) -> None:
        """Take an approval back within the hold window."""
        ...

    def retry_failed(self, draft_id: str, *, by: str) -> DraftRow:
        """Lay a mail that failed before the reviewers again, as a new draft."""
        ...

    def confirm_rebill(self, ticket_id: str, *, by: str, reference: str) -> None:
        """Record that billing has re-billed the buyer, with billing's reference."""
        ...

    def fail_rebill(self, ticket_id: str, *, by: str, reason: str) -> None:
        """Record that billing could not re-bill the buyer; the case goes on hold."""
        ...

    def clear_flag(self, ticket_id: str, code: str, *, by: str, reason: str) -> None:
        """Say why a credit memo may go on though something about it is odd."""
        ...

    def confirm_direct_proof(self, case_id: str, *, by: str) -> None:
        """Confirm that our own mailbox holds the buyer's proved answer, so that no chain is needed."""
        ...

    def propose_chain(self, case_id: str, *, by: str, reason: str) -> None:
        """Believe a claimed chain as the first of two people, with a reason."""
        ...

    def confirm_proposed_chain(self, case_id: str, *, by: str, shown: int) -> None:
        """Confirm, as the second person, the proposal whose event number was shown: the credit memo is opened."""
        ...

    def reject_chain(self, case_id: str, *, by: str, reason: str) -> None:
        """Refuse a chain that people judge, with a reason."""
        ...

    def close_case(self, case_id: str, *, by: str, reason: str) -> None:
        """Close a case whose chain was refused, without a memo."""
        ...

    def resolve_hold(self, case_id: str, *, outcome: HoldOutcome, by: str, reason: str) -> None:
        """End a hold, with a reason."""
        ...

    def mark_handled(self, message_id: int, *, by: str) -> None:
        """Say that a person has read a message that no draft answers, and has seen to it."""
        ...

    def close_ticket(self, ticket_id: str, *, by: str, reason: str) -> None:
        """Close a ticket that people work, with a reason."""
        ...

    def settle_uncertain(self, outbox_id: str, *, delivered: bool, by: str) -> None:
        """Say what became of a parked mail: it went out, or it did not. It is not sent again."""
        ...

    def enter_memo(self, ticket_id: str, *, amount: Decimal, by: str) -> None:
        """Enter a credit memo's amount: the first person's part."""
        ...

    def issue_memo(self, ticket_id: str, *, by: str) -> None:
        """Issue a credit memo: the second person's part."""
        ...

    def retry_quarantined(self, entry_id: int, *, by: str) -> None:
        """Work a quarantined message again from the beginning."""
        ...

    def release_quarantined(self, entry_id: int, *, by: str, reason: str) -> None:
        """Say how a person has seen to a quarantined message by hand; it stays unworked."""
        ...
