"""Who is signed in where, as rows that can be ended from anywhere; and how often somebody tried, counted before each try."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from supportbot.store.access_tables import sessions, sign_in_tries
from supportbot.store.people import People


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One sign-in of one person. `digest` names it, and opens nothing."""

    digest: str
    name: str
    began_at: datetime
    seen_at: datetime
    proved_by: str
    browser: str


@dataclass(frozen=True, slots=True)
class Counter:
    """What tries are counted by, and how many it takes within the window before one has to wait."""

    key: str
    most: int


_SESSION = select(*(sessions.c[name] for name in SessionRow.__dataclass_fields__))


def digest_of(secret: str) -> str:
    """How a random secret is kept: it has 128 bits or more, so that no slow hash is needed."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


class SessionBook(People):
    """Sessions, and tries to get one."""

    def begin_session(self, secret: str, name: str, *, proved_by: str, browser: str, too_old: datetime) -> SessionRow:
        """The session of a person who has just proved who they are; sessions that began before `too_old` are swept away."""
        self._write(delete(sessions).where(sessions.c.began_at < too_old))
        now = self._clock.now()
        row = SessionRow(digest_of(secret), name, now, now, proved_by, browser)
        self._write(sessions.insert(), {field: getattr(row, field) for field in SessionRow.__dataclass_fields__})
        self.audit(name, "console.sign_in", name, {"by": proved_by})
        return row

    def session(self, secret: str) -> SessionRow | None:
        """The session that a browser's secret opens, however old."""
        row = self._first(_SESSION.where(sessions.c.digest == digest_of(secret)))
        return None if row is None else SessionRow(*row)

    def session_stands(self, digest: str) -> bool:
        """Whether a session was not ended meanwhile."""
        return self._first(select(sessions.c.digest).where(sessions.c.digest == digest)) is not None

    def sessions_of(self, name: str) -> list[SessionRow]:
        """A person's sessions, the one used last first."""
        query = _SESSION.where(sessions.c.name == name).order_by(sessions.c.seen_at.desc(), sessions.c.digest)
        return [SessionRow(*row) for row in self._all(query)]

    def saw_session(self, digest: str) -> None:
        """The person is here now."""
        self._write(update(sessions).where(sessions.c.digest == digest).values(seen_at=self._clock.now()))

    def end_session(self, digest: str, *, name: str) -> bool:
        """End one session of this person; whether there was one."""
        return self._write(delete(sessions).where(sessions.c.digest == digest, sessions.c.name == name)) == 1

    def end_sessions(self, name: str, *, by: str, but: str = "") -> int:
        """End all sessions of a person, but for one; how many that were."""
        ended = self._write(delete(sessions).where(sessions.c.name == name, sessions.c.digest != but))
        if ended:
            self.audit(by, "end_sessions", f"user {name}", {"ended": ended})
        return ended

    def must_wait(self, counters: Sequence[Counter], window: timedelta) -> float:
        """Seconds to wait before the next try; 0: none. Counts nothing."""
        now, waits = self._clock.now(), [0.0]
        for counter in counters:
            row = self._first(
                select(sign_in_tries.c.began_at, sign_in_tries.c.tries).where(sign_in_tries.c.key == digest_of(counter.key))
            )
            if row is not None and row[1] >= counter.most:
                waits.append((row[0] + window - now).total_seconds())
        return max(waits)

    def count_try(self, counters: Sequence[Counter], window: timedelta) -> float:
        """Count a try before it is made; seconds to wait where it is one too many, so that it must not be made; else 0.

        One statement counts and answers, so that of any number of tries at one moment no more than `most` get through.
        """
        now, waits = self._clock.now(), [0.0]
        make = sqlite.insert(sign_in_tries) if self._dialect == "sqlite" else postgresql.insert(sign_in_tries)
        tried = sign_in_tries.c
        over = tried.began_at <= now - window
        count = make.on_conflict_do_update(
            index_elements=["key"],
            set_={"tries": case((over, 1), else_=tried.tries + 1), "began_at": case((over, now), else_=tried.began_at)},
        ).returning(tried.tries, tried.began_at)
        for counter in counters:
            row = self._first(count.values(key=digest_of(counter.key), began_at=now, tries=1))
            if row[0] > counter.most:
                waits.append((row[1] + window - now).total_seconds())
        return max(waits)

    def forgive_try(self, counter: Counter, *, all_of_them: bool) -> None:
        """A counted try was a good one: take it back, or all of this counter."""
        this = sign_in_tries.c.key == digest_of(counter.key)
        if all_of_them:
            self._write(delete(sign_in_tries).where(this))
        else:
            self._write(update(sign_in_tries).where(this, sign_in_tries.c.tries > 0).values(tries=sign_in_tries.c.tries - 1))

    def sweep_tries(self, window: timedelta) -> None:
        """Forget counters whose window is over."""
        self._write(delete(sign_in_tries).where(sign_in_tries.c.began_at <= self._clock.now() - window))
