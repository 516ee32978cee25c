"""Named places at which a test may let the program die, fail or wait; in production nothing ever happens there.

`point("smtp.dot")` is one comparison while nobody watches. Only a Python call can begin a watch: no setting, no environment
variable and no mail reaches it, and a house test sees that no module of supportbot makes that call. What happens at a point (a
crash, an exception, a delay) is the watcher's own code, so that none of it is shipped.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

POINTS: dict[str, str] = {
    "imap.connect": "before a connection to a mailbox is made",
    "imap.list": "a folder is open, its new UIDs are not yet asked for",
    "imap.fetched": "bodies have come, nobody has them yet",
    "imap.mark": "mails are stored, the mailbox is about to be told",
    "imap.marked": "the mailbox was told, nobody has written that down",
    "smtp.connect": "before a connection to the mail server is made",
    "smtp.recipients": "every recipient was accepted, no text has been sent",
    "smtp.text": "the text has been sent, the final dot has not",
    "smtp.dot": "the final dot has been sent, the reply has not come",
    "smtp.accepted": "the server took the mail over, nobody has written that down",
    "store.begin": "before a transaction begins",
    "store.raw": "raw bytes were written within a transaction",
    "store.commit": "before a transaction is committed",
    "store.committed": "after a transaction was committed",
    "store.migrated": "a schema was changed within the transaction of an upgrade",
    "store.copied": "a backup was copied, and does not stand in its place yet",
    "store.erased": "a person's words were erased within a transaction",
    "desk.kept": "a batch of mail is committed, the mailbox does not know",
    "desk.decided": "a message was decided within a transaction",
    "desk.approved": "a draft was approved within a transaction",
    "desk.claimed": "a mail is claimed and committed, nothing was sent",
    "desk.sent": "a mail went out, its state is still `sending`",
    "desk.memo": "a credit memo was opened within a transaction",
}
"""Every point, and what has and has not happened there."""

_reached: Callable[[str], None] | None = None


def point(name: str) -> None:
    """Say that the place `name` of `POINTS` was reached; whoever watches may die, raise or wait here."""
    if _reached is not None:
        _reached(name)


@contextmanager
def watched(reached: Callable[[str], None]) -> Iterator[None]:
    """For tests: `reached` is called with the name of every point that any thread passes."""
    global _reached
    before, _reached = _reached, reached
    try:
        yield
    finally:
        _reached = before
