"""Looking without doing: a mail decided and nothing kept, past mail decided again, the rules and how they are shown.

Everything here reads: no row is written, nothing is sent, no file is changed.
"""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

from supportbot.autopilot import Standing, is_stopped, standing, unknown_in
from supportbot.casework.policy import Policy, Rule
from supportbot.desk import Desk
from supportbot.dossier import details_of, needs_person
from supportbot.drafting.templates import Rendered, Template
from supportbot.errors import MissingMail, RulebookError, UnreadableMail, UsageError
from supportbot.judgement import DraftPlan, House, Judgement, judge
from supportbot.proof import Letter, examine
from supportbot.records import StoreRecords
from supportbot.remembered import opened_again, said_of
from supportbot.replay import Change, PastMail, replay
from supportbot.rollout import activated_by, marks_of
from supportbot.rulebook import Rulebook, load_rulebook
from supportbot.rulecheck import Coverage, coverage_of, own_rules, said
from supportbot.store import MessageRow, Transaction

MOST_REPLAYED = 300  # mails of one look; the command `supportbot replay` takes all of them
_HEADER = re.compile(r"\A[A-Za-z][A-Za-z0-9-]{0,60}:[^\n]{0,998}\n")
_FROM = re.compile(r"^From:", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a mail: the message as it would be kept, and the mails that would wait for review."""

    row: MessageRow
    drafts: tuple[DraftPlan, ...]
    tickets: tuple[str, ...]
    timers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """Past mail decided again. `edited`: by the rules in the folder, which do not count yet; else by those in force."""

    looked: int
    unreadable: int
    changes: tuple[Change, ...]
    edited: bool


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule as a page shows it."""

    rule: Rule
    when: str  # its condition in words
    require: tuple[str, ...]
    coverage: Coverage
    autopilot: Standing | None  # of its template, where the owner has listed the pair


@dataclass(frozen=True, slots=True)
class RuleState:
    """Which rule set counts, and what waits. `broken`: the edited rules cannot be read, and why."""

    sha256: str
    activated: tuple[str, str] | None  # by whom and when, where somebody has
    edited: str | None
    broken: str | None
    stopped: bool  # the autopilot's kill switch
    pairs: tuple[Standing, ...]


class Tryout:
    """Answers about rules, templates and mail that is not kept. `build` makes a house of the rules as they stand on disk."""

    def __init__(self, desk: Desk, build: Callable[[], House]) -> None:
        self._desk, self._build = desk, build
        self._lock = threading.Lock()
        self._covered: dict[str, Mapping[tuple[str, str], Coverage]] = {}
        self._looked: tuple[object, str | None, str | None] | None = None

    @property
    def quarantine_kept(self) -> timedelta | None:
        """How long the original of a quarantined mail is kept; None: for good."""
        keep = self._desk.house.settings.retention
        return timedelta(days=keep.quarantine_days) if keep.quarantine_days else None

    # -- a mail

    def try_mail(self, raw: bytes) -> Trial:
        """Decide a mail as if it came in now. Raises `UsageError` where it cannot be read."""
        desk, now = self._desk, self._desk.clock.now()
        try:
            letter = examine(
                raw,
                now,
                read=desk.reader.read,
                key_of=desk.key_of,
                trusted_authserv_ids=desk.house.trusted_authserv_ids,
            )
        except UnreadableMail as error:
            raise UsageError(f"this mail cannot be read: {error}") from None
        with desk.store.snapshot() as tx:
            judgement = judge(letter, records=StoreRecords(tx), house=desk.house, now=now)
        return self._trial(judgement, letter)

    def _trial(self, judgement: Judgement, letter: Letter) -> Trial:
        message, reading, main = judgement.message, judgement.reading, judgement.main
        row = MessageRow(
            id=0,
            sha256=letter.sha256,
            mailbox="",
            received=letter.received,
            state="done",
            attempts=0,
            header_message_id=message.message_id,
            sender=message.sender.address if message.sender else None,
            subject=message.subject,
            kind=reading.kind,
            confidence=reading.confidence,
            abstained=reading.abstained,
            order_id=main.order.order_id if main.order else None,
            action=main.decision.action,
            rule=main.decision.rule,
            why=main.decision.why,
            details=details_of(judgement, self._desk.house.rulebook.sha256),
            needs_person=needs_person(judgement),
        )
        decisions = [found.decision for found in judgement.decisions]
        return Trial(
            row,
            tuple(found.draft for found in judgement.decisions if found.draft),
            tuple(ticket.type for decision in decisions for ticket in decision.tickets),
            tuple(timer.name for decision in decisions for timer in decision.timers),
        )

    # -- past mail

    def replay(self, newest: int) -> Replayed:
        """The newest mails decided again by the edited rules where there are some, else by those in force on what is on record
        now. Raises `UsageError` where the edited rules are broken."""
        desk = self._desk
        state = self._on_disk()
        if state[1]:
            raise UsageError(f"the edited rules are broken: {state[1]}")
        edited = state[0] is not None
        new = self._build() if edited else desk.house
        looked, unreadable, changes = 0, 0, list[Change]()
        with desk.store.snapshot() as tx:
            rows = [row for row in tx.messages(limit=min(newest, MOST_REPLAYED)) if row.state == "done"]
            for row in rows:
                try:
                    letter = opened_again(tx, row, desk.house, desk.reader.read)
                except (MissingMail, UnreadableMail):
                    unreadable += 1
                    continue
                looked += 1
                changes += self._changes(tx, row, letter, new, edited=edited)
        return Replayed(looked, unreadable, tuple(changes), edited)

    def _changes(self, tx: Transaction, row: MessageRow, letter: Letter, new: House, *, edited: bool) -> Sequence[Change]:
        name, records, corrected = f"message {row.id}", StoreRecords(tx), said_of(tx, row.id)
        if edited:
            ((_, found),) = replay([PastMail(name, letter, corrected)], records=records, old=self._desk.house, new=new)
            return found
        main = judge(letter, records=records, house=new, now=letter.received, said=corrected).main
        now = main.decision
        if (row.rule, row.action) == (now.rule, now.action):
            return ()
        order_id = main.order.order_id if main.order else None
        return (Change(name, order_id, row.rule, row.action or "", now.rule, now.action, ("action",), now.why),)

    # -- the rules

    def rule_state(self) -> RuleState:
        """Which rules count, which wait, and how every listed pair of template and rule stands."""
        sha256 = self._desk.house.rulebook.sha256
        edited, broken = self._on_disk()
        with self._desk.store.snapshot() as tx:
            return RuleState(sha256, activated_by(tx, sha256), edited, broken, is_stopped(tx), self._pairs(tx))

    def _pairs(self, tx: Transaction) -> tuple[Standing, ...]:
        house, now = self._desk.house, self._desk.clock.now()
        return tuple(
            standing(
                tx, pair, house.settings, house.rulebook.sha256, now, unknown=unknown_in(pair, house.rulebook, house.templates)
            )
            for pair in house.settings.autopilot
        )

    def _on_disk(self) -> tuple[str | None, str | None]:
        """The edited rule set that does not count yet, or the first mistake in it; read only when the files changed."""
        book = self._desk.house.rulebook
        marks = marks_of(book.folder)
        with self._lock:
            if self._looked is None or self._looked[0] != marks:
                try:
                    self._looked = (marks, load_rulebook(book.folder).sha256, None)
                except RulebookError as error:
                    self._looked = (marks, None, str(error.findings[0]))
            _, found, broken = self._looked
        return (None if found == book.sha256 else found), broken

    def policies(self) -> Sequence[Policy]:
        """The newest version of every policy."""
        newest: dict[str, Policy] = {}
        for policy in self._desk.house.rulebook.policies:
            newest.setdefault(policy.id, policy)
        return tuple(newest.values())

    def shown_rules(self, policy_id: str) -> Sequence[ShownRule] | None:
        """The rules of a policy's own file, in the order in which they are tried; None for an unknown policy."""
        policy = next((one for one in self.policies() if one.id == policy_id), None)
        if policy is None:
            return None
        book = self._desk.house.rulebook
        covered = self._coverage(book)
        with self._desk.store.snapshot() as tx:
            pairs = {one.pair: one for one in self._pairs(tx)}
        return tuple(
            ShownRule(
                rule,
                said(rule.when).replace("`", ""),
                tuple(said(one).replace("`", "") for one in rule.require),
                covered[policy.name, rule.name],
                pairs.get(f"{rule.then.template}/{rule.id}"),
            )
            for rule in own_rules(policy)
        )

    def _coverage(self, book: Rulebook) -> Mapping[tuple[str, str], Coverage]:
        with self._lock:
            if book.sha256 not in self._covered:
                counted = {(one.policy, one.rule): one for policy in self.policies() for one in coverage_of(book, policy)}
                self._covered = {book.sha256: counted}
            return self._covered[book.sha256]

    # -- the templates

    def templates(self) -> Sequence[Template]:
        """Every template, in English."""
        return tuple(self._desk.house.templates.get(name) for name in self._desk.house.templates.names)

    def previews(self, name: str) -> Sequence[Rendered] | None:
        """A template filled with its sample, in each of its languages; None for an unknown one."""
        templates = self._desk.house.templates
        if name not in templates.names:
            return None
        each = [templates.get(name, language) for language in templates.languages(name)]
        return tuple(templates.render(name, one.sample, language=one.language) for one in each)

    def languages(self) -> Mapping[str, Sequence[str]]:
        """The languages of every template, by its name."""
        templates = self._desk.house.templates
        return {name: templates.languages(name) for name in templates.names}


def source_of(text: str, sender: str, subject: str) -> bytes:
    """The octets of a pasted mail: its whole source where it begins with headers, else its words under the headers given.

    Raises `UsageError` for a sender that is no address.
    """
    plain = text.replace("\r\n", "\n")
    if _HEADER.match(plain) and _FROM.search(plain.partition("\n\n")[0]):
        return plain.replace("\n", "\r\n").encode("utf-8", "surrogateescape")
    mail = EmailMessage()
    try:
        mail["From"] = sender.strip() or "somebody@example.com"
        mail["Subject"] = " ".join(subject.split())
    except ValueError as error:
        raise UsageError(f"the sender or the subject cannot stand in a mail: {error}") from None
    mail["To"] = "support@example.com"
    mail.set_content(plain)
    return mail.as_bytes()
