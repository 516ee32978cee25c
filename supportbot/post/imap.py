"""Mail in over IMAP (RFC 9051, IDLE RFC 2177, MOVE RFC 6851, UIDPLUS RFC 4315). The only module that speaks to imapclient.

    ImapSource     the port: folders, positions, batches, waiting, backing off
     └ _Wire       one connection; only integers, constants and configured names pass through it
        └ _Client  imapclient, with a bound on what a server may send

imapclient puts CR and LF of an argument on the wire as they are, so a value from a mail that reached it could become a command
of its own. None does: `_Wire` takes UIDs and configured names, and refuses control bytes even in those.
"""

import imaplib
import logging
import re
import secrets
import selectors
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]
from imapclient.exceptions import IMAPClientError, LoginError  # type: ignore[import-untyped]
from imapclient.imap4 import IMAP4WithTimeout  # type: ignore[import-untyped]
from imapclient.tls import IMAP4_TLS  # type: ignore[import-untyped]

from supportbot import fault
from supportbot.clock import monotonic
from supportbot.errors import FetchError, UsageError
from supportbot.mail.message import UidPosition
from supportbot.ports import Fetched, Mark, ReadUpTo
from supportbot.post.tokens import TokenFault, Tokens, sasl
from supportbot.settings import LimitSettings, MailboxSettings

_SEEN = b"\\Seen"
_DELETED = b"\\Deleted"
_HIGHEST_UID = 2**32 - 1
_IDLE_FIRST_SECONDS = 1.0
_IDLE_RENEW_SECONDS = 8 * 60  # middleboxes forget a silent connection after ten minutes or less
_SPURIOUS_WAKE_SECONDS = 1.0
_BACKOFF_FIRST, _BACKOFF_LONGEST = 0.25, 60.0
_HOLD_SECONDS = 1.0  # a caller that loops on FetchError without waiting is slowed to this pace
_SENT_LOOKED_AT = 2000  # mails of the Sent folder, the newest
_MESSAGE_ID = re.compile(rb"<[^<>\s]{1,900}>")
_UIDS_PER_COMMAND = 500  # keeps a command line under the 8192 octets every server accepts
_GROUP_OCTETS = 32_000_000  # bodies fetched by one command: what a batch may hold in memory
_ANSWER_OCTETS = 16_000_000  # everything a server may say to one command, beside bodies
_SLOWEST_OCTETS_PER_SECOND = 20_000
_UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # earlier than every notice, so it never proves that an answer came after one

# The answer to one SEARCH is one line: at the standard library's limit of 1 MB a backlog of 150 000 mails could not be listed.
imaplib._MAXLINE = _ANSWER_OCTETS  # type: ignore[attr-defined]
# imapclient would log what mails say at the debug level.
logging.getLogger("imapclient").setLevel(logging.WARNING)

