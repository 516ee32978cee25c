"""The composition root: the only place that chooses the real mailbox, mail server, database, ticket desk and clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from supportbot.clock import Clock, SystemClock
from supportbot.desk import Desk
from supportbot.drafting import Templates, load_templates
from supportbot.errors import UsageError
from supportbot.jobs import Engine
from supportbot.jobs.embedded import EmbeddedEngine
from supportbot.judgement import House
from supportbot.mail.message import Mailbox
from supportbot.mail.signature import KeyOf
from supportbot.ports import Alarm, IdentityProvider, MailSink, MailSource, TicketDesk
from supportbot.post.alarms import MailAlarm, WebhookAlarm
from supportbot.post.dns import DnsKeys
from supportbot.post.imap import ImapSource
from supportbot.post.reading import GuardedReader
from supportbot.post.smtp import SmtpSink
from supportbot.rollout import RuleWatch
from supportbot.rulebook import Rulebook, default_folder, load_rulebook
from supportbot.settings import MailboxSettings, Settings
from supportbot.store import Store, Vault
from supportbot.tickets import LocalTicketDesk, MailTicketDesk
from supportbot.triage.classify import Triage
from supportbot.triage.language import load_languages_beside
from supportbot.triage.model import KindModel


@dataclass(frozen=True, slots=True)
class App:
    """Everything put together. Close it when done."""

    settings: Settings
    house: House
    store: Store
    desk: Desk
    sources: tuple[MailSource, ...]
    sink: MailSink
    reader: GuardedReader
    clock: Clock

    def engine(self, *, queues: Sequence[str] = (), concurrency: int = 2) -> Engine:
        """The engine that runs this app; the child that reads mail starts with it, and edited rules are taken up.

        `queues` and `concurrency` are for a worker of a cluster; no queues means all. Raises `UsageError`.
        """
        self.reader.warm()
        self.desk.watch_rules(RuleWatch(self.house.rulebook.folder, self.store, lambda: build_house(self.settings)))
        if self.settings.engine == "embedded":
            return EmbeddedEngine(
                self.desk, self.sources, self.settings, self.clock, alarms=open_alarms(self.settings, self.clock)
            )
        try:
            from supportbot.jobs.cluster import QUEUES, ClusterEngine  # needs packages that one process does without
        except ImportError as error:
            raise UsageError(f"`engine: cluster` needs more packages: pip install 'supportbot[cluster]' ({error})") from None
        return ClusterEngine(
            self.desk,
            self.sources,
            self.settings,
            self.clock,
            alarms=open_alarms(self.settings, self.clock),
            queues=queues or QUEUES,
            concurrency=concurrency,
        )

    def close(self) -> None:
        for source in self.sources:
            source.close()
        self.sink.close()
        self.reader.close()
        self.store.close()


def build_rulebook(settings: Settings) -> Rulebook:
    """The rules as configured. Raises `RulebookError`."""
    return load_rulebook(settings.rules or default_folder("rules"))


def build_templates(settings: Settings) -> Templates:
    """The mail templates as configured. Raises `TemplateError`."""
    return load_templates((settings.templates or default_folder("templates")) / "emails")


def build_house(settings: Settings) -> House:
    """Rules, language pipeline, trained model and templates. Raises `RulebookError`, `TemplateError`, `ModelError`."""
    load_languages_beside()
    rulebook = build_rulebook(settings)
    templates = build_templates(settings)
    triage = Triage.build(rulebook.messages, {grammar.language: grammar for grammar in rulebook.consent}, KindModel.load())
    return House(settings, rulebook, triage, templates)


def build_app(
    settings: Settings,
    *,
    house: House | None = None,
    clock: Clock | None = None,
    sources: Sequence[MailSource] | None = None,
    sink: MailSink | None = None,
    reader: GuardedReader | None = None,
    key_of: KeyOf | None = None,
) -> App:
    """Put the parts together. What is not handed in is the real thing, as configured. Raises `SupportbotError`s."""
    clock = clock or SystemClock()
    house = house or build_house(settings)
    store = open_store(settings, clock)
    if sources is None:
        sources = [open_mailbox(mailbox, settings) for mailbox in settings.mailboxes]
    sink = sink or open_sink(settings)
    reader = reader or open_reader()
    tickets = build_ticket_desk(settings, clock)
    desk = Desk(store, house, clock, sink=sink, tickets=tickets, reader=reader, key_of=key_of or open_keys())
    return App(settings, house, store, desk, tuple(sources), sink, reader, clock)


def open_store(settings: Settings, clock: Clock | None = None, *, create: bool = True) -> Store:
    """The database as configured, with this version's schema: made where `create`. Raises `StoreError` with what to do."""
    return Store.open(settings.database, clock=clock or SystemClock(), create=create, vault=open_vault(settings))


def open_vault(settings: Settings) -> Vault:
    """The keys of raw mail, as configured. Raises `UsageError` for what is no key."""
    return Vault(settings.encryption.key.get_secret_value(), settings.encryption.old_key.get_secret_value())


def open_mailbox(mailbox: MailboxSettings, settings: Settings) -> ImapSource:
    """One mailbox as configured; it connects when it is first used."""
    return ImapSource(mailbox, settings.limits)


def open_sink(settings: Settings) -> SmtpSink:
    """The outgoing mail server as configured; it connects when it is first used."""
    return SmtpSink(settings.smtp)


def open_alarms(settings: Settings, clock: Clock) -> list[Alarm]:
    """The second channels, as configured; they connect when there is something to tell."""
    alarm, found = settings.alarm, list[Alarm]()
    if url := alarm.webhook.get_secret_value():
        found.append(WebhookAlarm(url, settings.team_name, alarm.ca_file))
    if alarm.to and alarm.sender:
        found.append(MailAlarm(SmtpSink(alarm.smtp), alarm.sender, alarm.to, settings.team_name, clock.now))
    return found


def open_provider(settings: Settings, clock: Clock) -> IdentityProvider | None:
    """The identity provider as configured; None without one. It is asked when somebody signs in."""
    if not settings.console.openid.issuer:
        return None
    from supportbot.post.openid import OpenIdProvider  # with a web client, which most commands need not wait for

    return OpenIdProvider(settings.console.openid, clock)


def open_reader() -> GuardedReader:
    """The reader of mail; its child starts when it is first needed. Close it when done."""
    return GuardedReader()


def build_ticket_desk(settings: Settings, clock: Clock) -> TicketDesk:
    """Where tickets are filed, as configured: the built-in list, or that and a mail to another system."""
    to = settings.correspondents.ticket_desk
    if to is None or not settings.mailboxes:
        return LocalTicketDesk()
    sender = Mailbox(settings.team_name, settings.mailboxes[0].address)
    return MailTicketDesk(lambda: open_sink(settings), sender, to, clock.now)


def open_keys(archive: Mapping[str, str] | None = None) -> KeyOf:
    """DKIM keys: from an archive alone where one is given, else from DNS."""
    return DnsKeys(archive, ask_dns=archive is None)
