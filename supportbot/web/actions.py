"""What a person may do at the console; the desk implements it, the console only asks."""

from decimal import Decimal
from typing import Protocol

from supportbot.store.rows import DraftRow


class DeskActions(Protocol):
    """Every effect of the console. Each raises `UsageError` or `StoreError` with a sentence that is shown to the person."""

    def approve(self, draft_id: str, *, reviewer: str, shown_sha256: str) -> None:
        """Approve the draft whose content hash was shown; it is sent when the hold window is over."""
        ...

    def edit(self, draft_id: str, *, subject: str, body: str, reviewer: str, shown_sha256: str) -> DraftRow:
        """Put a new version in place of the one shown; its findings are read anew."""
        ...

    def reject(self, draft_id: str, *, reviewer: str, shown_sha256: str, reason: str) -> None:
        """Refuse the draft shown; nothing is sent."""
        ...

    def undo_approval(self, draft_id: str, *, reviewer: str) -> None:
        """Take an approval back within the hold window."""
        ...

    def confirm_rebill(self, ticket_id: str, *, by: str, reference: str) -> None:
        """Record that billing has re-billed the buyer, with billing's reference."""
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
