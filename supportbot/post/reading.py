"""Reading mail in a child process, which a mail may kill without touching the service or the next mail.

    read, read_all -> a warm child (parsing.py) -> InboundMessage
                         | killed, out of memory, raised, or answered nonsense
                         +-> mail.plainly.read_plainly: a best-effort reading, the fault as its defect; a fresh child goes on

What comes back is decoded straight into the frozen dataclasses of `mail.message`: a child that a mail has taken over can hand
back wrong words, but nothing else than words.
"""

import fcntl
import os
import select
import signal
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Self

import msgspec
import structlog

from supportbot.clock import monotonic
from supportbot.errors import ReaderError, UnreadableMail
from supportbot.mail.message import InboundMessage
from supportbot.mail.parse import MAX_SIZE
from supportbot.mail.plainly import read_plainly
from supportbot.post.parsing import LENGTH, OUT_OF_MEMORY, REACHED_OUT

log = structlog.get_logger()

RECYCLE_AFTER = 10_000  # mails; then a fresh child, whatever the old one has gathered
MAX_IN_FLIGHT = 48  # mails sent ahead: more than a desk decides in one go
MAX_OCTETS_IN_FLIGHT = 1024 * 1024  # of mails sent ahead of the one that is waited for
MAX_ANSWER = 4 * MAX_SIZE  # octets of one reading
MAX_IDLE = 2  # children kept warm
START_SECONDS = 30.0
_CHUNK = 256 * 1024
_PIPE = 1024 * 1024  # octets that a pipe should hold, so that the child goes on while the service decides; Linux's limit
_DEATHS = {
    OUT_OF_MEMORY: "parser-out-of-memory",
    REACHED_OUT: "parser-reached-out",
    -signal.SIGXCPU: "parser-killed: cpu",
    -signal.SIGALRM: "parser-killed: wall-clock",
}

