"""Everything that can be configured, with its default and its meaning; `config.py` reads them from config.yaml.

Each field's description is what `docs/configuration.md` and the error messages say of it. All models are frozen and refuse
unknown keys. Secrets are `SecretStr`: they never show in a print, a log or an error.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Seconds = Annotated[float, Field(gt=0)]
Days = Annotated[int, Field(ge=0)]
Port = Annotated[int, Field(ge=1, le=65535)]
AddrSpec = Annotated[str, Field(pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$")]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
PolicyId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Section(BaseModel):
    """A part of config.yaml: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OauthSettings(Section):
    """Where access tokens come from, for servers that want them instead of passwords (RFC 6749)."""

    token_url: str = Field("", description="the provider's token endpoint, https://...")
    client_id: str = Field("", description="this program's registration with the provider")
    client_secret: SecretStr = Field(SecretStr(""), description="`env:NAME` or `file:PATH`; where the registration has one")
    refresh_token: SecretStr = Field(
        SecretStr(""),
        description="`env:NAME` or `file:PATH`: what a person's consent gave; empty: client credentials, without a person",
    )
    scope: str = Field("", description="what to ask for, as the provider names it; empty: what the registration allows")
    ca_file: Path | None = Field(None, description="trust this certificate authority instead of the system's")
    ends: date | None = Field(None, description="the day on which the secret or the consent ends; `doctor` counts down to it")


AuthKind = Literal["password", "xoauth2", "oauthbearer"]


class MailboxSettings(Section):
    """One IMAP mailbox to poll."""

    name: str = Field(description="a short name, used in tables and logs")
    address: AddrSpec = Field(description="the mailbox's own address; answers are sent from it")
    host: str = Field(description="IMAP server; `demo` uses the embedded one")
    port: Port = Field(993, description="993 for implicit TLS, 143 for STARTTLS")
    security: Literal["tls", "starttls", "none"] = Field("tls", description="`none` only for a server on this machine")
    ca_file: Path | None = Field(None, description="trust this certificate authority instead of the system's")
    user: str = Field("", description="IMAP user name; not needed by `host: demo`")
    password: SecretStr = Field(SecretStr(""), description="`env:NAME` or `file:PATH`; not needed by `host: demo`")
    auth: AuthKind = Field("password", description="how to log in; `xoauth2` and `oauthbearer` (RFC 7628) need `oauth`")
    oauth: OauthSettings = Field(default_factory=OauthSettings, description="where access tokens come from")
    folders: tuple[str, ...] = Field(("INBOX",), description="folders to poll")
    done: Literal["flag", "move", "leave"] = Field(
        "flag", description="what is done to a stored mail: \\Seen, a move, or nothing"
    )
    done_folder: str = Field("Processed", description="where `done: move` puts it")
    sent_folder: str = Field(
        "",
        description="where copies of sent mail lie, to settle what may have been sent; empty: the server's special-use folder",
    )
    file_sent: bool = Field(
        False,
        description="put a copy of each mail sent from this address into the Sent folder; not where the server does so",
    )
    idle: bool = Field(True, description="let the server announce new mail (RFC 2177)")
    batch: Annotated[int, Field(ge=1, le=1000)] = Field(50, description="messages fetched per command")
    trusted_authserv_ids: tuple[str, ...] = Field(
        (), description="authserv-ids (RFC 8601) whose topmost Authentication-Results is believed; empty: our own DKIM check"
    )


class SmtpSettings(Section):
    """The server that takes outgoing mail."""

    host: str = Field("localhost", description="SMTP server; `demo` uses the embedded one")
    port: Port = Field(587, description="587 for STARTTLS, 465 for implicit TLS")
    security: Literal["tls", "starttls", "none"] = Field("starttls", description="`none` only for a server on this machine")
    ca_file: Path | None = Field(None, description="trust this certificate authority instead of the system's")
    user: str | None = Field(None, description="user name, where the server wants one")
    password: SecretStr | None = Field(None, description="`env:NAME` or `file:PATH`")
    auth: AuthKind = Field("password", description="how to log in; `xoauth2` and `oauthbearer` (RFC 7628) need `oauth`")
    oauth: OauthSettings = Field(default_factory=OauthSettings, description="where access tokens come from")
    timeout: Seconds = Field(30, description="seconds before a silent server counts as gone")


