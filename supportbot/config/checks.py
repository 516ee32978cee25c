"""The checks that look at several settings together; each yields what it objects to."""

import json
import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit
from zoneinfo import available_timezones

from supportbot.config.mistakes import Location
from supportbot.config.words import SECRET, value_in_words
from supportbot.errors import UsageError
from supportbot.rulebook import default_folder, marketplaces_in
from supportbot.settings import MailboxSettings, Settings, SmtpSettings
from supportbot.store import read_key

DEMO_HOST = "demo"
SQLITE = "sqlite:///"
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_DATABASE = "sqlite:///PATH or postgresql://USER@HOST/NAME"


class Objection(NamedTuple):
    """A value that cannot stand beside the others."""

    location: Location
    found: str
    expected: str


def objections(settings: Settings) -> Iterator[Objection]:
    """All objections to settings that are right one by one."""
    for check in _CHECKS:
        yield from check(settings)


def database_fault(url: Any, *, may_hold_password: bool) -> tuple[str, str] | None:
    """What is wrong with a database URL: (found, expected), never the URL itself; None when it is right."""
    if not isinstance(url, str):
        return value_in_words(url, quote=False), _DATABASE
    if url.startswith(SQLITE):
        if url.removeprefix(SQLITE) in ("", ":memory:"):
            return "a database in memory", "the path of a file that outlives the program"
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return "a URL that cannot be read (not shown)", _DATABASE
    if parts.scheme != "postgresql" or not parts.path.strip("/"):
        return "another kind of text (not shown)", _DATABASE
    if not may_hold_password and (parts.password is not None or "password" in parse_qs(parts.query)):
        return "a URL with its password written into the file (not shown)", f"{SECRET}, with the whole URL in it"
    return None


def _tokens(server: MailboxSettings | SmtpSettings, place: Location) -> Iterator[Objection]:
    if server.auth == "password":
        return
    oauth = server.oauth
    beside = f"nothing beside `auth: {server.auth}`"
    if not _is_token_url(oauth.token_url):
        found = "text that is no https URL (not shown)" if oauth.token_url else beside
        yield Objection((*place, "oauth", "token_url"), found, "the provider's token endpoint, https://...")
    if not oauth.client_id:
        yield Objection((*place, "oauth", "client_id"), beside, "this program's registration with the provider")
    if not (oauth.client_secret.get_secret_value() or oauth.refresh_token.get_secret_value()):
        yield Objection((*place, "oauth", "refresh_token"), beside, f"{SECRET}; or `client_secret`")


def _is_token_url(url: str) -> bool:
    """Secrets are sent there: https, or a server on this machine."""
    try:
        parts = urlsplit(url)
        near = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
        plain = url.isascii() and url.isprintable() and " " not in url
        return bool((parts.scheme == "https" or near) and parts.hostname and parts.port != 0 and plain)
    except ValueError:  # a bracket or a port that is none
        return False


def _server(server: MailboxSettings | SmtpSettings, place: Location) -> Iterator[Objection]:
    if not _is_host(server.host):
        yield Objection(
            (*place, "host"), "text that is no host name (not shown)", "a host name alone, such as mail.example.com"
        )
    elif server.security == "none" and not _is_local(server.host):
        expected = "`tls` or `starttls`: passwords and mail would cross the network readable"
        yield Objection((*place, "security"), f"`none` for {server.host}", expected)
    if server.ca_file is not None and not server.ca_file.is_file():
        yield Objection((*place, "ca_file"), f"no file {server.ca_file}", "a file of certificates (PEM)")


def _is_host(host: str) -> bool:
    if _HOST.fullmatch(host):
        return True
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _is_local(host: str) -> bool:
    """Whether a connection to this host stays on this machine."""
    if host in ("localhost", DEMO_HOST):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _mailboxes(settings: Settings) -> Iterator[Objection]:
    names: set[str] = set()
    accounts: dict[tuple[str, int, str], str] = {}
    for index, mailbox in enumerate(settings.mailboxes):
        place: Location = ("mailboxes", index)
        if not mailbox.name.strip():
            yield Objection((*place, "name"), "an empty name", "a short name")
        elif mailbox.name in names:
            yield Objection((*place, "name"), f"{mailbox.name!r} a second time", "a name of its own for each mailbox")
        names.add(mailbox.name)
        yield from _server(mailbox, place)
        yield from _folders(mailbox, place)
        if mailbox.host == DEMO_HOST:
            continue
        if not mailbox.user:
            yield Objection((*place, "user"), "nothing", "the IMAP user name")
        elif (account := (mailbox.host, mailbox.port, mailbox.user)) in accounts:
            found = f"the account that mailbox {accounts[account]!r} polls already"
            yield Objection((*place, "user"), found, "each account once; its folders go into one list")
        else:
            accounts[account] = mailbox.name
        yield from _tokens(mailbox, place)
        if mailbox.auth == "password" and not mailbox.password.get_secret_value():
            yield Objection((*place, "password"), "nothing", SECRET)


def _folders(mailbox: MailboxSettings, place: Location) -> Iterator[Objection]:
    if not mailbox.folders:
        yield Objection((*place, "folders"), "an empty list", "at least one folder, such as INBOX")
    for index, folder in enumerate(mailbox.folders):
        if not folder.strip() or not folder.isprintable():
            yield Objection((*place, "folders", index), value_in_words(folder), "a folder's name")
        elif folder in mailbox.folders[:index]:
            yield Objection((*place, "folders", index), f"{folder!r} a second time", "each folder once")
    if mailbox.done != "move":
        return
    if not mailbox.done_folder.strip() or not mailbox.done_folder.isprintable():
        yield Objection((*place, "done_folder"), value_in_words(mailbox.done_folder), "a folder's name")
    elif mailbox.done_folder in mailbox.folders:
        yield Objection(
            (*place, "done_folder"), f"{mailbox.done_folder!r}, which is polled", "a folder that is not polled itself"
        )


