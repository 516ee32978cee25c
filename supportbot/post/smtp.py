"""Mail out over SMTP (RFC 5321). The only module that speaks to smtplib.

Whether a mail was sent hangs on one point: a server takes it over when it reads the final dot (RFC 5321 section 4.1.1.4). So
the phases are kept apart here, which `smtplib.SMTP.data` does not do. What fails before the dot leaves us is a `DeliveryError`
and may be tried again. A reply to the dot decides. Without one it is an `UncertainDelivery`: nobody may send that mail again.
"""

import re
import selectors
import smtplib
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from supportbot import fault
from supportbot.errors import DeliveryError, UncertainDelivery
from supportbot.post.tokens import TokenFault, Tokens, sasl
from supportbot.settings import SmtpSettings

# RFC 5321 section 4.1.2: Dot-string "@" Domain, ASCII only. Quoted strings, comments, routes, address literals and the percent
# hack are ways to make two readers see two recipients.
_ATOM = r"[A-Za-z0-9!#$&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{1,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")

_LONE_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
# RFC 5321 section 4.5.3.2.6 allows the reply to the dot far more time than any other: giving up early makes a mail uncertain.
_DOT_PATIENCE = 10


# smtplib's own errors are OSErrors too, so that `except OSError` means: anything but an orderly reply.
class _RefusalError(Exception):
    """The server answered a command with something other than success."""

    def __init__(self, step: str, code: int, words: str) -> None:
        super().__init__(f"{step}: {code} {words}")
        self.code = code

    @property
    def permanent(self) -> bool:
        return 500 <= self.code <= 599


