"""What can be told of a service without asking a server: disk, clock, what waits for a person, consents, retention, backups.

`doctor` asks it once, a running service all the time (`jobs/watch.py`): both say the same words, and the remedy beside them.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from supportbot import autopilot
from supportbot.errors import StoreError
from supportbot.settings import MailboxSettings, Settings, SmtpSettings
from supportbot.store import Store, Transaction

COUNTDOWN_DAYS = 14  # to the end of a certificate or a consent
_BACKUP_AGE = _RETENTION_AGE = timedelta(days=2)
_LONG_PAUSE = timedelta(days=45)
_CLOCK_STEP = timedelta(minutes=5)
_MANY = 200
_RECORD_LINKS = 500  # of the newest, looked at while the service runs


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what, how it is, and what to do where it is not well."""

    check: str
    ok: bool
    detail: str
    remedy: str = ""


def say(fault: object, remedy: str) -> str:
    """The remedy where there is a fault."""
    return remedy if fault else ""


def free_megabytes(settings: Settings) -> tuple[int, Path] | None:
    """What is free on the disk of a SQLite database, and the folder asked for; None for PostgreSQL."""
    if not settings.database.startswith("sqlite"):
        return None
    folder = Path(settings.database.removeprefix("sqlite:///")).absolute().parent
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free // 1_000_000, folder


def disk(settings: Settings) -> Finding:
    """Whether the disk has room."""
    found = free_megabytes(settings)
    if found is None:
        return Finding("disk", True, "PostgreSQL's disk is seen to where PostgreSQL runs")
    free, folder = found
    enough = free >= settings.limits.free_megabytes
    remedy = "free some space; mail stays in the mailbox meanwhile, nothing is lost"
    return Finding("disk", enough, f"{free:,} MB are free in {folder}", say(not enough, remedy))


def consent(name: str, server: MailboxSettings | SmtpSettings, now: datetime) -> Iterator[Finding]:
    """The countdown to the day on which a token endpoint stops to give tokens."""
    if server.auth == "password":
        return
    if server.oauth.ends is None:
        yield Finding(f"{name}, consent", True, "`oauth.ends` names no day, so nobody is warned before it ends")
        return
    days = (server.oauth.ends - now.date()).days
    remedy = "renew the secret or the consent with the provider, and set `oauth.ends` to its new day"
    soon = days < COUNTDOWN_DAYS
    yield Finding(f"{name}, consent", not soon, f"ends in {days} days" if days >= 0 else "has ended", say(soon, remedy))


def certificate(name: str, ends: datetime | None, security: str, now: datetime) -> Iterator[Finding]:
    """The countdown to the end of a server's certificate."""
    if ends is None or security == "none":
        return
    days = (ends - now).days
    remedy = "have the server's certificate renewed; from that day on no mail comes or goes"
    yield Finding(f"{name}, certificate", days >= COUNTDOWN_DAYS, f"ends in {days} days", say(days < COUNTDOWN_DAYS, remedy))


def consents(settings: Settings, now: datetime) -> Iterator[Finding]:
    """The countdown of every consent."""
    for mailbox in settings.mailboxes:
        yield from consent(f"mailbox {mailbox.name}", mailbox, now)
    yield from consent("outgoing mail", settings.smtp, now)


def kept(store: Store, settings: Settings, now: datetime) -> Iterator[Finding]:
    """What the tables say. Raises `StoreError`."""
    with store.snapshot() as tx:
        yield clock(tx, now)
        parked, held = len(tx.outbox(state="uncertain", limit=_MANY)), len(tx.quarantined(limit=_MANY))
        yield _waiting(parked, "mails that may have gone out", "settle each in the console, under Outbox")
        yield _waiting(held, "mails held in quarantine", "`supportbot quarantine list`, then show, retry or release")
        yield _stuck(tx)
        yield _record(tx)
        yield _retention(tx, settings, now)
        stopped = autopilot.is_stopped(tx)
        pairs = len(settings.autopilot)
        yield Finding(
            "autopilot", True, "stopped by a person" if stopped else f"{pairs} pair(s) of template and rule may go alone"
        )