class CorrespondentSettings(Section):
    """Addresses with a known role, besides those of the orders."""

    warehouses: tuple[AddrSpec, ...] = Field((), description="who answers warehouse cancellation requests")
    retailers: tuple[AddrSpec, ...] = Field((), description="retail partners that cancel orders by mail")
    billing: AddrSpec | None = Field(None, description="the billing team that re-bills buyers")
    ticket_desk: AddrSpec | None = Field(
        None, description="a ticket system that opens tickets from mail; empty: tickets are worked in supportbot alone"
    )
    amazon_relays: tuple[str, ...] = Field(
        ("marketplace.amazon.com", "amazon.com"),
        description="domains whose authenticated mail may carry Amazon's official request",
    )


class BusinessSettings(Section):
    """When the office works: timers of business hours and days count only then."""

    zone: str = Field("UTC", description="time zone (IANA), such as Europe/Berlin")
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = Field(
        ("mon", "tue", "wed", "thu", "fri"), description="days on which the office works"
    )
    opens: TimeOfDay = Field("09:00", description="by the clock on its wall")
    closes: TimeOfDay = Field("17:00", description="by the clock on its wall")
    holidays: tuple[date, ...] = Field((), description="days on which it does not work, such as 2026-12-25")


class MarketplaceSettings(Section):
    """A marketplace this team works."""

    id: PolicyId = Field(description="which policy of rules/marketplaces applies")
    name: str = Field("", description="as buyers and sellers know it; used in mails")
    business: BusinessSettings | None = Field(
        None, description="when this marketplace's side works, where its timers do not go by the office's hours"
    )


class SellerSettings(Section):
    """A seller, where its orders do not name its addresses."""

    id: str = Field(description="seller id, as in the orders")
    name: str = Field("", description="display name")
    addresses: tuple[AddrSpec, ...] = Field((), description="addresses the seller writes from")


class MoneySettings(Section):
    """The credit-memo flow (docs/spec/policies.md 1.3)."""

    memo_gate: Literal["rebill_confirmed", "rebill_requested"] = Field(
        "rebill_confirmed", description="when a memo may be approved"
    )
    bare_assent: Literal["review", "accept"] = Field("review", description='what a bare "yes" to one question for both does')
    notice_sender: Literal["support", "seller"] = Field("support", description="who sends the shipped-but-cancelled notice")


class AnomalySettings(Section):
    """From where on a credit memo is flagged: a person has to look, and clear the flag, before it is issued."""

    amount_over: Annotated[int, Field(ge=0)] = Field(1000, description="an amount over this, in the order's currency")
    first_memo_over: Annotated[int, Field(ge=0)] = Field(500, description="the first memo of a seller, over this amount")
    memos_per_seller: Annotated[int, Field(ge=1)] = Field(5, description="so many memos of one seller ...")
    within_days: Annotated[int, Field(ge=1)] = Field(7, description="... within so many days")
    answer_within_minutes: Annotated[int, Field(ge=0)] = Field(
        10, description="an answer this soon after the notice, from the seller's own domain or network"
    )
    words_at_least: Annotated[int, Field(ge=1)] = Field(
        8, description="the same words in two cases, beside the sentence we ask for, from so many words on"
    )


class TimerSettings(Section):
    """Product defaults, not policy; shown to users as such."""

    remind_after_days: tuple[Days, ...] = Field((3, 7), description="remind the buyer of an unanswered notice")
    close_after_days: Days = Field(14, description="close an unanswered case without a memo")
    give_up_after_days: Days = Field(14, description="stop waiting for the outcome of a cancellation; a person looks")
    retailer_ack_hours: Days = Field(4, description="alert when a retailer's cancel is not acknowledged")
    warehouse_chase_hours: Days = Field(2, description="chase the warehouse for an outcome")
    ship_warning_days: tuple[Days, ...] = Field((2, 1), description="warn before Amazon cancels a late order by itself")
    auto_cancel_days: Days = Field(
        7, description="Amazon cancels an unshipped order this long after its expected ship date (policy 2020)"
    )