class SmtpSink:
    """An SMTP server that takes outgoing mail, as `ports.MailSink`. Keeps one connection; one thread at a time may use it."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._server = f"{settings.host}:{settings.port}"
        self._client: smtplib.SMTP | None = None
        self._tokens = Tokens(settings.oauth)
        self._token = ""

    def send(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> str:
        """See `ports.MailSink.send`. An empty `envelope_from` is the null reverse-path, which no bounce answers.

        Nothing is sent unless every recipient is accepted. Line ends become CRLF; the bytes are else left alone.
        """
        _check_addresses(envelope_from, recipients)
        raw = _LONE_LINE_END.sub(b"\r\n", raw)
        kept = self._client is not None and self._still_there(self._client)
        try:
            client = self._client or self._connect()
            try:
                self._envelope(client, envelope_from, recipients, raw)
            except OSError:
                if not kept:
                    raise
                self._drop()  # a server may close an idle connection at any moment
                client = self._connect()
                self._envelope(client, envelope_from, recipients, raw)
            self._body(client, raw)
        except _RefusalError as refusal:
            self._recover(refusal)
            message = f"{self._server} refused the mail at {refusal}"
            raise DeliveryError(message, permanent=refusal.permanent, status=str(refusal)) from refusal
        except OSError as error:
            self._drop()
            message = (
                f"the connection to {self._server} broke before the mail was handed over ({_words(error)}); nothing was sent"
            )
            raise DeliveryError(message, permanent=False, status=_words(error)) from error
        except BaseException:
            self._drop()
            raise
        return self._final_dot(client)

    def probe(self) -> None:
        """Connect, greet, log in and say NOOP; no mail is begun. Raises `DeliveryError`."""
        kept = self._client if self._client is not None and self._still_there(self._client) else None
        client = kept or self._connect()
        try:
            _expect("NOOP", (250,), *client.noop())
        except (_RefusalError, OSError) as error:
            self._drop()
            words = str(error) if isinstance(error, _RefusalError) else _words(error)
            raise DeliveryError(
                f"{self._server} lets us in but does not work ({words})", permanent=False, status=words
            ) from error

    def certificate_ends(self) -> datetime | None:
        """When the server's certificate expires, as the kept connection was told; None without TLS, or without connection."""
        held = self._client.sock if self._client is not None else None
        ends = (held.getpeercert() or {}).get("notAfter") if isinstance(held, ssl.SSLSocket) else None
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if isinstance(ends, str) else None

    def close(self) -> None:
        """Say QUIT; never raises. The sink may be used again, and then connects anew."""
        if self._client:
            with suppress(OSError, ValueError):
                self._client.quit()
        self._drop()

    def _connect(self) -> smtplib.SMTP:
        """Connect, secure, greet and log in. What fails here says nothing about the mail, so it is always transient."""
        try:
            fault.point("smtp.connect")
            self._client = self._open()
        except DeliveryError:
            raise
        except (OSError, ValueError) as error:
            raise DeliveryError(self._sentence(error), permanent=False, status=_words(error)) from error
        return self._client

    def _open(self) -> smtplib.SMTP:
        settings = self._settings
        context = ssl.create_default_context(cafile=settings.ca_file) if settings.security != "none" else None
        hello = _hello()
        if settings.auth != "password":
            self._token = self._tokens.token()  # before the server waits for us
        if settings.security == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, local_hostname=hello, timeout=settings.timeout, context=context
            )
        else:
            client = smtplib.SMTP(settings.host, settings.port, local_hostname=hello, timeout=settings.timeout)
        try:
            if settings.security == "starttls":
                client.starttls(context=context)
            client.ehlo_or_helo_if_needed()
            if settings.auth != "password":
                self._present(client)
            elif settings.user is not None and settings.password is not None:
                client.login(settings.user, settings.password.get_secret_value())
            # The dot travels in a segment of its own, which must not wait for the acknowledgement of the body.
            _socket(client).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            client.close()
            raise
        return client

    def _present(self, client: smtplib.SMTP) -> None:
        """Log in with an access token; one that is refused is not shown again."""
        words = sasl(self._settings.auth, self._settings.user or "", self._token)
        try:
            last = "\1" if self._settings.auth == "oauthbearer" else ""  # to the reason of a refusal (RFC 7628 section 3.2.3)
            client.auth(self._settings.auth.upper(), lambda challenge=None: words if challenge is None else last)
        except smtplib.SMTPAuthenticationError:
            self._tokens.forget()
            raise

    def _still_there(self, client: smtplib.SMTP) -> bool:
        """Whether the kept connection works; it is dropped where not."""
        try:
            if client.rset()[0] == 250:
                return True
        except (OSError, ValueError):
            pass
        self._drop()
        return False

    def _envelope(self, client: smtplib.SMTP, envelope_from: str, recipients: Sequence[str], raw: bytes) -> None:
        """MAIL and RCPT; leaves no transaction open where one recipient is refused."""
        # docmd, for `SMTP.mail` and `SMTP.rcpt` would parse the checked addresses once more, by other rules.
        options = f" SIZE={len(raw)}" if client.has_extn("size") else ""
        if not raw.isascii():
            if not client.has_extn("8bitmime"):
                raise _RefusalError("EHLO", 554, "the server takes no 8-bit text (RFC 6152)")
            options += " BODY=8BITMIME"
        _expect("MAIL", (250,), *client.docmd("MAIL", f"FROM:<{envelope_from}>{options}"))
        for recipient in recipients:
            _expect(f"RCPT {recipient}", (250, 251), *client.docmd("RCPT", f"TO:<{recipient}>"))

    def _body(self, client: smtplib.SMTP, raw: bytes) -> None:
        """DATA and the text, up to but without the final dot."""
        fault.point("smtp.recipients")
        _expect("DATA", (354,), *client.docmd("DATA"))
        body = _LEADING_DOT.sub(b"..", raw)
        client.send(body if body.endswith(b"\r\n") else body + b"\r\n")
        fault.point("smtp.text")
        # A server that speaks or hangs up now has given up on the mail: without the dot that is certain.
        with selectors.DefaultSelector() as selector:
            selector.register(_socket(client), selectors.EVENT_READ)
            if selector.select(0):
                code, words = client.getreply()
                self._drop()
                raise _RefusalError("text", code, _printable(words))

    def _final_dot(self, client: smtplib.SMTP) -> str:
        """The point of no return. The server's words, or `DeliveryError` by its reply, or `UncertainDelivery` without one."""
        try:
            _socket(client).settimeout(self._settings.timeout * _DOT_PATIENCE)
            client.send(b".\r\n")
            fault.point("smtp.dot")
            code, words = client.getreply()
            if client.sock is not None:
                client.sock.settimeout(self._settings.timeout)
        except (OSError, ValueError) as error:
            self._drop()
            advice = "it may have been sent, so it must not be sent again"
            message = f"{self._server} did not confirm the mail ({_words(error)}): {advice}"
            raise UncertainDelivery(message) from error
        except BaseException:
            self._drop()
            raise
        text = _printable(words)
        if 200 <= code <= 299:
            fault.point("smtp.accepted")
            return f"{code} {text}"
        if 400 <= code <= 599:
            refusal = _RefusalError("the end of the text", code, text)
            self._recover(refusal)
            message = f"{self._server} refused the mail at {refusal}"
            raise DeliveryError(message, permanent=refusal.permanent, status=str(refusal))
        self._drop()
        raise UncertainDelivery(f"{self._server} answered the mail with {code} {text}, which says neither yes nor no")

    def _recover(self, refusal: _RefusalError) -> None:
        """Leave no half-open transaction behind; 421 means that the server hangs up (RFC 5321 section 3.8)."""
        if refusal.code == 421 or self._client is None:
            self._drop()
        else:
            self._still_there(self._client)

    def _drop(self) -> None:
        if self._client:
            with suppress(OSError):
                self._client.close()
        self._client = None

    def _sentence(self, error: Exception) -> str:
        """Why no connection came about, and what to do. Never holds the password."""
        settings, words = self._settings, _words(error)
        if settings.password and settings.password.get_secret_value():
            words = words.replace(settings.password.get_secret_value(), "***")
        table: tuple[tuple[type[Exception], str, str], ...] = (
            (
                smtplib.SMTPAuthenticationError,
                f"{self._server} refused the login of {settings.user!r} ({words})",
                "check `user` and `password`" if settings.auth == "password" else "check `user`, `oauth.scope` and the consent",
            ),
            (
                TokenFault,
                f"no access token for {settings.user!r} ({words})",
                "check `oauth`, and that the consent has not ended",
            ),
            (
                smtplib.SMTPNotSupportedError,
                f"{self._server} does not offer what is configured ({words})",
                "check `security`, `port` and `user`",
            ),
            (
                ssl.SSLCertVerificationError,
                f"the certificate of {self._server} is not trusted ({words})",
                "check `host`, or set `ca_file`",
            ),
            (ssl.SSLError, f"no TLS with {self._server} ({words})", "check that `port` and `security` belong together"),
            (socket.gaierror, f"there is no server named {settings.host!r} ({words})", "check `host` and the network"),
            (FileNotFoundError, f"`ca_file` {settings.ca_file} cannot be read", "check the path"),
            (
                ConnectionRefusedError,
                f"{self._server} refused the connection",
                "check `host` and `port`, and that the server runs",
            ),
            (TimeoutError, f"{self._server} did not answer in time", "check `host`, `port` and `security`, and the network"),
            (UnicodeError, f"{self._server} cannot be given this user or password", "use ASCII letters and digits only"),
            (Exception, f"no connection to {self._server} ({words})", "check `host`, `port` and `security`"),
        )
        return next(f"{what}: {advice}" for kind, what, advice in table if isinstance(error, kind)) + "; nothing was sent"


