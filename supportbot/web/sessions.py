"""Who is signed in: signed session tokens, the CSRF token bound to each, and the brake on guessing (ASVS 3.3, 3.5, 7)."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from supportbot.clock import Clock

IDLE_TIMEOUT = timedelta(hours=1)
ABSOLUTE_TIMEOUT = timedelta(hours=12)
RENEW_AFTER = timedelta(minutes=5)  # how stale "last seen" may get before the cookie is written again

FAILURE_WINDOW = timedelta(minutes=15)
FAILURES_PER_KEY = 5
FAILURES_PER_ADDRESS = 30
_MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of one person. `id` is 256 random bits, new at every sign-in."""

    id: str
    name: str
    began: datetime
    seen: datetime


class Sessions:
    """Issues and reads session tokens: `payload.signature`, HMAC-SHA-256 over the console's secret."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        if len(secret) < 16:
            raise ValueError("the session secret needs at least 16 bytes")
        self._secret = secret
        self._clock = clock
        self._ended: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def begin(self, name: str) -> str:
        """A token for a person who has just signed in."""
        now = self._clock.now()
        return self._token(Session(id=secrets.token_urlsafe(32), name=name, began=now, seen=now))

    def read(self, token: str | None) -> Session | None:
        """The session of a token; None where it is forged, ended, idle for too long or too old."""
        payload, dot, signature = (token or "").partition(".")
        if not dot or not hmac.compare_digest(self._sign("session", payload).encode(), signature.encode()):
            return None
        session = _decode(payload)
        now = self._clock.now()
        if session is None or now - session.seen > IDLE_TIMEOUT or now - session.began > ABSOLUTE_TIMEOUT:
            return None
        with self._lock:
            return None if session.id in self._ended else session

    def renew(self, session: Session) -> str | None:
        """A token that says the person was here now; None while the one in use says so well enough."""
        now = self._clock.now()
        return self._token(replace(session, seen=now)) if now - session.seen > RENEW_AFTER else None

    def end(self, session: Session) -> None:
        """Sign out: no token of this session is believed again."""
        now = self._clock.now()
        with self._lock:
            self._ended = {id_: began for id_, began in self._ended.items() if now - began <= ABSOLUTE_TIMEOUT}
            self._ended[session.id] = session.began

    def csrf_token(self, session: Session) -> str:
        """The token that every form of this session carries."""
        return self._sign("csrf", session.id)

    def csrf_fits(self, session: Session, token: str) -> bool:
        """Whether a form was made for this session."""
        return hmac.compare_digest(self.csrf_token(session).encode(), token.encode())

    def seal(self, purpose: str, said: Mapping[str, str], lasts: timedelta) -> str:
        """Words that a browser keeps for us, and can neither make nor change; for one purpose and for so long."""
        ends = (self._clock.now() + lasts).timestamp()
        payload = base64.urlsafe_b64encode(json.dumps([ends, dict(said)]).encode()).decode().rstrip("=")
        return f"{payload}.{self._sign(purpose, payload)}"

    def unseal(self, purpose: str, sealed: str | None) -> dict[str, str] | None:
        """The words again; None where they are not ours, were sealed for something else, or are too old."""
        payload, _, signature = (sealed or "").partition(".")
        if not hmac.compare_digest(self._sign(purpose, payload).encode(), signature.encode()):
            return None
        ends, said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return said if self._clock.now().timestamp() <= ends else None

    def _token(self, session: Session) -> str:
        said = [session.id, session.name, session.began.timestamp(), session.seen.timestamp()]
        payload = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
        return f"{payload}.{self._sign('session', payload)}"

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self._secret, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def _decode(payload: str) -> Session | None:
    try:
        id_, name, began, seen = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return Session(id=id_, name=name, began=datetime.fromtimestamp(began, UTC), seen=datetime.fromtimestamp(seen, UTC))
    except (ValueError, TypeError, binascii.Error):
        return None


class SignInBrake:
    """Counts failed sign-ins by name, by address and by both, and says when to wait (ASVS 6.3.1)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: dict[tuple[str, ...], deque[datetime]] = {}
        self._lock = threading.Lock()

    def wait_seconds(self, name: str, address: str) -> int:
        """How long this name, from this address, has to wait before the next try; 0: not at all."""
        now = self._clock.now()
        with self._lock:
            return max(self._wait(key, limit, now) for key, limit in _brake_keys(name, address))

    def failed(self, name: str, address: str) -> None:
        """Count one failed try."""
        now = self._clock.now()
        with self._lock:
            if len(self._failures) >= _MOST_KEYS:
                self._failures = {k: times for k, times in self._failures.items() if now - times[-1] < FAILURE_WINDOW}
            for key, limit in _brake_keys(name, address):
                self._failures.setdefault(key, deque(maxlen=limit)).append(now)

    def succeeded(self, name: str, address: str) -> None:
        """Forget the tries of this name from this address."""
        with self._lock:
            self._failures.pop(("both", name.casefold(), address), None)

    def _wait(self, key: tuple[str, ...], limit: int, now: datetime) -> int:
        times = self._failures.get(key)
        if times is None or len(times) < limit or now - times[0] >= FAILURE_WINDOW:
            return 0
        return int((times[0] + FAILURE_WINDOW - now).total_seconds()) + 1


def _brake_keys(name: str, address: str) -> Sequence[tuple[tuple[str, ...], int]]:
    folded = name.casefold()
    return (
        (("both", folded, address), FAILURES_PER_KEY),
        (("address", address), FAILURES_PER_ADDRESS),
        (("name", folded), FAILURES_PER_ADDRESS),
    )