class LimitSettings(Section):
    """Bounds that keep a bad day small."""

    message_bytes: Annotated[int, Field(ge=10_000)] = Field(
        25_000_000, description="larger mails are parked without fetching their body"
    )
    attempts: Annotated[int, Field(ge=1)] = Field(3, description="tries before a message is quarantined for a transient fault")
    answers_per_sender_per_day: Annotated[int, Field(ge=1)] = Field(
        5, description="drafts for one address about one case or order within 24 hours; the loop brake"
    )
    autopilot_per_day: Annotated[int, Field(ge=0)] = Field(
        200, description="mails in all that go out by themselves within 24 hours"
    )
    autopilot_per_recipient_per_day: Annotated[int, Field(ge=0)] = Field(2, description="of these the most to one address")
    sends_per_hour: Annotated[int, Field(ge=1)] = Field(200, description="mails sent per hour in all")
    sends_per_recipient_per_hour: Annotated[int, Field(ge=1)] = Field(
        10, description="mails sent to one address per hour; the others wait"
    )
    sends_per_case_per_hour: Annotated[int, Field(ge=1)] = Field(
        10, description="mails sent about one case per hour; the others wait"
    )
    free_megabytes: Annotated[int, Field(ge=0)] = Field(
        500, description="`supportbot doctor` and alarms complain when the disk of the database has less than this left"
    )
    reserve_megabytes: Annotated[int, Field(ge=0)] = Field(
        50, description="with less than this left no more mail is fetched: it waits in the mailbox"
    )
    hold_seconds: Annotated[float, Field(ge=0)] = Field(
        10, description="an approved mail waits this long, so that it can be undone"
    )


class EncryptionSettings(Section):
    """Raw mail encrypted at rest (AES-256-GCM), also in backups; drafts and what was read out of mail are not."""

    key: SecretStr = Field(
        SecretStr(""),
        description="`env:NAME` or `file:PATH`: 32 octets in base64 or hex; empty: raw mail is kept plain",
    )
    old_key: SecretStr = Field(
        SecretStr(""), description="the key before, while `supportbot db reseal` brings all raw mail under `key`"
    )


class RetentionSettings(Section):
    """How long data is kept, from the day a case closes (docs/spec/safety.md 6)."""

    raw_days: Days = Field(90, description="raw mail")
    quarantine_days: Days = Field(30, description="quarantined and unrelated mail")
    draft_days: Days = Field(90, description="drafts")
    case_months: Days = Field(24, description="case text")
    view_days: Days = Field(365, description="the record of who opened what at the console")
    audit_years: Days = Field(7, description="audit log, pseudonymised")
    nightly: bool = Field(True, description="act on this by itself, once a day; else only by `supportbot retention run`")
    backups: Path | None = Field(
        None, description="folder where backups are kept; `supportbot erase` takes people out of them, too"
    )
    logs: tuple[Path, ...] = Field((), description="log files, in which `supportbot erase` strikes people out, too")
    corpus: Path | None = Field(
        None, description="folder of labelled mail of your own; `supportbot erase` takes people out of it, too"
    )


Role = Literal["viewer", "reviewer", "approver", "admin"]


class ClaimedRole(Section):
    """The role of people whose claim has a value."""

    value: str = Field(description="a value of the claim")
    role: Role = Field(description="viewer, reviewer, approver or admin")


class OpenIdSettings(Section):
    """Sign-in by an identity provider (OpenID Connect)."""

    issuer: str = Field("", description="address of the provider, as in its discovery document; empty: own accounts only")
    label: str = Field("your organisation", description="what the button says it signs in with")
    client_id: str = Field("", description="as the provider knows this console")
    client_secret: SecretStr = Field(SecretStr(""), description="`env:NAME` or `file:PATH`")
    scopes: tuple[str, ...] = Field(("openid", "profile", "email"), description="what is asked for")
    name_claim: str = Field("email", description="claim that names the account")
    role_claim: str = Field("groups", description="claim that `roles` looks at: a text or a list")
    roles: tuple[ClaimedRole, ...] = Field(
        (), description="which values of it give a role; the highest counts; nobody else gets in"
    )
    seller_claim: str = Field("", description="claim with the seller id of people who see that seller's cases only")


