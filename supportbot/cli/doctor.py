"""doctor: every part of the service is tried once, and each fault comes with what to do about it.

Nothing is changed, so it may be asked at any time, also while the service runs. The alerts of deploy/ send people here.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

import typer

from supportbot import autopilot
from supportbot.app import build_house, open_alarms, open_mailbox, open_sink, open_store
from supportbot.checkup import Finding, backups, certificate, consent, disk, kept, say
from supportbot.cli.common import NEEDS_PERSON, ConfigOption, JsonOption, emit, settings_of, table
from supportbot.clock import SystemClock
from supportbot.config import DEMO_HOST
from supportbot.errors import NoTables, SupportbotError
from supportbot.judgement import House
from supportbot.rollout import is_activated
from supportbot.rulecheck import check
from supportbot.settings import MailboxSettings, Settings
from supportbot.store import Store

T = TypeVar("T")


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
        yield Finding("rules and templates hold their own examples", not problems, detail, say(problems, "mend the files"))
    yield from examine_surroundings(settings, house)


def examine_surroundings(settings: Settings, house: House | None) -> Iterator[Finding]:
    """What lies around the rules: disk, database, mailboxes, outgoing mail, what is kept, backups."""
    yield disk(settings)
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
            yield from kept(store, settings, SystemClock().now())
            if house:
                yield from _rules(store, house, settings)
    finally:
        if store:
            store.close()
    yield backups(settings, SystemClock().now())
    yield from _alarms(settings)


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
        yield from consent(name, mailbox, SystemClock().now())
        yield from certificate(name, source.certificate_ends(), mailbox.security, SystemClock().now())
        if store:
            with store.snapshot() as tx:
                read = tx.positions(mailbox.name)
            behind = source.measure(read)
            remedy = "see that `supportbot run` runs, and what its log says of this mailbox"
            yield Finding(
                f"{name}, read so far",
                behind < settings.alarm.lag,
                f"{behind} mails are not fetched yet",
                say(behind >= settings.alarm.lag, remedy),
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
        yield from consent("outgoing mail", settings.smtp, SystemClock().now())
        yield from certificate("outgoing mail", sink.certificate_ends(), settings.smtp.security, SystemClock().now())
    finally:
        sink.close()


def _rules(store: Store, house: House, settings: Settings) -> Iterator[Finding]:
    with store.snapshot() as tx:
        live = is_activated(tx, house.rulebook.sha256)
    word = "were activated by a person" if live else "were not activated: a service that runs keeps those it started with"
    yield Finding("rules in force", True, f"rules {house.rulebook.sha256[:12]} {word}")
    for pair in settings.autopilot:
        if unknown := autopilot.unknown_in(pair, house.rulebook, house.templates):
            yield Finding(f"autopilot, {pair}", False, unknown, "name a template and a rule that exist, or take it out")


def _alarms(settings: Settings) -> Iterator[Finding]:
    """Whether a second channel is there, and lets us in; `supportbot alarm test` sends something through it."""
    channels, found = open_alarms(settings, SystemClock()), list[Finding]()
    if not channels:
        yield Finding("alarms", True, "`alarm` names no second channel: trouble is seen by whoever looks")
    for channel in channels:
        try:
            _tried(found, f"alarms, {channel.name}", channel.probe, "answers; `supportbot alarm test` sends one")
        finally:
            channel.close()
    yield from found
