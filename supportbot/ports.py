"""The seams to the outside: where mail comes from and goes, where tickets are kept, who people are; and `clock.Clock`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from supportbot.mail.message import UidPosition

MENDED = "(mended)"
"""The mailbox of mails that a person has changed: no server vouches for them."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message as the server gave it."""

    folder: str
    position: UidPosition
    received: datetime  # INTERNALDATE, aware
    size: int  # RFC822.SIZE, octets
    raw: bytes | None  # None: larger than the limit, its body was not fetched
    anew: bool = False  # the folder's numbers name other mails than they did: it is read from its beginning


@dataclass(frozen=True, slots=True)
class Mark:
    """What the server said of one message that was read: by it a folder is known again."""

    uid: int
    size: int
    received: datetime


@dataclass(frozen=True, slots=True)
class ReadUpTo(UidPosition):
    """How far a folder was read, and by which of its newest mails it is known again."""

    marks: tuple[Mark, ...] = ()


class MailSource(Protocol):
    """A mailbox. Every method may raise `FetchError`; after one, the next call connects anew."""

    name: str
    lag: dict[str, int]  # by folder, as it was looked at last: mails that lie there and are not fetched yet

    def fetch_new(self, after: Mapping[str, UidPosition]) -> Iterator[Sequence[Fetched]]:
        """Batches of messages past the given position of each folder, oldest first; never sets \\Seen.

        A changed UIDVALIDITY restarts that folder from its beginning; the store knows the bytes again by sha-256. So does a
        folder that was made anew under the UIDVALIDITY it had, as some servers do: known by the `marks` of a `ReadUpTo`.
        """
        ...

    def mark_done(self, folder: str, positions: Sequence[UidPosition]) -> None:
        """Tell the mailbox that these are stored: `\\Seen`, or a move, as configured."""
        ...

    def wait(self, seconds: float) -> bool:
        """Block until new mail may be there (IDLE) or the time is up; True when the server spoke."""
        ...

    def interrupt(self) -> None:
        """Make a `wait` in another thread return soon."""
        ...

    def close(self) -> None:
        """Log out; never raises."""
        ...


@runtime_checkable
class SentFolder(Protocol):
    """A mailbox that keeps copies of the mail that was sent from it."""

    def sent_message_ids(self) -> frozenset[str] | None:
        """Message-IDs of the newest mails in its Sent folder; None where it has no such folder. May raise `FetchError`."""
        ...

    def file_sent(self, raws: Sequence[bytes]) -> None:
        """Put copies of our own mails into the Sent folder, where there is one, as read. May raise `FetchError`."""
        ...


class MailSink(Protocol):
    """Outgoing mail."""

    def send(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> str:
        """Hand over one mail and return the server's words.

        Raises `DeliveryError` when it was certainly not accepted (for any recipient), `UncertainDelivery` when the reply
        after the final dot was lost.
        """
        ...

    def close(self) -> None:
        """Quit; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class TicketRef:
    """A ticket as its desk knows it."""

    desk: str
    reference: str


class TicketDesk(Protocol):
    """Where tickets are worked: the built-in list, or another system."""

    name: str

    def push(self, ticket_id: str, kind: str, title: str, fields: Mapping[str, str]) -> TicketRef:
        """File a ticket; the same `ticket_id` twice gives the same reference. Raises `TicketError`."""
        ...


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """A sign-in that went to the identity provider: what its answer must fit."""

    address: str  # where the browser is sent
    state: str
    nonce: str
    verifier: str  # of PKCE (RFC 7636); it never leaves this machine before the answer is there


class IdentityProvider(Protocol):
    """Who says who people are, beside our own accounts: OpenID Connect."""

    issuer: str

    def begin(self, return_to: str) -> SignInAttempt:
        """Where to send the browser; it comes back to `return_to`. Raises `SignInError`."""
        ...

    def finish(self, attempt: SignInAttempt, return_to: str, answer: Mapping[str, str]) -> Mapping[str, Any]:
        """The verified claims of the person, from the query that the browser came back with. Raises `SignInError`."""
        ...


class Alarm(Protocol):
    """A channel by which people are told of trouble. Raises `AlarmFailed` where it certainly told nobody."""

    name: str

    def ring(self, troubles: Sequence[tuple[str, str, str, datetime]]) -> None:
        """Tell of troubles in one message: of each its cause, what it is, what to do, and since when."""
        ...

    def probe(self) -> None:
        """See that the channel is there; nobody is told anything."""
        ...

    def close(self) -> None:
        """Let the connection go."""
        ...
