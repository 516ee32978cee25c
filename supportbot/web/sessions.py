"""Who is signed in: sessions kept on the server, the form token bound to each, and the brake on guessing (ASVS 3.3, 3.5, 7).

The browser holds 256 random bits, new at every sign-in; the database holds their digest. So a session ends everywhere at once,
for every console of the database, and neither a copied database nor a secret of ours lets anybody in.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from supportbot.clock import Clock
from supportbot.store import Counter, SessionRow, Store, Transaction

IDLE_TIMEOUT = timedelta(hours=1)
ABSOLUTE_TIMEOUT = timedelta(hours=12)
SEEN_AGAIN_AFTER = timedelta(minutes=5)  # "last seen" is exact to this, so that not every request is a write

FAILURE_WINDOW = timedelta(minutes=15)
FAILURES_PER_KEY = 5
FAILURES_PER_ADDRESS = 30
_LONGEST_BROWSER = 200  # characters of a browser's description of itself


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of one person. `id` names it and opens nothing; `form_token` is what its forms carry."""

    id: str
    name: str
    began: datetime
    seen: datetime
    form_token: str


class Sessions:
    """Begins, reads and ends sessions."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def begin(self, name: str, *, by: str = "password", browser: str = "", earlier: str | None = None) -> str:
        """What a browser holds from now on, for a person who has just proved who they are. The session of `earlier`, which it
        held before, is over."""
        secret, now = secrets.token_urlsafe(32), self._clock.now()
        with self._store.transaction() as tx:
            if (before := tx.session(earlier or "")) is not None:
                tx.end_session(before.digest, name=before.name)
            described = "".join(c for c in browser if c.isprintable())[:_LONGEST_BROWSER]
            tx.begin_session(secret, name, proved_by=by, browser=described, too_old=now - ABSOLUTE_TIMEOUT)
            tx.sweep_tries(FAILURE_WINDOW)
        return secret

    def read(self, tx: Transaction, secret: str | None) -> Session | None:
        """The session that a browser's secret opens; None where it is none of ours, ended, idle for too long or too old."""
        row = tx.session(secret) if secret else None
        if secret is None or row is None or not self.is_fresh(row):
            return None
        token = hmac.new(secret.encode("utf-8", "replace"), b"form", hashlib.sha256).hexdigest()
        return Session(row.digest, row.name, row.began_at, row.seen_at, token)

    def is_fresh(self, row: SessionRow) -> bool:
        """Whether a session is neither idle for too long nor too old."""
        now = self._clock.now()
        return now - row.seen_at <= IDLE_TIMEOUT and now - row.began_at <= ABSOLUTE_TIMEOUT

    def touch(self, session: Session) -> None:
        """The person is here now: write that down, where it was not lately."""
        if self._clock.now() - session.seen > SEEN_AGAIN_AFTER:
            with self._store.transaction() as tx:
                tx.saw_session(session.id)

    def stands(self, session: Session) -> bool:
        """Whether a session that was read a while ago was not ended since."""
        with self._store.snapshot() as tx:
            return tx.session_stands(session.id)

    def end(self, session: Session) -> None:
        """Sign out."""
        with self._store.transaction() as tx:
            tx.end_session(session.id, name=session.name)

    def csrf_token(self, session: Session) -> str:
        """The token that every form of this session carries."""
        return session.form_token

    def csrf_fits(self, session: Session, token: str) -> bool:
        """Whether a form was made for this session."""
        return bool(session.form_token) and hmac.compare_digest(session.form_token.encode(), token.encode("utf-8", "replace"))


class SignInBrake:
    """Counts tries to sign in by name, by address and by both, for all consoles of a database, and says when to wait (ASVS
    6.3.1). A try is counted before it is made: of a hundred at one moment, no more are made than of a hundred in a row."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def take(self, name: str, address: str) -> int:
        """Count a try, which may then be made; or how many seconds this name, from this address, has to wait first."""
        counters = _counters(name, address)
        with self._store.snapshot() as tx:  # who has to wait anyway writes nothing
            wait = tx.must_wait(counters, FAILURE_WINDOW)
        if wait <= 0:
            with self._store.transaction() as tx:
                wait = tx.count_try(counters, FAILURE_WINDOW)
        return int(wait) + 1 if wait > 0 else 0

    def waits(self, name: str, address: str) -> bool:
        """Whether this name, from this address, has to wait before the next try."""
        with self._store.snapshot() as tx:
            return tx.must_wait(_counters(name, address), FAILURE_WINDOW) > 0

    def succeeded(self, name: str, address: str) -> None:
        """The try that was counted last was a good one: it counts no more, and this name starts anew from this address."""
        both, *others = _counters(name, address)
        with self._store.transaction() as tx:
            tx.forgive_try(both, all_of_them=True)
            for counter in others:
                tx.forgive_try(counter, all_of_them=False)


def _counters(name: str, address: str) -> Sequence[Counter]:
    folded = name.casefold()
    return (
        Counter(f"both\n{folded}\n{address}", FAILURES_PER_KEY),
        Counter(f"address\n{address}", FAILURES_PER_ADDRESS),
        Counter(f"name\n{folded}", FAILURES_PER_ADDRESS),
    )