def clock(tx: Transaction, now: datetime) -> Finding:
    """Whether the clock runs behind what was written down already."""
    newest = tx.audit_rows(limit=1)
    ahead = newest[0].at - now if newest else timedelta(0)
    wrong = ahead > _CLOCK_STEP
    detail = f"the newest entry of the record lies {ahead} in the future" if wrong else "does not run behind the record"
    return Finding("clock", not wrong, detail, say(wrong, "set the machine's clock, and let NTP keep it"))


def _waiting(number: int, what: str, remedy: str) -> Finding:
    return Finding(what, not number, f"{number} or more" if number == _MANY else str(number), say(number, remedy))


def _stuck(tx: Transaction) -> Finding:
    """Approved mail that the mail server did not take, and is offered again."""
    tried, said = tx.offered_again()
    remedy = "see what `supportbot doctor` says of outgoing mail; they are tried again by themselves, ever more slowly"
    detail = f"{tried}: {said}" if tried else "0"
    return Finding("mails that the mail server did not take yet", not tried, detail, say(tried, remedy))


def _record(tx: Transaction) -> Finding:
    """Whether the newest part of the audit log is whole; `supportbot audit verify` proves all of it."""
    problems = tx.verify_audit(newest=_RECORD_LINKS)
    remedy = "somebody changed the database by hand: keep it as it is, `supportbot audit verify`, compare with a backup"
    return Finding("record", not problems, problems[0] if problems else "its newest entries are whole", say(problems, remedy))


def _retention(tx: Transaction, settings: Settings, now: datetime) -> Finding:
    if not settings.retention.nightly:
        return Finding("retention", True, "not by itself: `supportbot retention run`")
    last = tx.last_retention()
    late = last is not None and now - last > _RETENTION_AGE
    detail = f"done last {last:%Y-%m-%d %H:%M} UTC" if last else "not done yet; the service does it within a day"
    remedy = "see that `supportbot run` runs, and what its log says"
    if after_long_pause(last, now):
        remedy = (
            "after so long nothing is erased unasked: is the clock right? then `supportbot retention run --dry-run`, and run it"
        )
    return Finding("retention", not late, detail, say(late, remedy))


def after_long_pause(last: datetime | None, now: datetime) -> bool:
    """Whether retention was done last so long ago that the clock may be wrong: then a person runs it (I16)."""
    return last is not None and now - last > _LONG_PAUSE


def backups(settings: Settings, now: datetime) -> Finding:
    """How old the newest backup is, where the folder is known."""
    folder = settings.retention.backups
    remedy = "have `supportbot db backup` run every night"
    if folder is None:
        return Finding("backups", True, "`retention.backups` names no folder, so their age is not known")
    try:
        files = [path.stat().st_mtime for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    except OSError as error:
        return Finding("backups", False, f"{folder} cannot be read: {error.strerror}", "let supportbot read that folder")
    if not files:
        return Finding("backups", False, f"there is none in {folder}", remedy)
    age = timedelta(seconds=now.timestamp() - max(files))
    old = age > _BACKUP_AGE
    return Finding("backups", not old, f"the newest is {age.days} days and {age.seconds // 3600} hours old", say(old, remedy))


def troubles(store: Store, settings: Settings, now: datetime) -> list[Finding]:
    """Everything of the above that is not well now; where the database does not answer, that first."""
    found = [disk(settings), *consents(settings, now), backups(settings, now)]
    try:
        found += kept(store, settings, now)
        found.append(schema(store))
    except StoreError as error:
        remedy = "nothing is lost, mail waits in the mailbox; it goes on by itself as soon as the database answers"
        found.insert(0, Finding("database", False, str(error), remedy))
    return [one for one in found if not one.ok]


def schema(store: Store) -> Finding:
    """Whether another version of supportbot has changed the tables under this one. Raises `StoreError`."""
    other = store.other_schema()
    remedy = "stop this supportbot, and start the version that made the change"
    detail = f"the database has the schema {other} now, which is not of this version" if other else "the schema of this version"
    return Finding("schema", other is None, detail, say(other, remedy))
