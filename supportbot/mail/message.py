"""The nouns of Internet mail. Names are those of RFC 5322, 3834, 3464, 8601 and 9051.

raw bytes --read_message--> InboundMessage --screen--> Screening
                                 └ segments: every character of `body` carries exactly one Label
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, slots=True)
class Mailbox:
    """RFC 5322 section 3.4: a display name and an addr-spec. An IMAP folder is a folder, never a mailbox."""

    name: str
    address: str  # lower-cased domain, local part as written; compare with `same_address`

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


def same_address(one: str, other: str) -> bool:
    """Whether two addr-specs are the same mailbox: compared without case of ASCII letters, exactly otherwise."""
    one, other = one.strip(), other.strip()
    if not (one.isascii() and other.isascii()):
        return bool(one) and one == other  # case folding turns ß into ss and the Kelvin sign into k: other mailboxes
    return bool(one) and one.lower() == other.lower()


@dataclass(frozen=True, slots=True, order=True)
class UidPosition:
    """RFC 9051 section 2.3.1.1: a message in a folder is named for good by UIDVALIDITY and UID."""

    uidvalidity: int
    uid: int


class Label(StrEnum):
    """What a stretch of a message's text is. Labels tile the text: every character has exactly one."""

    NEW = "new"  # written now, by the sender
    QUOTED = "quoted"  # somebody's earlier words
    OURS = "ours"  # words of a mail that we sent
    SIGNATURE = "signature"
    FOOTER = "footer"  # mobile footers, disclaimers, relay footers
    FORWARDED = "forwarded"  # the text of a message passed on


@dataclass(frozen=True, slots=True)
class Segment:
    """Characters `start` to `end` of `InboundMessage.body`, their label and the splitter rule that set it."""

    start: int
    end: int
    label: Label
    rule: str


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A message found inside another one. `depth` 1 is the outermost."""

    depth: int
    how: Literal["attached", "inline"]
    sender: Mailbox | None
    date: datetime | None
    date_raw: str
    to: tuple[str, ...]
    subject: str
    body: str  # what its author wrote in it, without what that author quoted
    message_id: str | None = None
    raw: bytes | None = None  # the exact byte slice, for DKIM; attached messages only


@dataclass(frozen=True, slots=True)
class Answer:
    """Words of the sender between quoted lines, and the quoted paragraph above them that they answer."""

    question: str  # without its `>` marks
    answer: str
    start: int  # of the answer, in characters of `InboundMessage.body`
    end: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part offered for saving; never opened."""

    name: str
    type: str  # media type, lower case
    size: int  # octets, decoded


@dataclass(frozen=True, slots=True)
class Bounce:
    """RFC 3464: what became of a mail of ours."""

    recipient: str | None
    status: str | None  # RFC 3463 code, e.g. "5.1.1"
    permanent: bool
    original_message_id: str | None
    reply_token: str | None = None  # of the returned mail's reply address, where its header came back
    case_id: str | None = None  # of its X-Supportbot-Case field


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """What a received mail says. Made by `parse.read_message`, which never raises; faults are named in `defects`."""

    sender: Mailbox | None  # From; None where no single mailbox can be read
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    reply_to: Mailbox | None
    subject: str
    date: datetime | None  # the Date header, aware; decides nothing (docs/spec/safety.md I16)
    message_id: str | None  # with angle brackets
    in_reply_to: str | None
    references: tuple[str, ...]  # oldest first, with angle brackets
    body: str  # the whole readable text, decoded, new lines as \n
    segments: tuple[Segment, ...]  # tile `body`
    boundary_certain: bool  # False: new and quoted text could not be told apart for sure; no machine consent
    answers: tuple[Answer, ...] = ()  # where they stand between the lines of a quote
    forwarded: tuple[Forwarded, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    bounce: Bounce | None = None
    automated_reason: str | None = None  # e.g. "auto-submitted", "precedence", "list", "null-return-path"; None: a person
    headers: tuple[tuple[str, str], ...] = ()  # raw header fields in order, decoded as latin-1, unfolded
    defects: tuple[str, ...] = ()
    size: int = 0  # octets of the raw message

    def text(self, *labels: Label) -> str:
        """The body's stretches that carry one of `labels`, joined in order and stripped."""
        return "".join(self.body[s.start : s.end] for s in self.segments if s.label in labels).strip()

    @property
    def new_text(self) -> str:
        """What the sender wrote now; "" where there is nothing. Evidence spans count characters of this text."""
        return self.text(Label.NEW)

    @property
    def quoted_text(self) -> str:
        """Earlier words: quoted, ours and forwarded."""
        return self.text(Label.QUOTED, Label.OURS, Label.FORWARDED)

    @property
    def signature(self) -> str:
        """Signature and client footers."""
        return self.text(Label.SIGNATURE, Label.FOOTER)

    def header(self, name: str) -> tuple[str, ...]:
        """All raw values of a header field, topmost first; field names compare without case."""
        return tuple(value for field_name, value in self.headers if field_name.casefold() == name.casefold())


class Verdict(StrEnum):
    """What to do with a message before anything reads its meaning."""

    PROCESS = "process"
    IGNORE = "ignore"  # machine mail: attach to its case, never answer
    HOLD = "hold"  # a person looks first


@dataclass(frozen=True, slots=True)
class Screening:
    """The verdict and its reason, shown to people and logged."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Authentication:
    """Whether a message is proved to come from an address (docs/spec/safety.md 2.1); every failed check is a reason."""

    address: str
    passed: bool
    method: str  # "dmarc" (trusted Authentication-Results), "dkim" (our own check), "none"
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DkimVerdict:
    """Our own check of a message's DKIM signatures (RFC 6376) under the rules of docs/spec/safety.md 2.2."""

    result: Literal["pass", "fail", "key_unavailable", "none"]
    domain: str | None  # d= of the signature that decided
    aligned: bool  # d= and the From domain share their organisational domain
    reasons: tuple[str, ...] = ()  # why it does not count, e.g. "body-length-limit", "duplicate-subject"
    signature_sha256: str | None = None  # of b=, for replay detection
    signed: frozenset[str] = frozenset()  # header fields that h= names, in small letters
    key_name: str | None = None  # "selector._domainkey.domain" of the key that was asked for
    key_source: Literal["dns", "archive"] | None = None  # archive: DNS has it no more, it was seen with an earlier mail


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A mail we mean to send; `compose.compose` turns it into bytes that say exactly this."""

    message_id: str  # fixed before anything is sent
    sender: Mailbox
    to: tuple[str, ...]  # addr-specs, from order records only
    subject: str
    body: str  # text/plain
    date: datetime
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    reply_to: str | None = None  # plus-address with our token
    auto_submitted: Literal["auto-replied", "auto-generated"] = "auto-replied"
    extra: tuple[tuple[str, str], ...] = field(default=())  # our own fields only, e.g. ("X-Supportbot-Case", "…")
