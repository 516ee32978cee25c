"""Mail servers inside the process, for demo and tests: IMAP by pymap, SMTP by aiosmtpd. On loopback, nothing on disk."""

import asyncio
import logging
import threading
from argparse import Namespace
from dataclasses import dataclass
from datetime import datetime
from typing import Self, cast

from aiosmtpd.smtp import SMTP, Envelope, Session
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage

from supportbot.clock import SystemClock

_HOST = "127.0.0.1"
_PATIENCE_SECONDS = 10.0
_MESSAGE_OCTETS = 50_000_000

for _chatty in ("pymap", "mail.log"):
    logging.getLogger(_chatty).setLevel(logging.CRITICAL)


class _Server:
    """An asyncio server in a thread of its own, on a free port of the loopback address. Also a context manager."""

    host = _HOST
    port = 0

    def __init__(self) -> None:
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    def start(self) -> Self:
        """Listen; `port` holds the port afterwards."""
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)
        self._thread.start()
        if not self._ready.wait(_PATIENCE_SECONDS) or self._failure:
            raise RuntimeError(f"{type(self).__name__} did not start") from self._failure
        return self

    def stop(self) -> None:
        """Hang up on everybody and end the thread; does nothing when not started."""
        if self._loop and self._stopping and self._thread:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(_PATIENCE_SECONDS)
        self._loop = self._stopping = self._thread = None
        self._ready.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # `start` raises it, in the thread that waits there
            self._failure = error
            self._ready.set()

    async def _main(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        # A client that hangs up in the middle of a command is no news here; asyncio would print it.
        self._loop.set_exception_handler(lambda _loop, _context: None)
        server = await self._listen()
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        self._hang_up()

    async def _listen(self) -> asyncio.Server:
        raise NotImplementedError

    def _hang_up(self) -> None:
        """Close the open connections."""


class EmbeddedImap(_Server):
    """An IMAP server with one user and an empty INBOX, kept in memory."""

    def __init__(self, address: str, password: str) -> None:
        super().__init__()
        self._arguments = Namespace(
            host=_HOST,
            port=0,
            debug=False,
            tls=False,
            cert=None,
            key=None,
            inherited_sockets=None,
            passlib_cfg=None,
            proxy_protocol=None,
            demo_data=False,
            demo_user=address,
            demo_password=password,
        )
        self._backend: DictBackend | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def _listen(self) -> asyncio.Server:
        self._backend, config = await DictBackend.init(self._arguments)
        config.apply_context()
        serve = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(self._backend.login, config))

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.add(writer)
            try:
                await serve(reader, writer)
            finally:
                self._writers.discard(writer)

        return await asyncio.start_server(connected, _HOST, 0)

    def _hang_up(self) -> None:
        for writer in self._writers:
            writer.close()

    def append(self, raw: bytes, received: datetime | None = None) -> None:
        """Put a mail into the INBOX, with `received` (aware; default: now) as its INTERNALDATE; clients in IDLE are told."""
        if not self._loop:
            raise RuntimeError("the server is not running")
        message = AppendMessage(raw, received or SystemClock().now())
        asyncio.run_coroutine_threadsafe(self._append(message), self._loop).result(_PATIENCE_SECONDS)

    async def _append(self, message: AppendMessage) -> None:
        if self._backend:
            self._backend.config.apply_context()
            async with self._backend.login.demo_user_identity.new_session() as session:
                await session.append_messages("INBOX", [message])


@dataclass(frozen=True, slots=True)
class Accepted:
    """A mail that the SMTP server took responsibility for."""

    envelope_from: str  # "" is the null reverse-path
    recipients: tuple[str, ...]
    raw: bytes  # as it came, without the dots of transparency


class EmbeddedSmtp(_Server):
    """An SMTP server that accepts everything and keeps it in `accepted`, in order of arrival."""

    def __init__(self) -> None:
        super().__init__()
        self.accepted: list[Accepted] = []
        self._connections: list[SMTP] = []

    async def _listen(self) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(self._connected, _HOST, 0)

    def _connected(self) -> SMTP:
        connection = self._protocol()
        self._connections.append(connection)
        return connection

    def _protocol(self) -> SMTP:
        return SMTP(self, hostname="localhost", ident="ESMTP", data_size_limit=_MESSAGE_OCTETS)

    def _hang_up(self) -> None:
        for connection in self._connections:
            if connection.transport is not None:
                cast("asyncio.WriteTransport", connection.transport).abort()
        self._connections.clear()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """aiosmtpd's hook: the final dot has been read."""
        self.keep(envelope)
        return f"250 2.0.0 Ok: queued as {len(self.accepted):06d}"

    def keep(self, envelope: Envelope) -> None:
        """Take responsibility for a mail."""
        sender = "" if envelope.mail_from in (None, "<>") else str(envelope.mail_from)
        self.accepted.append(Accepted(sender, tuple(envelope.rcpt_tos), envelope.original_content or b""))