Fault = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z_][A-Za-z0-9_]{0,60}\Z")]
_DECODER: msgspec.msgpack.Decoder[InboundMessage | str] = msgspec.msgpack.Decoder(InboundMessage | Fault)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one mail may cost. The largest and the most hostile mails of the tests take about a second and 175 MB."""

    memory_octets: int = 1024**3
    processor_seconds: int = 5
    wall_seconds: float = 10.0


class GuardedReader:
    """Reads mail in children; safe to use from several threads. The first child starts when it is first needed, or `warm`ed."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        module: str = "supportbot.post.parsing",
        plainly: Callable[[bytes, str], InboundMessage] = read_plainly,
        recycle_after: int = RECYCLE_AFTER,
    ) -> None:
        self._limits = limits or Limits()
        self._module = module
        self._plainly = plainly
        self._recycle_after = recycle_after
        self._idle: list[_Child] = []
        self._lock = threading.Lock()
        self._closed = False

    def warm(self) -> Self:
        """Start a child now, beside whatever is done next, and do not wait for it."""
        self._give_back(self._take())
        return self

    def read(self, raw: bytes) -> InboundMessage:
        """What a mail says, as `mail.parse.read_message` would answer. Raises `UnreadableMail`, `ReaderError`."""
        (message,) = self.read_all((raw,))
        if isinstance(message, UnreadableMail):
            raise message
        return message

    def read_all(self, raws: Iterable[bytes]) -> Generator[InboundMessage | UnreadableMail, None, None]:
        """The readings of many mails, in order, a few of them read ahead. Raises `ReaderError`."""
        source = iter(raws)
        waiting: deque[bytes] = deque()  # sent, not answered
        child, tries = self._take(), 1
        try:
            while True:
                while self._has_room(child, waiting) and (raw := next(source, None)) is not None:
                    waiting.append(raw)
                    child.send(raw[: MAX_SIZE + 1])
                if not waiting:
                    if child.sent < self._recycle_after:
                        return
                    child = self._replace(child, ())
                    continue
                try:
                    message: InboundMessage | UnreadableMail = child.receive()
                except _Killed as fault:
                    # Without a cause of its own making the mail gets a second try: somebody else may have killed the child.
                    again = fault.unexplained and tries == 1
                    child, tries = self._replace(child, waiting if again else tuple(waiting)[1:]), 2
                    if again:
                        continue
                    message = self._read_plainly(waiting[0], fault.defect)
                tries = 1
                raw = waiting.popleft()
                yield message if isinstance(message, UnreadableMail) else _with_size(message, len(raw))
        finally:
            self._give_back(child)

    def close(self) -> None:
        """End the children; one that is reading ends when its mail is read. Nothing can be read afterwards."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _has_room(self, child: "_Child", waiting: deque[bytes]) -> bool:
        if not waiting:
            return child.sent < self._recycle_after
        octets = sum(map(len, waiting))
        return child.sent < self._recycle_after and len(waiting) < MAX_IN_FLIGHT and octets < MAX_OCTETS_IN_FLIGHT

    def _take(self) -> "_Child":
        while True:
            with self._lock:
                if self._closed:
                    raise ReaderError("the reader of mail is closed")
                child = self._idle.pop() if self._idle else None
            if child is None:
                return _Child(self._module, self._limits)
            if child.is_alive():
                return child
            child.end()

    def _give_back(self, child: "_Child") -> None:
        with self._lock:
            keep = not self._closed and child.is_idle and len(self._idle) < MAX_IDLE
            if keep:
                self._idle.append(child)
        if not keep:
            child.end()

    def _replace(self, child: "_Child", unread: Iterable[bytes]) -> "_Child":
        """A fresh child, which is sent what the old one has not read."""
        child.end()
        fresh = _Child(self._module, self._limits)
        for raw in unread:
            fresh.send(raw[: MAX_SIZE + 1])
        return fresh

    def _read_plainly(self, raw: bytes, defect: str) -> InboundMessage | UnreadableMail:
        log.warning("mail read plainly: the parser failed", defect=defect, octets=len(raw))
        try:
            return self._plainly(raw, defect)
        except Exception as error:  # no mail may stop the next one; whoever asked puts this one aside
            return UnreadableMail(f"{defect}; the plain reader: {type(error).__name__}: {error}")


def _with_size(message: InboundMessage, size: int) -> InboundMessage:
    return message if message.size == size else replace(message, size=size)  # a huge mail was cut before it was sent


class _Killed(Exception):
    """The child did not answer as it should. `unexplained`: nothing says that the mail was the cause."""

    def __init__(self, defect: str, *, unexplained: bool = False) -> None:
        super().__init__(defect)
        self.defect = defect
        self.unexplained = unexplained


class _Child:
    """One process, and what is on its way to it and back. Used by one thread at a time."""

    def __init__(self, module: str, limits: Limits) -> None:
        patience = int(limits.wall_seconds) + 2  # by its own alarm, where nobody is left to kill it
        numbers = (limits.memory_octets, limits.processor_seconds, patience)
        try:
            process = subprocess.Popen(  # noqa: S603  # this very interpreter and a module of this package
                [sys.executable, "-P", "-s", "-S", "-B", "-W", "ignore", "-m", module, *map(str, numbers)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd="/",
                env={"PYTHONPATH": os.pathsep.join(str(Path(place).absolute()) for place in sys.path)},
                start_new_session=True,
            )
        except OSError as error:
            raise ReaderError(f"the child that reads mail cannot be started: {error.strerror or error}") from None
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._wall_seconds = process, limits.wall_seconds
        self._requests, self._answers = process.stdin.fileno(), process.stdout.fileno()
        os.set_blocking(self._requests, False)
        os.set_blocking(self._answers, False)
        for pipe in (self._requests, self._answers):
            _widen(pipe)
        self._outgoing: deque[memoryview] = deque()
        self._incoming = bytearray()
        self._ready = False
        self.sent = self._received = 0
        self.end = weakref.finalize(self, _end, process)

    @property
    def is_idle(self) -> bool:
        """Whether everything sent to it is answered."""
        return self.sent == self._received and self.end.alive

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, raw: bytes) -> None:
        """Put a mail on its way; never waits."""
        self.sent += 1
        self._outgoing.append(memoryview(LENGTH.pack(len(raw)) + raw))
        self._write()

    def receive(self) -> InboundMessage:
        """The reading of the oldest unanswered mail. Raises `_Killed`, `ReaderError`."""
        if not self._ready:
            self._wait_until_ready()
        frame = self._frame(self._wall_seconds)
        try:
            answer = _DECODER.decode(frame)
        except Exception:  # whatever a child that a mail has taken over may write
            raise _Killed("parser-answer-unreadable") from None
        if isinstance(answer, str):
            raise _Killed(f"parser-failed: {answer}")
        self._received += 1
        return answer

    def _wait_until_ready(self) -> None:
        try:
            greeting = self._frame(START_SECONDS)
        except _Killed as fault:
            raise ReaderError(f"the child that reads mail does not start ({fault.defect})") from None
        if greeting:
            raise ReaderError("the child that reads mail does not start (it speaks another language)")
        self._ready = True

    def _frame(self, seconds: float) -> bytes:
        """The next whole frame; the deadline holds for all of it, however slowly it drips."""
        deadline = monotonic() + seconds
        while True:
            if len(self._incoming) >= LENGTH.size:
                length = LENGTH.unpack_from(self._incoming)[0]
                if length > MAX_ANSWER:
                    raise _Killed("parser-answer-too-large")
                if len(self._incoming) >= (end := LENGTH.size + length):
                    frame = bytes(memoryview(self._incoming)[LENGTH.size : end])
                    del self._incoming[:end]
                    return frame
            self._write()
            left = deadline - monotonic()
            if left <= 0:
                raise _Killed("parser-killed: wall-clock")
            events = select.poll()
            events.register(self._answers, select.POLLIN)
            if self._outgoing:
                events.register(self._requests, select.POLLOUT)
            if self._answers in dict(events.poll(left * 1000)):
                self._read()

    def _read(self) -> None:
        try:
            chunk = os.read(self._answers, _CHUNK)
        except BlockingIOError:
            return
        if not chunk:
            raise self._how_it_died()
        self._incoming += chunk

    def _write(self) -> None:
        while self._outgoing:
            try:
                written = os.write(self._requests, self._outgoing[0])
            except BlockingIOError:
                return
            except BrokenPipeError:
                self._outgoing.clear()  # it died; reading tells how
                return
            if written == len(self._outgoing[0]):
                self._outgoing.popleft()
            else:
                self._outgoing[0] = self._outgoing[0][written:]

    def _how_it_died(self) -> _Killed:
        try:
            status = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return _Killed("parser-answer-unreadable")  # it closed the pipe and lives on
        if status in _DEATHS:
            return _Killed(_DEATHS[status])
        name = signal.Signals(-status).name if -status in set(signal.Signals) else f"status {status}"
        return _Killed(f"parser-killed: {name}", unexplained=True)


def _widen(pipe: int) -> None:
    """Room for more mails and readings in a pipe, where the system gives any."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Also when the child is forgotten, or the service ends: it keeps nothing, so it may be killed at any moment."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
