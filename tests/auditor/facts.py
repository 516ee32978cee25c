"""What the auditor looks at: the tables as they are stored, the mailbox as a client sees it, what a mail server took over."""

import base64
import hashlib
import imaplib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that should not be."""

    invariant: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class InMailbox:
    """One mail of a folder as it lies on the server."""

    folder: str
    uidvalidity: int
    uid: int
    raw: bytes
    flags: frozenset[str]
    received: datetime
    mailbox: str = "support"  # as the configuration names it

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail that a mail server took over."""

    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """A page that the console gave to somebody of a seller."""

    seller: str
    path: str
    body: str


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside the database that an audit may know. What is None or empty is not judged."""

    address: str = "support@example.test"
    taken: tuple[Taken, ...] | None = None
    mailbox: tuple[InMailbox, ...] | None = None
    delivered: tuple[bytes, ...] = ()  # every mail that ever reached the mailbox
    correspondents: frozenset[str] = frozenset()  # who may be written to beside the parties of an order
    automatic: frozenset[str] = frozenset()  # `template/rule` that may go out without a person
    provider: str = ""  # the authserv-id whose topmost Authentication-Results the mailbox adds
    shown: tuple[Shown, ...] = ()  # what sellers' people got to see
    decided_anew: tuple[Mapping[str, Mapping[str, Any]], ...] = ()  # by sha-256, once for each process that decided all mail
    mail_key: bytes = b""  # what raw mail is sealed with
    at_rest: bool = True  # nobody works any more: nothing may be half done


class Database:
    """Rows of SQLite or PostgreSQL as plain values: times aware, JSON read, amounts exact."""

    def __init__(self, url: str) -> None:
        self.sqlite = url.startswith("sqlite:")
        self._url = url

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a SELECT, by column name."""
        return list(self._rows(query))

    def _rows(self, query: str) -> Iterator[dict[str, Any]]:
        if self.sqlite:
            path = self._url.removeprefix("sqlite:///")
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
                connection.row_factory = sqlite3.Row
                yield from (dict(row) for row in connection.execute(query).fetchall())
            return
        import psycopg
        from psycopg.rows import dict_row

        with psycopg.connect(self._url, row_factory=dict_row) as connection:
            yield from connection.execute(query.encode()).fetchall()

    def integrity(self) -> list[str]:
        """What the database itself finds wrong with its file; PostgreSQL is not asked."""
        if not self.sqlite:
            return []
        whole = [row["integrity_check"] for row in self.rows("pragma integrity_check")]
        foreign = [f"foreign key of {row['table']} row {row['rowid']}" for row in self.rows("pragma foreign_key_check")]
        return [*(line for line in whole if line != "ok"), *foreign]


def as_json(value: Any) -> Any:
    """A JSON column."""
    return json.loads(value) if isinstance(value, str | bytes) else value


def as_time(value: Any) -> datetime:
    """A time column, aware."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    assert isinstance(moment, datetime)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def as_money(value: Any) -> Decimal:
    """An amount."""
    return Decimal(str(value))


def canonical(value: Any) -> str:
    """JSON in the one spelling that hashes are made over."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def message_id_of(raw: bytes) -> str:
    """The Message-ID field of a mail, as it stands there."""
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    found = re.search(rb"^message-id:[ \t]*(\S+)", head, re.IGNORECASE | re.MULTILINE)
    return found[1].decode("ascii", "replace") if found else ""


def as_it_came(world: World, sha256: str, kept: Any) -> bytes:
    """Stored octets as they came: opened where they are sealed (AES-256-GCM: key id 8, nonce 12, text; bound to the hash)."""
    octets = bytes(kept)
    if not world.mail_key or not octets or hashlib.sha256(octets).hexdigest() == sha256:
        return octets
    try:
        return AESGCM(world.mail_key).decrypt(octets[8:20], octets[20:], sha256.encode())
    except InvalidTag:
        return octets


def header(raw: bytes, name: str) -> list[str]:
    """The values of a header field, unfolded; the reading is the auditor's own."""
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0].decode("latin-1")
    lines = re.sub(r"\r?\n[ \t]+", " ", head).splitlines()
    return [line.split(":", 1)[1].strip() for line in lines if line.lower().startswith(f"{name.lower()}:")]


def read_mailbox(
    host: str, port: int, user: str, password: str, folders: Sequence[str] = ("INBOX",), *, name: str = "support"
) -> tuple[InMailbox, ...]:
    """Every mail in the folders, with flags and INTERNALDATE; nothing is changed. `name`: as the configuration says."""
    found: list[InMailbox] = []
    client = imaplib.IMAP4(host, port, timeout=30)
    try:
        client.login(user, password)
        for folder in folders:
            if client.select(folder, readonly=True)[0] != "OK":
                continue
            said = client.response("UIDVALIDITY")[1]
            validity = int(said[0] or b"0") if said else 0
            rows = client.uid("FETCH", "1:*", "(UID FLAGS INTERNALDATE BODY.PEEK[])")[1]
            found += [_mail(name, folder, validity, row[0], row[1]) for row in rows if isinstance(row, tuple)]
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            client.logout()
    return tuple(found)


def _mail(name: str, folder: str, validity: int, head: bytes, raw: bytes) -> InMailbox:
    uid, flags, date = (
        re.search(rb"UID (\d+)", head),
        re.search(rb"FLAGS \((.*?)\)", head),
        re.search(rb'INTERNALDATE "(.*?)"', head),
    )
    if not (uid and flags and date):
        raise ValueError(f"not a FETCH answer: {head!r}")
    received = datetime.strptime(date[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    return InMailbox(folder, validity, int(uid[1]), raw, frozenset(flags[1].decode().split()), received, name)


def read_sink(file: Path) -> tuple[Taken, ...]:
    """What a mail server wrote down: a JSON object a line, `{"from", "to": [...], "raw": base64}`."""
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return tuple(Taken(line["from"], tuple(line["to"]), base64.b64decode(line["raw"])) for line in lines)


def write_sink(file: Path, taken: Sequence[Taken]) -> None:
    """The same, written."""
    rows: list[Mapping[str, Any]] = [
        {"from": one.envelope_from, "to": list(one.recipients), "raw": base64.b64encode(one.raw).decode()} for one in taken
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def host_and_port(text: str) -> tuple[str, int]:
    """`HOST:PORT`."""
    parts = urlsplit(f"//{text}")
    if not (parts.hostname and parts.port):
        raise ValueError(f"{text} is not HOST:PORT")
    return parts.hostname, parts.port


@dataclass(slots=True)
class Findings:
    """Violations as they are collected."""

    found: list[Violation] = field(default_factory=list)

    def add(self, invariant: str, sentence: str) -> None:
        self.found.append(Violation(invariant, sentence))

    def check(self, holds: object, invariant: str, sentence: str) -> None:
        """Note the sentence unless it holds."""
        if not holds:
            self.add(invariant, sentence)