def _smtp(settings: Settings) -> Iterator[Objection]:
    smtp = settings.smtp
    yield from _server(smtp, ("smtp",))
    yield from _tokens(smtp, ("smtp",))
    if smtp.auth != "password" and not smtp.user:
        yield Objection(("smtp", "user"), f"nothing beside `auth: {smtp.auth}`", "the SMTP user name")
    if smtp.auth == "password" and smtp.user and smtp.password is None:
        yield Objection(("smtp", "password"), "nothing beside `user`", SECRET)
    if smtp.password is not None and not smtp.user:
        yield Objection(("smtp", "user"), "nothing beside `password`", "the SMTP user name")
    if any((mailbox.host == DEMO_HOST) != (smtp.host == DEMO_HOST) for mailbox in settings.mailboxes if mailbox.host):
        found = f"`{smtp.host}` beside the hosts of the mailboxes"
        yield Objection(
            ("smtp", "host"), found, "`demo` for smtp and every mailbox, or for none: sample and real mail do not mix"
        )


def _alarm(settings: Settings) -> Iterator[Objection]:
    alarm = settings.alarm
    webhook = alarm.webhook.get_secret_value()
    if webhook and not _is_token_url(webhook):
        yield Objection(
            ("alarm", "webhook"), "text that is no https URL (not shown)", "an address that takes JSON, https://..."
        )
    if not alarm.to:
        return
    if alarm.sender is None:
        yield Objection(("alarm", "sender"), "nothing beside `to`", "the address that alarms are sent from")
    if alarm.smtp.host == DEMO_HOST:
        yield Objection(("alarm", "smtp", "host"), "`demo`", "a mail server of its own")
    elif (alarm.smtp.host, alarm.smtp.port) == (settings.smtp.host, settings.smtp.port):
        yield Objection(
            ("alarm", "smtp", "host"), "the server of `smtp`", "another mail server: an alarm must get out when that one fails"
        )
    yield from _server(alarm.smtp, ("alarm", "smtp"))
    yield from _tokens(alarm.smtp, ("alarm", "smtp"))


def _encryption(settings: Settings) -> Iterator[Objection]:
    for name, key in (("key", settings.encryption.key), ("old_key", settings.encryption.old_key)):
        if not key.get_secret_value():
            continue
        try:
            read_key(key.get_secret_value())
        except UsageError:
            expected = "32 octets in base64 or hex; `openssl rand -base64 32` makes them"
            yield Objection(("encryption", name), "something else (not shown)", expected)


def _lists(settings: Settings) -> Iterator[Objection]:
    for name, ids in (
        ("marketplaces", [marketplace.id for marketplace in settings.marketplaces]),
        ("sellers", [seller.id for seller in settings.sellers]),
    ):
        for index, id_ in enumerate(ids):
            if not id_.strip():
                yield Objection((name, index, "id"), "an empty id", "an id")
            elif id_ in ids[:index]:
                yield Objection((name, index, "id"), f"{id_!r} a second time", "each once")
    for index, entry in enumerate(settings.autopilot):
        if not re.fullmatch(r"[^/\s]+/[^/\s]+", entry):
            yield Objection(("autopilot", index), value_in_words(entry), "`template/rule`, a template's and a rule's name")


def _timers(settings: Settings) -> Iterator[Objection]:
    timers = settings.timers
    reminders = list(timers.remind_after_days)
    if reminders != sorted(set(reminders)):
        yield Objection(("timers", "remind_after_days"), json.dumps(reminders), "days in rising order, each once")
    if reminders and timers.close_after_days <= max(reminders):
        expected = f"more than {max(reminders)}, the day of the last reminder"
        yield Objection(("timers", "close_after_days"), str(timers.close_after_days), expected)
    if any(days > timers.auto_cancel_days for days in timers.ship_warning_days):
        expected = f"at most {timers.auto_cancel_days} each, the days until the order cancels itself"
        yield Objection(("timers", "ship_warning_days"), json.dumps(timers.ship_warning_days), expected)


def _marketplaces(settings: Settings) -> Iterator[Objection]:
    known = marketplaces_in(settings.rules or default_folder("rules"))
    for index, marketplace in enumerate(settings.marketplaces):
        if known and marketplace.id not in known:
            yield Objection(("marketplaces", index, "id"), repr(marketplace.id), f"a policy of the rules: {', '.join(known)}")


def _business(settings: Settings) -> Iterator[Objection]:
    business = settings.business
    if business.zone not in available_timezones():
        yield Objection(("business", "zone"), repr(business.zone), "an IANA time zone, such as Europe/Berlin")
    if not business.days:
        yield Objection(("business", "days"), "none", "a day or more on which the office works")
    if business.opens >= business.closes:
        yield Objection(("business", "closes"), business.closes, f"later than {business.opens}, when it opens")


def _own_folders(settings: Settings) -> Iterator[Objection]:
    folders: tuple[tuple[str, Path | None], ...] = (("rules", settings.rules), ("templates", settings.templates))
    for name, folder in folders:
        if folder is not None and not folder.is_dir():
            expected = "a folder (`supportbot init` writes one), or no such key: then the shipped one is used"
            yield Objection((name,), f"no folder {folder}", expected)


_CHECKS: tuple[Callable[[Settings], Iterator[Objection]], ...] = (
    _mailboxes,
    _smtp,
    _alarm,
    _encryption,
    _lists,
    _marketplaces,
    _timers,
    _business,
    _own_folders,
)