def _check_addresses(envelope_from: str, recipients: Sequence[str]) -> None:
    wrong = [address for address in recipients if not _ADDRESS.fullmatch(address)]
    if envelope_from and not _ADDRESS.fullmatch(envelope_from):
        wrong.append(envelope_from)
    if wrong:
        message = f"not a plain address, so nothing was sent: {', '.join(map(ascii, wrong))}"
        raise DeliveryError(message, permanent=True, status="")
    if not recipients:
        raise DeliveryError("the mail has no recipient, so nothing was sent", permanent=True, status="")


def _expect(step: str, codes: tuple[int, ...], code: int, words: bytes) -> None:
    if code == -1:
        raise smtplib.SMTPServerDisconnected(f"{step}: an answer that is not SMTP")
    if code not in codes:
        raise _RefusalError(step, code, _printable(words))


def _socket(client: smtplib.SMTP) -> socket.socket:
    if client.sock is None:
        raise smtplib.SMTPServerDisconnected("the connection is closed")
    return client.sock


def _hello() -> str:
    """The name to greet with. The standard library would ask the DNS for it, and wait."""
    name = socket.gethostname()
    return name if "." in name and _ADDRESS.fullmatch(f"x@{name}") else "[127.0.0.1]"


def _printable(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return "".join(character if character.isprintable() else " " for character in text)[:300].strip()


def _words(error: Exception) -> str:
    """The error's own words, printable and short."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_printable(error.smtp_error)}"
    return _printable(" ".join(str(argument) for argument in error.args[-1:])) or type(error).__name__
