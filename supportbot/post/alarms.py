"""The second channel: a webhook that takes JSON, and a mail server of its own. What goes out names causes, never mail."""

import http.client
import json
import re
import secrets
import socket
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from supportbot.errors import AlarmFailed, DeliveryError, UncertainDelivery
from supportbot.mail.compose import MAX_SUBJECT, compose
from supportbot.mail.message import Mailbox, OutboundMessage
from supportbot.post.smtp import SmtpSink

_TIMEOUT = 10.0  # seconds
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")

Troubles = Sequence[tuple[str, str, str, datetime]]


def sentences(team: str, troubles: Troubles) -> tuple[str, str]:
    """A line and a text: what is wrong, since when, what to do. Addresses are left out: servers' words may name people."""
    causes = ", ".join(cause for cause, _, _, _ in troubles)
    blocks = [
        f"{_line(cause)}, since {since:%Y-%m-%d %H:%M} UTC: {_line(what)}.\nWhat to do: {_line(remedy)}."
        for cause, what, remedy, since in troubles
    ]
    end = "Each cause is told once a day for as long as it lasts. `supportbot doctor` on the machine looks at everything now."
    return _line(f"supportbot of {team}: {causes}"), "\n\n".join([*blocks, end]) + "\n"


def _line(text: str) -> str:
    return _ADDRESS.sub("(address)", " ".join(_ODD.sub(" ", text).split())).rstrip(".")


class WebhookAlarm:
    """POSTs one JSON object: `text`, as chat systems read it, and `troubles` for programs."""

    name = "webhook"

    def __init__(self, url: str, team: str, ca_file: Path | None = None) -> None:
        self._url, self._team, self._ca_file = urlsplit(url), team, ca_file

    def ring(self, troubles: Troubles) -> None:
        """Raises `AlarmFailed` where nobody was told; no answer after it was sent counts as told, for nothing is told twice."""
        line, text = sentences(self._team, troubles)
        rows = [
            {"cause": cause, "what": _line(what), "remedy": _line(remedy), "since": since.isoformat(timespec="seconds")}
            for cause, what, remedy, since in troubles
        ]
        body = json.dumps({"text": f"{line}\n{text}", "troubles": rows})
        connection = self._connect()
        path = f"{self._url.path or '/'}{self._url.query and f'?{self._url.query}'}"
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise AlarmFailed(f"the webhook on {self._url.hostname} broke off ({_words(error)})") from error
        try:
            answer = connection.getresponse()
            answer.read(1000)
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()
        if not 200 <= answer.status <= 299:
            raise AlarmFailed(f"the webhook on {self._url.hostname} answered {answer.status}; check `alarm.webhook`")

    def probe(self) -> None:
        """Connect, with TLS where the address wants it."""
        self._connect().close()

    def close(self) -> None:
        """Nothing is kept open."""

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        try:
            if self._url.scheme == "https":
                context = ssl.create_default_context(cafile=self._ca_file)
                found: http.client.HTTPConnection = http.client.HTTPSConnection(host, port, timeout=_TIMEOUT, context=context)
            else:
                found = http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
            found.connect()
        except OSError as error:
            raise AlarmFailed(f"the webhook on {host} cannot be reached ({_words(error)}); check `alarm.webhook`") from error
        return found


class MailAlarm:
    """One mail through a mail server that is not the one for buyers and sellers."""

    name = "mail"

    def __init__(self, sink: SmtpSink, sender: str, to: Sequence[str], team: str, now: Callable[[], datetime]) -> None:
        self._sink, self._sender, self._to, self._team, self._now = sink, sender, tuple(to), team, now

    def ring(self, troubles: Troubles) -> None:
        """Raises `AlarmFailed` where it certainly did not go out; where nobody knows, it counts as told."""
        line, text = sentences(self._team, troubles)
        message = OutboundMessage(
            message_id=f"<alarm.{secrets.token_hex(12)}@{self._sender.rpartition('@')[2]}>",
            sender=Mailbox("supportbot", self._sender),
            to=self._to,
            subject=line[:MAX_SUBJECT],
            body=text,
            date=self._now(),
            auto_submitted="auto-generated",
        )
        try:
            self._sink.send(self._sender, self._to, compose(message))
        except UncertainDelivery:
            return
        except DeliveryError as error:
            raise AlarmFailed(f"the second mail server: {error}") from error
        finally:
            self._sink.close()

    def probe(self) -> None:
        """Connect and log in; nothing is sent."""
        try:
            self._sink.probe()
        except DeliveryError as error:
            raise AlarmFailed(f"the second mail server: {error}") from error

    def close(self) -> None:
        """Let the connection go."""
        self._sink.close()


def _words(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return "no such host"
    return getattr(error, "strerror", None) or type(error).__name__