# What a broken connection or a confused server makes imapclient raise; a hostile answer can fail in any step of parsing it.
_FAULTS = (imaplib.IMAP4.error, OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


class _NoStartTls(imaplib.IMAP4.error):
    """The server does not offer STARTTLS."""


class _NoTokens(imaplib.IMAP4.error):
    """The server takes no tokens of the configured kind."""


class _FolderError(FetchError):
    """A folder cannot be opened; the other folders may be fine."""


class _Bounded:
    """Mixin for imaplib's connections: a server that says more than it was asked for is cut off."""

    allowance = _ANSWER_OCTETS

    def read(self, size: int) -> bytes:
        self._spend(size)
        return super().read(size)  # type: ignore[misc, no-any-return]

    def readline(self) -> bytes:
        line: bytes = super().readline()  # type: ignore[misc]
        self._spend(len(line))
        return line

    def _spend(self, octets: int) -> None:
        self.allowance -= octets
        if self.allowance < 0:
            raise imaplib.IMAP4.abort("the server sent far more than it was asked for")


class _Tls(_Bounded, IMAP4_TLS):  # type: ignore[misc]
    """Implicit TLS."""


class _Plain(_Bounded, IMAP4WithTimeout):  # type: ignore[misc]
    """Plain, or to be upgraded by STARTTLS."""


class _Client(IMAPClient):  # type: ignore[misc]
    """imapclient over bounded connections."""

    def _create_IMAP4(self) -> _Tls | _Plain:  # noqa: N802 - imapclient's name
        if self.ssl:
            return _Tls(self.host, self.port, self.ssl_context, self._timeout.connect)
        return _Plain(self.host, self.port, self._timeout.connect)

    def allow(self, octets: int) -> None:
        """Set what the server may send from now on."""
        self._imap.debug = 0  # imapclient raises it, at the price of a repr of every line
        self._imap.allowance = octets


@dataclass(frozen=True, slots=True)
class _Opened:
    """A folder as SELECT or EXAMINE answered."""

    folder: str
    writable: bool
    uidvalidity: int
    uidnext: int | None


class _Wire:
    """One connection to a mailbox, logged in. Every method may raise one of `_FAULTS`; the connection is then useless."""

    def __init__(self, settings: MailboxSettings, tokens: Tokens, connect_seconds: float, read_seconds: float) -> None:
        token = tokens.token() if settings.auth != "password" else ""  # before the server waits for us
        self._seconds = read_seconds
        self.opened: _Opened | None = None
        context = None if settings.security == "none" else ssl.create_default_context(cafile=settings.ca_file)
        self._client: Any = None
        client = _Client(
            _name(settings.host),
            port=settings.port,
            ssl=settings.security == "tls",
            ssl_context=context,
            timeout=SocketTimeout(connect=connect_seconds, read=read_seconds),
        )
        self._client = client
        client.normalise_times = False
        # imapclient sends the end of a SEARCH line by itself, which would wait for the acknowledgement of its beginning.
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with self._limits():
                if settings.security == "starttls":
                    self._start_tls(context)
                if settings.auth == "password":
                    self._login(_name(settings.user), _name(settings.password.get_secret_value()))
                else:
                    self._present(settings.auth, _name(settings.user), _name(token))
                self.can_idle = bool(client.has_capability("IDLE"))
        except BaseException:
            self.cut()
            raise

    def _start_tls(self, context: ssl.SSLContext | None) -> None:
        if not self._client.has_capability("STARTTLS"):
            raise _NoStartTls
        self._client.starttls(ssl_context=context)

    def _present(self, kind: str, user: str, token: str) -> None:
        if not self._client.has_capability(f"AUTH={kind.upper()}"):
            raise _NoTokens
        # After a refusal the server says why in a challenge, which an empty answer ends (RFC 7628 section 3.2.3).
        answers = iter((sasl(kind, user, token).encode(),))
        self._client.sasl_login(kind.upper(), lambda _: next(answers, b""))

    def _login(self, user: str, password: str) -> None:
        # AUTHENTICATE carries any character; LOGIN, unquoted and ASCII as imaplib sends it, is for servers without it.
        if self._client.has_capability("AUTH=PLAIN"):
            self._client.plain_login(user, password)
        else:
            self._client.login(user, password)

    @contextmanager
    def _limits(self, octets: int = 0) -> Iterator[Any]:
        """Bound what the server may answer, `octets` of bodies included, and how long it may take in all."""
        self._client.allow(_ANSWER_OCTETS + 2 * octets)
        # The socket's timeout bounds each silence only; a server that drips octets is ended by the timer.
        timer = threading.Timer(self._seconds + octets / _SLOWEST_OCTETS_PER_SECOND, self._hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield self._client
        finally:
            timer.cancel()

    def _hang_up(self) -> None:
        # Not SSLSocket.shutdown, which would pull the TLS state from under the thread that reads.
        with suppress(OSError):
            socket.socket.shutdown(self._client.socket(), socket.SHUT_RDWR)

    def certificate_ends(self) -> datetime | None:
        """When the server's certificate expires; None without TLS."""
        held = self._client.socket()
        return _until(held.getpeercert()) if isinstance(held, ssl.SSLSocket) else None

    def open(self, folder: str, *, writable: bool, anew: bool) -> _Opened:
        """Make `folder` the one that commands mean; read-only unless `writable`. Raises `_FolderError`."""
        now = self.opened
        if now and now.folder == folder and (now.writable or not writable) and not anew:
            return now
        self.opened = None
        name = _name(folder)
        try:
            with self._limits() as client:
                answer = client.select_folder(name, readonly=not writable)
        except imaplib.IMAP4.readonly as error:
            advice = "give the user the right to change flags there, or set `done: leave`"
            raise _FolderError(f"folder {folder!r} is read-only: {advice}") from error
        except imaplib.IMAP4.abort:
            raise
        except IMAPClientError as error:
            advice = "check `folders`, or create it on the server"
            raise _FolderError(f"folder {folder!r} cannot be opened ({_words(error)}): {advice}") from error
        if b"UIDVALIDITY" not in answer:
            raise _FolderError(f"folder {folder!r} has no lasting message numbers (UIDVALIDITY), so it cannot be polled safely")
        self.opened = _Opened(folder, writable, int(answer[b"UIDVALIDITY"]), answer.get(b"UIDNEXT"))
        return self.opened

    def search_after(self, uid: int) -> list[int]:
        """UIDs above `uid`, ascending."""
        with self._limits() as client:
            # `n:*` names the last message even where its UID is below n.
            found = client.search([b"UID", b"%d:*" % _uid(min(uid + 1, _HIGHEST_UID))])
        return sorted({number for number in found if uid < number <= _HIGHEST_UID})

    def still_there(self, uids: Sequence[int]) -> set[int]:
        """Those of `uids` that have not been removed meanwhile."""
        with self._limits() as client:
            return set(client.search([b"UID", b",".join(b"%d" % uid for uid in _uids(uids))])) & set(uids)

    def sizes(self, uids: Sequence[int]) -> dict[int, tuple[int, datetime]]:
        """RFC822.SIZE and INTERNALDATE by UID; removed messages are absent."""
        with self._limits() as client:
            answer = client.fetch(_uids(uids), [b"RFC822.SIZE", b"INTERNALDATE"])
        return {
            uid: (int(row[b"RFC822.SIZE"]), _utc(row.get(b"INTERNALDATE")))
            for uid, row in answer.items()
            if b"RFC822.SIZE" in row
        }

    def bodies(self, uids: Sequence[int], octets: int) -> dict[int, bytes]:
        """The bytes by UID, of at most about `octets` together; removed messages are absent. Sets no flag."""
        with self._limits(octets) as client:
            answer = client.fetch(_uids(uids), [b"BODY.PEEK[]"])
        return {uid: row[b"BODY[]"] for uid, row in answer.items() if isinstance(row.get(b"BODY[]"), bytes)}

    def sent_folder(self) -> str | None:
        """The folder that the server marks as the one for sent mail (RFC 6154); None where it marks none."""
        with self._limits() as client:
            return str(found) if (found := client.find_special_folder(b"\\Sent")) else None

    def append(self, folder: str, raw: bytes) -> None:
        """Put a mail into a folder, as read; its octets travel as a literal."""
        with self._limits(len(raw)) as client:
            client.append(_name(folder), raw, [_SEEN])

    def message_ids(self, uids: Sequence[int]) -> list[str]:
        """The Message-ID fields of some mails, as they stand there."""
        field = b"BODY[HEADER.FIELDS (MESSAGE-ID)]"
        with self._limits() as client:
            answer = client.fetch(_uids(uids), [b"BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"])
        values = [row[field] for row in answer.values() if isinstance(row.get(field), bytes)]
        return [found[0].decode("ascii", "replace") for value in values if (found := _MESSAGE_ID.search(value))]

    def flag_seen(self, uids: Sequence[int]) -> None:
        """Add \\Seen, in one command."""
        with self._limits() as client:
            client.add_flags(_uids(uids), [_SEEN], silent=True)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move to `folder`, which is created where it is missing. Never removes a message it did not copy."""
        name = _name(folder)
        with self._limits() as client:
            if not (client.has_capability("MOVE") or client.has_capability("UIDPLUS")):
                raise FetchError("the server can remove single mails neither by MOVE nor by UIDPLUS: set `done: flag`")
            moves = client.has_capability("MOVE")
            put = client.move if moves else client.copy
            try:
                put(_uids(uids), name)
            except imaplib.IMAP4.abort:
                raise
            except IMAPClientError as error:
                if "[TRYCREATE]" not in str(error).upper():
                    raise
                client.create_folder(name)
                put(_uids(uids), name)
            if not moves:
                client.add_flags(_uids(uids), [_DELETED], silent=True)
                client.uid_expunge(_uids(uids))

    def idle(self, until: float, bell: socket.socket) -> bool:
        """Wait for news of the open folder until `monotonic()` reaches `until` or `bell` becomes readable; True for news.

        Not by idle_check: it takes a dead connection for a quiet one, and breaks on a line that comes in two packets. Whatever
        wakes the socket, DONE and NOOP read it to its end, and fail on a dead connection.
        """
        # News that came in one packet with the answer to IDLE lies in the read buffer, where it wakes nobody: look soon, once.
        longest = _IDLE_FIRST_SECONDS
        while (left := until - monotonic()) > 0:
            with self._limits() as client:
                client.idle()
            woken = _readable([client.socket(), bell], min(left, longest))
            with self._limits() as client:
                _, said = client.idle_done()
                _, added = client.noop()
            if _announces([*said, *added]):
                return True
            if bell in woken:
                return False
            if woken and not said:  # a packet below IMAP, of TLS for instance; were it a habit, this loop must not run hot
                _readable([bell], min(left, _SPURIOUS_WAKE_SECONDS))
            longest = _IDLE_RENEW_SECONDS
        return False

    def log_out(self) -> None:
        """Say LOGOUT."""
        with self._limits() as client:
            client.logout()

    def cut(self) -> None:
        """Close the connection without a word; never raises."""
        with suppress(OSError):
            self._client.shutdown()


class ImapSource:
    """A mailbox on an IMAP server, as `ports.MailSource`.

    One thread at a time may use it; only `interrupt` may be called from another. IDLE watches the first folder, the others are
    seen when `fetch_new` is called next.
    """

    def __init__(
        self, settings: MailboxSettings, limits: LimitSettings, *, connect_seconds: float = 10.0, read_seconds: float = 60.0
    ) -> None:
        self.name = settings.name
        self._settings = settings
        self._message_bytes = limits.message_bytes
        self._tokens = Tokens(settings.oauth)
        self._timeouts = (connect_seconds, read_seconds)
        given = (
            settings.host,
            settings.user,
            settings.password.get_secret_value(),
            settings.done_folder,
            settings.sent_folder,
            *settings.folders,
        )
        if any(map(_has_control, given)):
            raise UsageError(f"mailbox {self.name!r}: host, user, password and folders may hold no control characters")
        self._wire: _Wire | None = None
        self._failures = 0
        self._not_before = 0.0
        self._complaint = ""
        self.lag: dict[str, int] = {}
        """Mails that lie in each folder and are not fetched yet, when it was looked at last."""
        self._expected_next: int | None = None  # UIDNEXT of the first folder when it was read last
        self._bell, self._bell_rope = socket.socketpair()
        self._bell_rope.setblocking(False)

    def fetch_new(self, after: Mapping[str, UidPosition]) -> Iterator[Sequence[Fetched]]:
        """See `ports.MailSource.fetch_new`. A folder that cannot be opened is reported after the others have been read."""
        refused: list[_FolderError] = []
        for folder in self._settings.folders:
            try:
                yield from self._fetch_folder(folder, after.get(folder))
            except _FolderError as error:
                refused.append(error)
        self._succeeded()
        if refused:
            raise refused[0]

    def _fetch_folder(self, folder: str, position: UidPosition | None) -> Iterator[Sequence[Fetched]]:
        with self._talk(folder, anew=True) as (wire, opened):
            fault.point("imap.list")
            known = position.uid if position and position.uidvalidity == opened.uidvalidity else 0
            anew = bool(known) and self._numbered_anew(wire, opened, position)
            uids = wire.search_after(0 if anew else known)
            self.lag[folder] = len(uids)
        if folder == self._settings.folders[0]:
            self._expected_next = max(opened.uidnext or 0, max(uids, default=0) + 1)
        step = min(self._settings.batch, _UIDS_PER_COMMAND)
        for start in range(0, len(uids), step):
            chunk = uids[start : start + step]
            with self._talk(folder) as (wire, now):
                # The folder may have been replaced while the caller held the last batch: its UIDs name other messages now.
                if now.uidvalidity != opened.uidvalidity:
                    return
                sizes = wire.sizes(chunk)
            for group in self._groups(sizes):
                with self._talk(folder) as (wire, now):
                    if now.uidvalidity != opened.uidvalidity:
                        return
                    batch = self._fetch_group(wire, now, {uid: sizes[uid] for uid in group})
                if batch:
                    yield [replace(mail, anew=True) for mail in batch] if anew else batch
                self.lag[folder] = sum(uid > group[-1] for uid in uids)
            if not sizes:
                self.lag[folder] = len(uids) - start - len(chunk)

    def _numbered_anew(self, wire: _Wire, opened: _Opened, position: UidPosition | None) -> bool:
        """Whether a folder was made anew under the UIDVALIDITY it had, which RFC 9051 section 2.3.1.1 forbids and servers do.

        Then the next UID is no higher than one that was read, or a UID that was read names a mail of another size or time.
        """
        if position is None:
            return False
        if opened.uidnext is not None and opened.uidnext <= position.uid:
            return not wire.search_after(
                opened.uidnext - 1
            )  # else the server does not know its own numbers: those stay as they are
        marks: Sequence[Mark] = position.marks if isinstance(position, ReadUpTo) else ()
        now = wire.sizes([mark.uid for mark in marks]) if marks else {}
        return any(mark.uid in now and now[mark.uid] != (mark.size, mark.received) for mark in marks)

    def _groups(self, sizes: Mapping[int, tuple[int, datetime]]) -> Iterator[list[int]]:
        """UIDs, ascending, in groups whose bodies fit in memory together."""
        group: list[int] = []
        octets = 0
        for uid in sorted(sizes):
            size = sizes[uid][0] if sizes[uid][0] <= self._message_bytes else 0
            if group and octets + size > _GROUP_OCTETS:
                yield group
                group, octets = [], 0
            group.append(uid)
            octets += size
        if group:
            yield group

    def _fetch_group(self, wire: _Wire, opened: _Opened, sizes: Mapping[int, tuple[int, datetime]]) -> list[Fetched]:
        wanted = [uid for uid, (size, _) in sizes.items() if size <= self._message_bytes]
        bodies = wire.bodies(wanted, sum(sizes[uid][0] for uid in wanted)) if wanted else {}
        fault.point("imap.fetched")
        unanswered = [uid for uid in wanted if not bodies.get(uid)]
        # Removed meanwhile, or withheld by the server. Only the removed may be passed over: the rest must leave a trace.
        gone = set(unanswered) - wire.still_there(unanswered) if unanswered else set()
        batch = []
        for uid, (size, received) in sizes.items():
            if uid in gone:
                continue
            raw = bodies.get(uid) or None
            if raw and len(raw) > self._message_bytes:  # some servers only estimate RFC822.SIZE
                size, raw = len(raw), None
            batch.append(Fetched(opened.folder, UidPosition(opened.uidvalidity, uid), received, size, raw))
        return batch

    def sent_message_ids(self) -> frozenset[str] | None:
        """See `ports.SentFolder.sent_message_ids`. No SEARCH: the ids are fetched by UID and compared here (safety, I5)."""
        folder = self._sent_folder()
        if folder is None:
            return None
        found: set[str] = set()
        with self._talk(folder, anew=True) as (wire, opened):
            first = max(0, (opened.uidnext or 1) - 1 - _SENT_LOOKED_AT)
            uids = wire.search_after(first)[-_SENT_LOOKED_AT:]
            for start in range(0, len(uids), _UIDS_PER_COMMAND):
                found.update(wire.message_ids(uids[start : start + _UIDS_PER_COMMAND]))
        return frozenset(found)

    def file_sent(self, raws: Sequence[bytes]) -> None:
        """See `ports.SentFolder.file_sent`."""
        folder = self._sent_folder()
        if folder is None:
            return
        for raw in raws:
            with self._talk(self._settings.folders[0]) as (wire, _):
                wire.append(folder, raw)

    def _sent_folder(self) -> str | None:
        with self._talk(self._settings.folders[0], anew=True) as (wire, _):
            return self._settings.sent_folder or wire.sent_folder()

    def mark_done(self, folder: str, positions: Sequence[UidPosition]) -> None:
        """See `ports.MailSource.mark_done`. Positions of an earlier UIDVALIDITY name nothing any more and are passed over."""
        if self._settings.done == "leave" or not positions:
            return
        if folder not in self._settings.folders:
            raise ValueError(f"{folder!r} is not a configured folder")
        with self._talk(folder, writable=True) as (wire, opened):
            fault.point("imap.mark")
            uids = sorted({position.uid for position in positions if position.uidvalidity == opened.uidvalidity})
            for start in range(0, len(uids), _UIDS_PER_COMMAND):
                chunk = uids[start : start + _UIDS_PER_COMMAND]
                if self._settings.done == "move":
                    wire.move(chunk, self._settings.done_folder)
                else:
                    wire.flag_seen(chunk)
            fault.point("imap.marked")
        self._succeeded()

    def wait(self, seconds: float) -> bool:
        """See `ports.MailSource.wait`.

        It just sleeps where IDLE is off or the server has none, and after a failure, then at most until the next try is due.
        """
        until = monotonic() + seconds
        pause = self._not_before - monotonic()
        try:
            if self._rung() or pause > 0 or not self._settings.idle:
                self._sleep(min(seconds, pause) if pause > 0 else seconds)
                return False
            with self._talk(self._settings.folders[0], anew=True) as (wire, opened):
                # Opening the folder takes the news of it that IDLE would have told.
                if self._expected_next is not None and (opened.uidnext or 0) > self._expected_next:
                    return True
                if wire.can_idle:
                    news = wire.idle(until, self._bell)
                    self._succeeded()
                    return news
            self._sleep(until - monotonic())
            return False
        finally:
            while self._rung():
                self._bell.recv(4096)

    def probe(self) -> None:
        """Connect, log in and open every folder, read-only. Raises `FetchError` with the first thing that fails."""
        for folder in self._settings.folders:
            with self._talk(folder, anew=True):
                pass
        self._succeeded()

    def measure(self, after: Mapping[str, UidPosition]) -> int:
        """How many mails lie past the given positions, in all folders. Raises `FetchError`."""
        for folder in self._settings.folders:
            with self._talk(folder, anew=True) as (wire, opened):
                at = after.get(folder)
                self.lag[folder] = len(wire.search_after(at.uid if at and at.uidvalidity == opened.uidvalidity else 0))
        return sum(self.lag.values())

    def certificate_ends(self) -> datetime | None:
        """When the server's certificate expires; None without TLS. Raises `FetchError`."""
        with self._talk(self._settings.folders[0]) as (wire, _):
            return wire.certificate_ends()

    def interrupt(self) -> None:
        """See `ports.MailSource.interrupt`. A `wait` that begins afterwards returns at once too."""
        with suppress(OSError):
            self._bell_rope.send(b"!")

    def close(self) -> None:
        """Log out, for good; never raises."""
        if self._wire:
            with suppress(*_FAULTS):
                self._wire.log_out()
        self._drop()
        self._bell.close()
        self._bell_rope.close()

    def _rung(self) -> bool:
        return bool(_readable([self._bell], 0))

    def _sleep(self, seconds: float) -> None:
        _readable([self._bell], seconds)

    @contextmanager
    def _talk(self, folder: str, *, writable: bool = False, anew: bool = False) -> Iterator[tuple[_Wire, _Opened]]:
        """A connection with `folder` open. What goes wrong becomes a `FetchError`, and the next call connects anew."""
        self._hold_back()
        try:
            if self._wire is None:
                fault.point("imap.connect")
                self._wire = _Wire(self._settings, self._tokens, *self._timeouts)
            yield self._wire, self._wire.open(folder, writable=writable, anew=anew)
        except _FolderError as error:
            self._drop()
            raise _FolderError(f"mailbox {self.name!r}: {error}") from error
        except FetchError:
            self._drop()
            raise
        except _FAULTS as error:
            self._drop()
            if isinstance(error, LoginError):
                self._tokens.forget()
            self._failed(f"mailbox {self.name!r}: {self._sentence(error)}")
            raise FetchError(self._complaint) from error
        except BaseException:
            self._drop()  # an answer may still be under way
            raise

    def _hold_back(self) -> None:
        """Wait a little for the next try after a failure; where that is not enough, fail without bothering the server."""
        if self._wire is None and self._not_before > monotonic():
            self._sleep(min(self._not_before - monotonic(), _HOLD_SECONDS))
            if (left := self._not_before - monotonic()) > 0:
                raise FetchError(f"{self._complaint}; the next try is in {left:.0f} s")

    def _failed(self, complaint: str) -> None:
        delay = min(_BACKOFF_LONGEST, _BACKOFF_FIRST * 2.0 ** min(self._failures, 16))
        self._failures += 1
        # Half of it is chance, so that several pollers do not come back together.
        self._not_before = monotonic() + delay * (0.5 + secrets.randbelow(1000) / 2000)
        self._complaint = complaint

    def _succeeded(self) -> None:
        self._failures = 0

    def _drop(self) -> None:
        if self._wire:
            self._wire.cut()
        self._wire = None

    def _sentence(self, error: Exception) -> str:
        """What went wrong, and what to do about it. Never holds the password."""
        mailbox = self._settings
        server = f"{mailbox.host}:{mailbox.port}"
        words = _words(error).replace(mailbox.password.get_secret_value() or "\0", "***")
        table: tuple[tuple[type[Exception], str, str], ...] = (
            (
                LoginError,
                f"{server} refused the login of {mailbox.user!r} ({words})",
                "check `user` and `password`" if mailbox.auth == "password" else "check `user`, `oauth.scope` and the consent",
            ),
            (
                TokenFault,
                f"no access token for {mailbox.user!r} ({words})",
                "check `oauth`, and that the consent has not ended",
            ),
            (_NoTokens, f"{server} takes no {mailbox.auth.upper()}", "set `auth` to what the provider offers"),
            (_NoStartTls, f"{server} offers no STARTTLS", "set `security: tls` and its port, usually 993"),
            (
                ssl.SSLCertVerificationError,
                f"the certificate of {server} is not trusted ({words})",
                "check `host`, or set `ca_file`",
            ),
            (ssl.SSLError, f"no TLS with {server} ({words})", "check that `port` and `security` belong together"),
            (socket.gaierror, f"there is no server named {mailbox.host!r} ({words})", "check `host` and the network"),
            (FileNotFoundError, f"`ca_file` {mailbox.ca_file} cannot be read", "check the path"),
            (ConnectionRefusedError, f"{server} refused the connection", "check `host` and `port`, and that the server runs"),
            (TimeoutError, f"{server} did not answer in time", "check `host`, `port` and `security`, and the network"),
            (imaplib.IMAP4.abort, f"{server} broke off ({words})", "it will be tried again"),
            (imaplib.IMAP4.error, f"{server} refused a command ({words})", "it will be tried again"),
            (OSError, f"the connection to {server} failed ({words})", "it will be tried again"),
            (Exception, f"{server} gave an answer that is not IMAP ({words})", "check `host` and `port`"),
        )
        return next(f"{what}: {advice}" for kind, what, advice in table if isinstance(error, kind))


def _has_control(text: str) -> bool:
    return any(ord(character) < 0x20 or ord(character) == 0x7F for character in text)


def _name(text: str) -> str:
    """The guard of the wire for configured names."""
    if _has_control(text):
        raise RuntimeError("a control character was about to reach the IMAP server")
    return text


def _uid(number: int) -> int:
    """The guard of the wire for numbers."""
    if type(number) is not int or not 0 < number <= _HIGHEST_UID:
        raise RuntimeError("something other than a UID was about to reach the IMAP server")
    return number


def _uids(numbers: Sequence[int]) -> list[int]:
    return [_uid(number) for number in numbers]


def _words(error: Exception) -> str:
    """The error's own words, printable and short."""
    text = " ".join(str(argument) for argument in error.args[-1:]) or type(error).__name__
    return "".join(character if character.isprintable() else " " for character in text)[:200].strip()


def _utc(moment: object) -> datetime:
    """INTERNALDATE in UTC; a missing or unreadable one counts as 1970, which proves nothing for anybody."""
    return moment.astimezone(UTC) if isinstance(moment, datetime) and moment.tzinfo else _UNKNOWN_TIME


def _until(certificate: Mapping[str, Any] | None) -> datetime | None:
    ends = (certificate or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if isinstance(ends, str) else None


def _announces(responses: Sequence[object]) -> bool:
    """Whether untagged responses say that the number of messages changed."""
    return any(isinstance(response, tuple) and b"EXISTS" in response[1:2] for response in responses)


def _readable(sockets: Sequence[socket.socket], seconds: float) -> list[object]:
    """Those of `sockets` that can be read, after at most `seconds`."""
    with selectors.DefaultSelector() as selector:
        for each in sockets:
            selector.register(each, selectors.EVENT_READ)
        return [key.fileobj for key, _ in selector.select(max(0.0, seconds))]
