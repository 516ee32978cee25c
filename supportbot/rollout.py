"""Edited rules go live without a restart, and only after a green replay; a broken edit changes nothing and says so.

    edit the folder --watch--> broken: the old rules stay, with the first mistake's file, line and key
                               valid, not activated: the old rules stay until `supportbot rules activate`
                               activated: the next message is decided by them

An activation is a link of the audit log: which rule set, by whom, over how much mail it was replayed, what changed.
"""

from collections.abc import Callable
from pathlib import Path

import structlog

from supportbot.errors import RulebookError, SupportbotError
from supportbot.judgement import House
from supportbot.rulebook import load_rulebook
from supportbot.store import Store, Transaction

log = structlog.get_logger()

ACTIVATED, KEPT_OLD = "rules activated", "rules kept"


def _subject(sha256: str) -> str:
    return f"rules {sha256}"


def is_activated(tx: Transaction, sha256: str) -> bool:
    """Whether a person has activated this rule set."""
    return any(row.action == ACTIVATED for row in tx.audit_rows(subject=_subject(sha256), limit=20))


def activated_by(tx: Transaction, sha256: str) -> tuple[str, str] | None:
    """Who has activated this rule set last, and when (UTC); None where nobody has."""
    found = next((row for row in tx.audit_rows(subject=_subject(sha256), limit=20) if row.action == ACTIVATED), None)
    return None if found is None else (found.actor, f"{found.at:%Y-%m-%d %H:%M} UTC")


def activate(tx: Transaction, sha256: str, *, by: str, replayed: int, changed: int, reason: str) -> None:
    """Let a rule set go live. `changed` decisions were listed to the person, who gives a `reason` where there are any."""
    tx.audit(by, ACTIVATED, _subject(sha256), {"replayed": replayed, "changed": changed, "reason": reason})


class RuleWatch:
    """Looks at the folder of rules whenever it is asked, and says what it found. One thread asks."""

    def __init__(self, folder: Path, store: Store, build: Callable[[], House]) -> None:
        self._folder, self._store, self._build = folder, store, build
        self._seen = marks_of(self._folder)
        self._said: str | None = None
        self._waiting = False

    def look(self, present: House) -> tuple[House, str | None]:
        """The house to work with from now on, and why the edited rules do not count yet; None where they do."""
        marks = marks_of(self._folder)
        if marks == self._seen and not self._waiting:
            return present, self._said
        self._seen = marks
        found, why_not = self._take(present)
        self._waiting = why_not is not None
        if why_not != self._said and why_not:
            log.warning("edited rules do not count yet", reason=why_not)
        self._said = why_not
        return found, why_not

    def _take(self, present: House) -> tuple[House, str | None]:
        try:
            edited = load_rulebook(self._folder)
        except RulebookError as error:
            self._note(present, str(error.findings[0]))
            return present, f"the edited rules are broken, the old ones stay in force: {error.findings[0]}"
        if edited.sha256 == present.rulebook.sha256:
            return present, None
        with self._store.snapshot() as tx:
            live = is_activated(tx, edited.sha256)
        if not live:
            short = edited.sha256[:12]
            return (
                present,
                f"edited rules {short} wait for a green replay, the old ones stay: supportbot rules activate",
            )
        try:
            house = self._build()
        except SupportbotError as error:
            return present, f"the edited rules cannot be used, the old ones stay in force: {error}"
        log.info("edited rules are in force", rules=house.rulebook.sha256[:12])
        return house, None

    def _note(self, present: House, mistake: str) -> None:
        with self._store.transaction() as tx:
            subject = _subject(present.rulebook.sha256)
            newest = tx.audit_rows(subject=subject, limit=1)
            if not newest or newest[0].data.get("mistake") != mistake:
                tx.audit("supportbot", KEPT_OLD, subject, {"mistake": mistake})


def marks_of(folder: Path) -> frozenset[tuple[str, int, int]]:
    """Name, time and size of every rule file: cheap to compare, and any edit changes them."""
    marks = set()
    for path in folder.glob("*/*.yaml"):
        try:
            state = path.stat()
        except OSError:
            continue  # it went away meanwhile; the next look sees the folder without it
        marks.add((str(path), state.st_mtime_ns, state.st_size))
    return frozenset(marks)
