"""doctor: every part of the service is tried once, and each fault comes with what to do about it.

Nothing is changed, so it may be asked at any time, also while the service runs. The alerts of deploy/ send people here.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import typer

from supportbot import autopilot
from supportbot.app import build_house, open_mailbox, open_sink, open_store
from supportbot.cli.common import NEEDS_PERSON, ConfigOption, JsonOption, emit, settings_of, table
from supportbot.clock import SystemClock
from supportbot.config import DEMO_HOST
from supportbot.errors import NoTables, SupportbotError
from supportbot.judgement import House
from supportbot.rollout import is_activated
from supportbot.rulecheck import check
from supportbot.settings import MailboxSettings, Settings, SmtpSettings
from supportbot.store import Store, Transaction

T = TypeVar("T")

_CERTIFICATE_DAYS = 14
_BACKUP_AGE = _RETENTION_AGE = timedelta(days=2)
_CLOCK_STEP = timedelta(minutes=5)
_LAG = 100  # mails in a mailbox; a backlog of this size is worth a look


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what, how it is, and what to do where it is not well."""

    check: str
    ok: bool
    detail: str
    remedy: str = ""


def doctor(json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    """Example: supportbot doctor --config config.yaml"""
    findings = list(examine(lambda: settings_of(config)))
    if json_lines:
        for one in findings:
            emit({"check": one.check, "ok": one.ok, "detail": one.detail, "remedy": one.remedy})
    else:
        rows = ((one.check, "ok" if one.ok else "FAILS", f"{one.detail}{one.remedy and f'; {one.remedy}'}") for one in findings)
        table("Doctor", ("check", "", "detail"), rows, empty="")
    if not all(one.ok for one in findings):
        raise typer.Exit(NEEDS_PERSON)


def examine(read_settings: Callable[[], Settings]) -> Iterator[Finding]:
    """Every check that can be made, in the order in which faults should be mended."""
    found: list[Finding] = []
    settings = _tried(found, "configuration", read_settings, "every key is understood")
    yield from found
    if settings is None:
        return
    found = []
    house = _tried(found, "rules, templates, language, model", lambda: build_house(settings), "all load")
    yield from found
    if house:
        problems = [*check(house.rulebook), *house.templates.check_samples()]
        detail = "; ".join(map(str, problems[:5])) or "all do"
        yield Finding("rules and templates hold their own examples", not problems, detail, _say(problems, "mend the files"))
    yield from examine_surroundings(settings, house)


def examine_surroundings(settings: Settings, house: House | None) -> Iterator[Finding]:
    """What lies around the rules: disk, database, mailboxes, outgoing mail, what is kept, backups."""
    yield _disk(settings)
    found: list[Finding] = []
    try:
        store = _tried(found, "database and its schema", lambda: open_store(settings, create=False), _place(settings))
    except NoTables:
        store = None
        yield Finding("database and its schema", True, "not made yet: the first start, or `supportbot db upgrade`, makes it")
    yield from found
    try:
        for mailbox in settings.mailboxes:
            yield from _mailbox(mailbox, settings, store)
        yield from _outgoing(settings)
        if store:
            yield from _kept(store, settings, house)
    finally:
        if store:
            store.close()
    yield from _backups(settings)


def _say(fault: object, remedy: str) -> str:
    return remedy if fault else ""


def _place(settings: Settings) -> str:
    return settings.database.split("@")[-1]


def _tried(found: list[Finding], name: str, action: Callable[[], T], fine: str) -> T | None:
    """Do it; a fault of ours becomes a finding, whose words say what to do."""
    try:
        result = action()
    except NoTables:
        raise
    except SupportbotError as error:
        found.append(Finding(name, False, str(error)))
        return None
    found.append(Finding(name, True, fine))
    return result


def _disk(settings: Settings) -> Finding:
    if not settings.database.startswith("sqlite"):
        return Finding("disk", True, "PostgreSQL's disk is seen to where PostgreSQL runs")
    folder = Path(settings.database.removeprefix("sqlite:///")).absolute().parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free // 1_000_000
    enough = free >= settings.limits.free_megabytes
    remedy = "free some space; mail stays in the mailbox meanwhile, nothing is lost"
    return Finding("disk", enough, f"{free:,} MB are free in {folder}", _say(not enough, remedy))


def _mailbox(mailbox: MailboxSettings, settings: Settings, store: Store | None) -> Iterator[Finding]:
    name = f"mailbox {mailbox.name}"
    if mailbox.host == DEMO_HOST:
        yield Finding(name, True, "the embedded demo mailbox; `supportbot demo` works it")
        return
    source, found = open_mailbox(mailbox, settings), list[Finding]()
    try:
        _tried(found, name, source.probe, f"{mailbox.host}:{mailbox.port} lets us in")
        yield from found
        if not found[0].ok:
            return
        yield from _consent(name, mailbox)
        yield from _certificate(name, source.certificate_ends(), mailbox.security)
        if store:
            with store.snapshot() as tx:
                read = tx.positions(mailbox.name)
            behind = source.measure(read)
            remedy = "see that `supportbot run` runs, and what its log says of this mailbox"
            yield Finding(
                f"{name}, read so far", behind < _LAG, f"{behind} mails are not fetched yet", _say(behind >= _LAG, remedy)
            )
    except SupportbotError as error:
        yield Finding(name, False, str(error))
    finally:
        source.close()


def _outgoing(settings: Settings) -> Iterator[Finding]:
    if settings.smtp.host == DEMO_HOST:
        return
    sink, found = open_sink(settings), list[Finding]()
    try:
        _tried(found, "outgoing mail", sink.probe, f"{settings.smtp.host}:{settings.smtp.port} lets us in")
        yield from found
        yield from _consent("outgoing mail", settings.smtp)
        yield from _certificate("outgoing mail", sink.certificate_ends(), settings.smtp.security)
    finally:
        sink.close()


def _consent(name: str, server: MailboxSettings | SmtpSettings) -> Iterator[Finding]:
    """The countdown to the day on which a token endpoint stops to give tokens."""
    if server.auth == "password":
        return
    if server.oauth.ends is None:
        yield Finding(f"{name}, consent", True, "`oauth.ends` names no day, so nobody is warned before it ends")
        return
    days = (server.oauth.ends - SystemClock().now().date()).days
    remedy = "renew the secret or the consent with the provider, and set `oauth.ends` to its new day"
    yield Finding(f"{name}, consent", days >= _CERTIFICATE_DAYS, f"ends in {days} days", _say(days < _CERTIFICATE_DAYS, remedy))


def _certificate(name: str, ends: datetime | None, security: str) -> Iterator[Finding]:
    if ends is None or security == "none":
        return
    days = (ends - SystemClock().now()).days
    remedy = "have the server's certificate renewed; from that day on no mail comes or goes"
    yield Finding(
        f"{name}, certificate", days >= _CERTIFICATE_DAYS, f"ends in {days} days", _say(days < _CERTIFICATE_DAYS, remedy)
    )


def _kept(store: Store, settings: Settings, house: House | None) -> Iterator[Finding]:
    """What the tables say: of the clock, of mail that waits for a person, of retention, of rules and autopilot."""
    with store.snapshot() as tx:
        yield _clock(tx)
        counts = tx.counts()
        yield _waiting(counts, "outbox_uncertain", "mails that may have gone out", "settle each in the console, under Outbox")
        yield _waiting(
            counts, "quarantine_held", "mails held in quarantine", "`supportbot quarantine list`, then show, retry or release"
        )
        yield _retention(tx, settings)
        if house:
            live = is_activated(tx, house.rulebook.sha256)
            word = (
                "were activated by a person" if live else "were not activated: a service that runs keeps those it started with"
            )
            yield Finding("rules in force", True, f"rules {house.rulebook.sha256[:12]} {word}")
            for pair in settings.autopilot:
                if unknown := autopilot.unknown_in(pair, house.rulebook, house.templates):
                    yield Finding(f"autopilot, {pair}", False, unknown, "name a template and a rule that exist, or take it out")
        stopped = autopilot.is_stopped(tx)
        pairs = len(settings.autopilot)
        yield Finding(
            "autopilot", True, "stopped by a person" if stopped else f"{pairs} pair(s) of template and rule may go alone"
        )


def _clock(tx: Transaction) -> Finding:
    newest = tx.audit_rows(limit=1)
    ahead = newest[0].at - SystemClock().now() if newest else timedelta(0)
    wrong = ahead > _CLOCK_STEP
    detail = f"the newest entry of the record lies {ahead} in the future" if wrong else "does not run behind the record"
    return Finding("clock", not wrong, detail, _say(wrong, "set the machine's clock, and let NTP keep it"))


def _waiting(counts: dict[str, int], name: str, what: str, remedy: str) -> Finding:
    number = counts.get(name, 0)
    return Finding(what, not number, str(number), _say(number, remedy))


def _retention(tx: Transaction, settings: Settings) -> Finding:
    if not settings.retention.nightly:
        return Finding("retention", True, "not by itself: `supportbot retention run`")
    last = tx.last_retention()
    late = last is not None and SystemClock().now() - last > _RETENTION_AGE
    detail = f"done last {last:%Y-%m-%d %H:%M} UTC" if last else "not done yet; the service does it within a day"
    return Finding("retention", not late, detail, _say(late, "see that `supportbot run` runs, and what its log says"))


def _backups(settings: Settings) -> Iterator[Finding]:
    folder = settings.retention.backups
    remedy = "have `supportbot db backup` run every night"
    if folder is None:
        yield Finding("backups", True, "`retention.backups` names no folder, so their age is not known")
        return
    files = [path.stat().st_mtime for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    if not files:
        yield Finding("backups", False, f"there is none in {folder}", remedy)
        return
    age = timedelta(seconds=SystemClock().now().timestamp() - max(files))
    old = age > _BACKUP_AGE
    yield Finding("backups", not old, f"the newest is {age.days} days and {age.seconds // 3600} hours old", _say(old, remedy))