class ConsoleSettings(Section):
    """The reviewer's web console."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8025, description="0 picks a free port")
    address: str = Field("", description="how browsers reach it, such as https://desk.example.com; empty: as they ask")
    secret: SecretStr = Field(
        SecretStr(""),
        description="`env:NAME` or `file:PATH`: 32 random characters or more, the same for every console of the database; it"
        " seals second factors. Without it a SQLite database gets a file of its own beside it; PostgreSQL needs it",
    )
    second_factor_roles: tuple[Role, ...] = Field(
        (), description="roles that must sign in with a second factor; others may (identity providers ask for their own)"
    )
    openid: OpenIdSettings = Field(default_factory=OpenIdSettings, description="sign-in by an identity provider")


class AlarmSettings(Section):
    """Who is told of trouble when nobody looks: by a way of its own, which works while the mail server does not."""

    webhook: SecretStr = Field(
        SecretStr(""), description="`env:NAME` or `file:PATH`: an https URL that takes JSON with `text`, as chat systems offer"
    )
    ca_file: Path | None = Field(None, description="for the webhook: trust this certificate authority instead of the system's")
    smtp: SmtpSettings = Field(
        default_factory=SmtpSettings, description="a second mail server, for alarms alone; used with `to`"
    )
    to: tuple[AddrSpec, ...] = Field((), description="who gets alarms by mail; empty: nobody")
    sender: AddrSpec | None = Field(
        None, description="from which address, as the second mail server lets it; needed beside `to`"
    )
    after_seconds: Seconds = Field(120, description="only trouble that lasts so long; each cause at most once a day")
    lag: Annotated[int, Field(ge=1)] = Field(100, description="so many mails that wait in a mailbox are trouble")


class ScheduleSettings(Section):
    """How often the clock ticks."""

    poll_seconds: Seconds = Field(60, description="poll each mailbox at least this often, beside IDLE")
    deliver_seconds: Seconds = Field(5, description="look for approved mail to send")
    timer_seconds: Seconds = Field(60, description="look for timers that are due")


class Settings(Section):
    """config.yaml as a whole."""

    database: str = Field(
        "sqlite:///supportbot-data/supportbot.db",
        repr=False,  # a URL read from `env:` or `file:` may hold a password
        description="sqlite:///PATH or postgresql://USER@HOST/NAME; `env:NAME` or `file:PATH` where it holds a password",
    )
    engine: Literal["embedded", "cluster"] = Field(
        "embedded", description="embedded: one process; cluster: any number of `run` and `worker` processes on one PostgreSQL"
    )
    rules: Path | None = Field(None, description="folder of rules; default: those shipped with supportbot")
    templates: Path | None = Field(None, description="folder of mail templates; default: those shipped with supportbot")
    team_name: str = Field("Seller Support", description="how mails are signed")
    mailboxes: tuple[MailboxSettings, ...] = Field((), description="mailboxes to poll")
    smtp: SmtpSettings = Field(default_factory=SmtpSettings, description="outgoing mail")
    correspondents: CorrespondentSettings = Field(default_factory=CorrespondentSettings, description="known roles")
    marketplaces: tuple[MarketplaceSettings, ...] = Field((), description="marketplaces worked; empty: all five")
    sellers: tuple[SellerSettings, ...] = Field((), description="sellers")
    money: MoneySettings = Field(default_factory=MoneySettings, description="credit memos")
    anomalies: AnomalySettings = Field(default_factory=AnomalySettings, description="what flags a credit memo for a person")
    autopilot: tuple[str, ...] = Field(
        (), description="templates and rules (`template/rule`) that may go out without a person; empty: none"
    )
    autopilot_after: Annotated[int, Field(ge=1)] = Field(
        299, description="approvals in a row, unchanged and under the same rules, before such a pair goes out by itself"
    )
    autopilot_audit_share: Annotated[float, Field(ge=0, le=1)] = Field(
        0.05, description="share of what could go out by itself that a person is still shown, picked at random"
    )
    timers: TimerSettings = Field(default_factory=TimerSettings, description="product-default timers")
    business: BusinessSettings = Field(default_factory=BusinessSettings, description="when the office works")
    limits: LimitSettings = Field(default_factory=LimitSettings, description="bounds")
    retention: RetentionSettings = Field(default_factory=RetentionSettings, description="how long data is kept")
    encryption: EncryptionSettings = Field(default_factory=EncryptionSettings, description="raw mail encrypted at rest")
    console: ConsoleSettings = Field(default_factory=ConsoleSettings, description="web console")
    alarm: AlarmSettings = Field(default_factory=AlarmSettings, description="alarms by a second channel")
    schedule: ScheduleSettings = Field(default_factory=ScheduleSettings, description="how often the clock ticks")
