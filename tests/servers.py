"""Real servers for tests, as a pytest plugin: a private Dovecot, a scripted SMTP server, smtp-sink, a proxy with faults.

    private_dovecot     session    PrivateDovecot: IMAP plain, STARTTLS and TLS; `fresh_user()` for a mailbox nobody else uses
    smtp_sink           test       ScriptedSmtp: accepts, or refuses and hangs up as told
    postfix_smtp_sink   test       PostfixSmtpSink: a server that is not ours, which counts what it took over
    fault_proxy         test       call it with a port and a fault; gives a FaultProxy

A server that is not installed skips the test; with CI=true it fails it.
"""
# ruff: noqa: N802 - aiosmtpd finds its hooks by these names

import asyncio
import base64
import grp
import hmac
import imaplib
import json
import os
import pwd
import re
import secrets
import select
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NoReturn, cast

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from supportbot.demo.servers import EmbeddedSmtp
from supportbot.settings import MailboxSettings, SmtpSettings

HOST = "127.0.0.1"
PASSWORD = "secret"
SUPPORT, SELLER, BUYER = "support@example.test", "seller@example.test", "buyer@example.test"
_START_SECONDS = 15.0

_DOVECOT_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/run
instance_name = supportbot-test
log_path = {home}/log/dovecot.log
info_log_path = {home}/log/dovecot-info.log
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{home}/mail/%u
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
mail_max_userip_connections = 100
login_trusted_networks = 127.0.0.0/8
imap_idle_notify_interval = 2 mins
mail_fsync = never
ssl = yes
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
ssl_min_protocol = TLSv1.2
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2.conf.ext
}}
passdb {{
  mechanisms = plain login
  # Every user exists, with this password.
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u allow_all_users=yes
}}
service imap-login {{
  chroot =
  # One process for all logins: starting one for each would be most of a test's time.
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service imap {{
  service_count = 1000
  process_min_avail = 1
}}
service anvil {{
  # Otherwise a wrong password delays the next login.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
  chroot =
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Processed {{
    auto = create
  }}
  mailbox Drafts {{
    auto = create
    special_use = \\Drafts
  }}
}}
"""


# Tokens are checked by their signature, without a provider.
_OAUTH_CONFIG = """introspection_mode = local
local_validation_key_dict = fs:posix:prefix={home}/keys/
username_attribute = email
"""
_OAUTH_SECRET = b"a secret of the tests, of thirty-two octets"


def access_token(user: str, seconds: int = 3600) -> str:
    """A token (RFC 7519, HS256) that the private Dovecot takes for `user`; a negative time gives one that has ended."""

    def coded(raw: bytes) -> bytes:
        return base64.urlsafe_b64encode(raw).rstrip(b"=")

    now = int(time.time())
    claims = {"sub": user, "email": user, "iat": now - 60, "exp": now + seconds}
    signed = coded(b'{"alg":"HS256","typ":"JWT"}') + b"." + coded(json.dumps(claims).encode())
    return (signed + b"." + coded(hmac.digest(_OAUTH_SECRET, signed, "sha256"))).decode()


def missing(reason: str) -> NoReturn:
    """Skip, saying why; fail where nothing may be skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI=true allows no skipping: {reason}", pytrace=False)
    pytest.skip(f"NOT TESTED: {reason}")


def program(name: str, package: str) -> str:
    """The path of a server program, or the test ends here."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/postfix/sbin") or missing(
        f"{name} is not installed; on Debian: apt-get install {package}"
    )


def free_port() -> int:
    """A port nobody listens on, of the range of this test process.

    The kernel's own choice would be one that the next outgoing connection, or another test process, may be given too.
    """
    for port in _PORTS:
        with suppress(OSError), socket.create_server((HOST, port)):
            return port
    raise RuntimeError("no port is free")


# Below those that Linux gives to outgoing connections; pytest-xdist numbers its processes gw0, gw1, ...
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 6
_PORTS = iter(range(20_000 + 2_000 * _WORKER + os.getpid() % 1_000, 22_000 + 2_000 * _WORKER))


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for localhost and 127.0.0.1, and its key; the certificate is also its own authority."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = [program("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", *subject]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def _until_listening(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError):
            socket.create_connection((HOST, port), 1).close()
            return
        time.sleep(0.02)
    process.kill()
    process.wait()
    pytest.fail(f"{process.args!r} does not listen on port {port}: {log.read_text(errors='replace')}", pytrace=False)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class PrivateDovecot:
    """A Dovecot of our own, with nobody's rights, in a folder of its own. Everybody has the one `password`."""

    host = HOST
    password = PASSWORD

    def __init__(self) -> None:
        dovecot = program("dovecot", "dovecot-core dovecot-imapd")
        version = subprocess.run([dovecot, "--version"], check=True, capture_output=True, text=True).stdout
        if not version.startswith("2.3."):
            missing(f"the tests' configuration is written for Dovecot 2.3, and this is {version.strip()}")
        # Not pytest's folder: its path may be too long for Unix sockets, and nobody may not enter it.
        self.home = Path(tempfile.mkdtemp(prefix="supportbot-dovecot-"))
        self.port, self.tls_port = free_port(), free_port()
        self.ca_file, _ = make_certificate(self.home)
        for name in ("run", "mail", "log"):
            (self.home / name).mkdir()
        # Dovecot's login process refuses to run as root.
        account, prefix = self._account()
        (self.home / "dovecot.conf").write_text(
            _DOVECOT_CONFIG.format(home=self.home, port=self.port, tls_port=self.tls_port, password=PASSWORD, **account)
        )
        keys = self.home / "keys" / "default" / "HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_bytes(base64.b64encode(_OAUTH_SECRET))
        (self.home / "oauth2.conf.ext").write_text(_OAUTH_CONFIG.format(home=self.home))
        if prefix:
            for path in (self.home, *self.home.iterdir()):
                shutil.chown(path, account["user"], account["group"])
        log = self.home / "log" / "out"
        with log.open("wb") as output:
            command = [*prefix, dovecot, "-F", "-c", str(self.home / "dovecot.conf")]
            self._process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _until_listening(self.port, self._process, log)

    @staticmethod
    def _account() -> tuple[dict[str, Any], list[str]]:
        if os.getuid() == 0:
            setpriv = [program("setpriv", "util-linux"), "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
            nobody = pwd.getpwnam("nobody")
            group = grp.getgrnam("nogroup")
            return {"user": "nobody", "group": "nogroup", "uid": nobody.pw_uid, "gid": group.gr_gid}, setpriv
        user, group_name = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
        return {"user": user, "group": group_name, "uid": os.getuid(), "gid": os.getgid()}, []

    def stop(self) -> None:
        """End the server and remove its folder."""
        _stop(self._process)
        shutil.rmtree(self.home, ignore_errors=True)

    def settings(self, **changes: Any) -> MailboxSettings:
        """A mailbox of this server: plain IMAP, user support@example.test, unless changed. `user` sets the address too."""
        user = changes.pop("user", SUPPORT)
        given = {"name": "support", "address": user, "host": HOST, "port": self.port, "security": "none", "user": user}
        return MailboxSettings.model_validate({**given, "password": PASSWORD, **changes})

    def fresh_user(self) -> str:
        """The address of a mailbox that no other test uses; its password is PASSWORD."""
        return f"user-{secrets.token_hex(6)}@example.test"

    def fresh_folder(self, user: str = SUPPORT) -> str:
        """The name of a new, empty folder."""
        folder = f"Test-{secrets.token_hex(6)}"
        with self.imap(user) as client:
            _ok(client.create(folder))
        return folder

    @contextmanager
    def imap(self, user: str = SUPPORT) -> Iterator[imaplib.IMAP4]:
        """A session by the standard library's client, for looking at the mailbox from outside."""
        client = imaplib.IMAP4(HOST, self.port, timeout=30)
        try:
            _ok(client.login(user, self.password))
            yield client
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                client.logout()
            with suppress(OSError):
                client.shutdown()

    def append(
        self,
        raw: bytes,
        *,
        folder: str = "INBOX",
        user: str = SUPPORT,
        received: datetime | None = None,
        flags: Sequence[str] = (),
    ) -> int:
        """Put a mail into a folder, as if delivered at `received` (aware); its UID."""
        return self.append_all([raw], folder=folder, user=user, received=received, flags=flags)[0]

    def append_all(
        self,
        raws: Sequence[bytes],
        *,
        folder: str = "INBOX",
        user: str = SUPPORT,
        received: datetime | None = None,
        flags: Sequence[str] = (),
    ) -> list[int]:
        """Put mails into a folder in one session; their UIDs."""
        when = imaplib.Time2Internaldate(received or datetime.now(UTC))
        uids = []
        with self.imap(user) as client:
            for raw in raws:
                said = _ok(client.append(folder, f"({' '.join(flags)})", when, raw))
                found = re.search(rb"APPENDUID \d+ (\d+)", said)
                assert found, said
                uids.append(int(found[1]))
        return uids

    def uids(self, folder: str = "INBOX", user: str = SUPPORT) -> list[int]:
        """The UIDs in a folder."""
        return sorted(self.flags(folder, user))

    def flags(self, folder: str = "INBOX", user: str = SUPPORT) -> dict[int, set[str]]:
        """The flags of each message by UID, without \\Recent."""
        with self.imap(user) as client:
            _ok(client.select(folder, readonly=True))
            rows = client.uid("FETCH", "1:*", "(FLAGS)")[1]
        found = [
            re.search(rb"FLAGS \((.*?)\).*?UID (\d+)|UID (\d+).*?FLAGS \((.*?)\)", row)
            for row in rows
            if isinstance(row, bytes)
        ]
        return {int(hit[2] or hit[3]): set((hit[1] or hit[4] or b"").decode().split()) - {"\\Recent"} for hit in found if hit}

    def raws(self, folder: str = "INBOX", user: str = SUPPORT) -> dict[int, bytes]:
        """The bytes of each message by UID."""
        with self.imap(user) as client:
            _ok(client.select(folder, readonly=True))
            rows = client.uid("FETCH", "1:*", "(BODY.PEEK[])")[1]
        found = [(re.search(rb"UID (\d+)", row[0]), row[1]) for row in rows if isinstance(row, tuple)]
        return {int(hit[1]): raw for hit, raw in found if hit}

    def expunge(self, uids: Sequence[int], *, folder: str = "INBOX", user: str = SUPPORT) -> None:
        """Remove messages, as another client of the mailbox would."""
        with self.imap(user) as client:
            _ok(client.select(folder))
            _ok(client.uid("STORE", ",".join(map(str, uids)), "+FLAGS.SILENT", "(\\Deleted)"))
            _ok(client.uid("EXPUNGE", ",".join(map(str, uids))))

    def uidvalidity(self, folder: str = "INBOX", user: str = SUPPORT) -> int:
        """The folder's UIDVALIDITY."""
        with self.imap(user) as client:
            said = _ok(client.status(folder, "(UIDVALIDITY)"))
        found = re.search(rb"UIDVALIDITY (\d+)", said)
        assert found, said
        return int(found[1])

    def recreate(self, folder: str, user: str = SUPPORT) -> int:
        """Delete a folder and make an empty one of the same name; the new UIDVALIDITY."""
        with self.imap(user) as client:
            _ok(client.delete(folder))
            _ok(client.create(folder))
        return self.uidvalidity(folder, user)

    def change_uidvalidity(self, folder: str = "INBOX", user: str = SUPPORT) -> int:
        """Make the server number the same messages anew, as after a restore; the new UIDVALIDITY.

        A session that has the folder open gets an internal error once, and must connect anew.
        """
        before = self.uidvalidity(folder, user)
        home = self.home / "mail" / user
        place = home if folder == "INBOX" else home / f".{folder}"
        after = before
        while after == before:  # it is a time stamp, in seconds
            for path in (*place.glob("dovecot-uidlist*"), *place.glob("dovecot.index*")):
                path.unlink()
            time.sleep(0.2)
            after = self.uidvalidity(folder, user)
        return after

    def renumber(self, user: str = SUPPORT) -> None:
        """Number the messages of INBOX from 1 again, in another order, under the same UIDVALIDITY: a broken restore does that.

        A session that has the folder open gets an internal error once, and must connect anew.
        """
        validity = self.uidvalidity(user=user)
        home = self.home / "mail" / user
        for path in (*home.glob("dovecot-uidlist*"), *home.glob("dovecot.index*"), *home.glob("dovecot-uidvalidity*")):
            path.unlink()
        files = sorted((path for name in ("cur", "new") for path in (home / name).iterdir()), key=lambda path: path.name[::-1])
        rows = [f"{uid} :{path.name.split(':2,')[0]}" for uid, path in enumerate(files, 1)]
        guid = secrets.token_hex(16)
        listed = home / "dovecot-uidlist"
        listed.write_text("\n".join([f"3 V{validity} N{len(files) + 1} G{guid}", *rows]) + "\n")
        if os.getuid() == 0:
            shutil.chown(listed, "nobody", "nogroup")


def _ok(answer: tuple[str, list[Any]]) -> bytes:
    kind, said = answer
    assert kind == "OK", said
    return said[0] or b""


HangUp = Literal["MAIL", "RCPT", "DATA", "dot", "reply"]


class _ScriptedSession(SMTP):
    """aiosmtpd with an answer to DATA that can be scripted."""

    script: "ScriptedSmtp"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.script.transports.append(transport)
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:
        if "DATA" in self.script.hang_up:
            self.script.cut(self)
        elif self.script.data_reply:
            await self.push(self.script.data_reply)
        else:
            await super().smtp_DATA(arg)


class ScriptedSmtp(EmbeddedSmtp):
    """An SMTP server that accepts everything, except what a test tells it to refuse or to lose. Use its attributes:

    `recipient_replies`   reply by recipient address instead of 250, e.g. "550 5.1.1 unknown"
    `mail_reply`, `data_reply`, `dot_reply`   reply to MAIL, DATA and the final dot
    `hang_up`   where to reset the connection: on "MAIL", "RCPT", "DATA"; at the "dot" without taking the mail; instead of the
                "reply" after taking it. `once` makes it happen one time only.
    `connections`, `accepted`   what came

    With `tls` it demands STARTTLS, or begins with TLS where `implicit`; with `password` it demands a login too.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, implicit: bool = False, password: str | None = None) -> None:
        super().__init__()
        self.recipient_replies: dict[str, str] = {}
        self.mail_reply = self.data_reply = self.dot_reply = ""
        self.hang_up: set[HangUp] = set()
        self.once = False
        self.connections = 0
        self.transports: list[asyncio.BaseTransport] = []
        self._tls = None if implicit else tls
        self._implicit = tls if implicit else None
        self._password = password

    async def _listen(self) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(self._connected, HOST, 0, ssl=self._implicit)

    def _protocol(self) -> SMTP:
        self.connections += 1
        options: dict[str, Any] = {"hostname": "localhost", "data_size_limit": 50_000_000, "enable_SMTPUTF8": True}
        if self._tls:
            options |= {"tls_context": self._tls, "require_starttls": True}
        if self._password is not None:
            options |= {"authenticator": self._authenticate, "auth_required": True}
        session = _ScriptedSession(self, **options)
        session.script = self
        return session

    def _hang_up(self) -> None:
        # A failed handshake leaves the plain connection behind, which aiosmtpd no longer knows.
        for transport in self.transports:
            cast("asyncio.WriteTransport", transport).abort()

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> Any:
        return AuthResult(success=given.password == str(self._password).encode(), handled=False)

    def cut(self, server: SMTP) -> None:
        """Reset the connection."""
        if self.once:
            self.hang_up.clear()
        transport = cast("asyncio.WriteTransport", server.transport)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if "MAIL" in self.hang_up:
            self.cut(server)
        if self.mail_reply:
            return self.mail_reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if "RCPT" in self.hang_up:
            self.cut(server)
        if address in self.recipient_replies:
            return self.recipient_replies[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "dot" in self.hang_up:
            self.cut(server)
            return "451 4.3.0 lost"
        if self.dot_reply:
            return self.dot_reply
        reply = await super().handle_DATA(server, session, envelope)
        if "reply" in self.hang_up:
            self.cut(server)
        return reply

    def settings(self, **changes: Any) -> SmtpSettings:
        """This server as `SmtpSettings`."""
        return SmtpSettings.model_validate({"host": HOST, "port": self.port, "security": "none", "timeout": 5, **changes})


class PostfixSmtpSink:
    """Postfix's test server: takes over every mail, and writes each into a file when it does."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.port = port or free_port()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        log = folder.parent / f"{folder.name}.log"
        command = [program("smtp-sink", "postfix"), "-d", f"{folder}/mail.", f"{HOST}:{self.port}", "256"]
        if os.getuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
            command[1:1] = ["-u", "nobody"]
            folder.chmod(0o777)
            for parent in folder.parents[:4]:  # pytest-xdist puts a folder of its own between
                if parent.stat().st_mode & 0o005 != 0o005 and str(parent).startswith(tempfile.gettempdir() + "/"):
                    parent.chmod(parent.stat().st_mode | 0o055)
        with log.open("wb") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _until_listening(self.port, self._process, log)

    def mails(self) -> list[bytes]:
        """What was taken over, as written: the envelope in X- headers, then the mail with LF line ends."""
        return [path.read_bytes() for path in sorted(self.folder.iterdir())]

    def message_ids(self) -> list[str]:
        """The Message-ID of each mail that was taken over."""
        found = [re.search(rb"^message-id:[ \t]*(\S+)", mail, re.IGNORECASE | re.MULTILINE) for mail in self.mails()]
        return [hit[1].decode("ascii", "replace") if hit else "" for hit in found]

    def settings(self, **changes: Any) -> SmtpSettings:
        """This server as `SmtpSettings`."""
        return SmtpSettings.model_validate({"host": HOST, "port": self.port, "security": "none", "timeout": 5, **changes})

    def stop(self) -> None:
        """End the server; its files stay."""
        _stop(self._process)


Action = Literal["pass", "drop", "hang", "reset", "close"]
Direction = Literal["up", "down"]  # client to server, server to client
Fault = Callable[[Direction, int, bytes, int], Action]  # direction, octets so far, this chunk, number of the connection from 1


def passing(_direction: Direction, _octets: int, _chunk: bytes, _connection: int) -> Action:
    """No fault."""
    return "pass"


class FaultProxy:
    """A TCP proxy to a local port that drops, hangs, resets or closes where its `fault` says; that may be replaced any time."""

    def __init__(self, upstream_port: int, fault: Fault = passing) -> None:
        self.fault = fault
        self.connections = 0
        self._upstream_port = upstream_port
        self._server = socket.create_server((HOST, 0))
        self.port: int = self._server.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._stopped = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Close the proxy and every connection through it."""
        self._stopped.set()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for each in tuple(self._open):
            _close(each)

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            try:
                server = socket.create_connection((HOST, self._upstream_port))
            except OSError:
                _reset(client)
                continue
            self._open |= {client, server}
            for source, target, direction in ((client, server, "up"), (server, client, "down")):
                arguments = (source, target, direction, self.connections, client, server)
                threading.Thread(target=self._pump, daemon=True, args=arguments).start()

    def _pump(
        self,
        source: socket.socket,
        target: socket.socket,
        direction: Direction,
        number: int,
        client: socket.socket,
        server: socket.socket,
    ) -> None:
        octets = 0
        with suppress(OSError, ValueError):
            while chunk := _receive(source):
                octets += len(chunk)
                action = self.fault(direction, octets, chunk, number)
                if action == "hang":
                    self._stopped.wait()
                if action == "reset":
                    _reset(client)
                    _close(server)
                    return
                if action == "close":
                    break
                if action != "drop":
                    target.sendall(chunk)
        _close(source)
        _close(target)


def _receive(source: socket.socket) -> bytes:
    # Never blocks in recv for long: while one thread does, a close by another one sends no reset.
    while not select.select([source], [], [], 0.02)[0]:
        pass
    return source.recv(65536)


def _reset(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _close(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


class RecordingImap:
    """A minimal IMAP server that writes down every line of a client.

    `answers` holds what it says to a command word, at once or piece by piece, before it completes the command.
    """

    def __init__(self, answers: Mapping[str, bytes | Iterable[bytes]] | None = None, capabilities: str = "IMAP4rev1") -> None:
        self.lines: list[bytes] = []
        self._answers = dict(answers or {})
        self._capabilities = capabilities.encode()
        self._server = socket.create_server((HOST, 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Close the server."""
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            connection.sendall(b"* OK [CAPABILITY %s] ready\r\n" % self._capabilities)
            for line in lines:
                self.lines.append(line)
                tag, *words = line.decode("ascii", "replace").split()
                word = next((each.upper() for each in words if each.upper() != "UID"), "")
                answer = self._answers.get(word, b"")
                if word == "CAPABILITY":
                    answer = b"* CAPABILITY %s\r\n" % self._capabilities
                elif word in ("SELECT", "EXAMINE") and not answer:
                    answer = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\n* OK [UIDNEXT 2] ok\r\n"
                elif word == "SEARCH" and not answer:
                    answer = b"* SEARCH 1\r\n"
                for piece in (answer,) if isinstance(answer, bytes) else answer:
                    connection.sendall(piece)
                connection.sendall(b"%s OK done\r\n" % tag.encode())


@pytest.fixture(scope="session")
def private_dovecot() -> Iterator[PrivateDovecot]:
    """A Dovecot for the whole run; take a `fresh_user()` or a `fresh_folder()`."""
    server = PrivateDovecot()
    yield server
    server.stop()


@pytest.fixture
def smtp_sink() -> Iterator[ScriptedSmtp]:
    """A scripted SMTP server, started."""
    with ScriptedSmtp() as server:
        yield server


@pytest.fixture
def postfix_smtp_sink(tmp_path: Path) -> Iterator[PostfixSmtpSink]:
    """Postfix's smtp-sink, started."""
    server = PostfixSmtpSink(tmp_path / "sink")
    yield server
    server.stop()


@pytest.fixture
def fault_proxy() -> Iterator[Callable[..., FaultProxy]]:
    """Makes proxies: `fault_proxy(port, fault)`."""
    made: list[FaultProxy] = []

    def make(upstream_port: int, fault: Fault = passing) -> FaultProxy:
        made.append(FaultProxy(upstream_port, fault))
        return made[-1]

    yield make
    for proxy in made:
        proxy.stop()
