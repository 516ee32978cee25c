"""Taking a person's data away, and leaving what money and the record prove (docs/spec/safety.md 6, I17).

    who        an address; the orders, cases, messages and drafts that are theirs; everything that names them
    emptied    raw mail, subjects, words, evidence, versions, sent octets of what is theirs
    renamed    their addresses, tracking numbers and Message-IDs in every column of every table, by a pseudonym
    kept       who did what when, hashes, the acceptance and its grade, re-bill and memo; the audit log untouched

The tables are swept by their definitions, so that a table which comes later is swept too.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary, Table, Text, and_, cast, delete, func, insert, or_, select, update

from supportbot import fault
from supportbot.errors import MissingMail, UsageError
from supportbot.mail.mentions import mentions
from supportbot.store.columns import Words, fold, new_id
from supportbot.store.tables import (
    acceptances,
    case_events,
    cases,
    draft_recipients,
    draft_versions,
    drafts,
    erasures,
    legal_holds,
    message_evidence,
    messages,
    metadata,
    notes,
    order_addresses,
    orders,
    outbox,
    quarantine,
    raw_mail,
    reviews,
    shipments,
    threads,
    tickets,
    unsaved_edits,
)
from supportbot.store.work import Work

ERASED = "(erased)"
PROGRAM = "supportbot"
_CHUNK = 400  # values in one IN list
_ON_ITS_WAY = ("approved", "sending", "uncertain")
_UNTOUCHED = frozenset(
    {"audit", "audit_head", "dkim_keys", "signature_checks", "erasures", "ticks", "raw_keys", "alembic_version"}
)
_SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an erasure is about. `obstacles`: why it cannot be done now, each in a sentence; empty where it can."""

    addresses: tuple[str, ...]  # folded
    names: tuple[str, ...]
    tracking: tuple[str, ...]
    header_message_ids: tuple[str, ...]
    order_keys: frozenset[int]  # as its buyer
    order_ids: frozenset[str]
    case_ids: frozenset[str]
    message_ids: frozenset[int]
    hashes: frozenset[str]  # of their raw mail, and of mail that names them
    draft_ids: frozenset[str]
    obstacles: tuple[str, ...]

    @property
    def known(self) -> bool:
        """Whether anything is held of them."""
        return bool(self.order_keys or self.message_ids or self.draft_ids)

    @property
    def marks(self) -> tuple[str, ...]:
        """What would betray them wherever it stands: addresses, tracking numbers and the ids of their mails."""
        return (*self.addresses, *self.tracking, *self.header_message_ids)


@dataclass(slots=True)
class Erased:
    """What an erasure did: rows by table, and where something still names the person."""

    id: str
    pseudonym: str
    counts: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def add(self, what: str, count: int) -> None:
        if count:
            self.counts[what] = self.counts.get(what, 0) + count


class Erasing(Work):
    """Erasures, their receipts, and legal holds."""

    def find_person(self, address: str) -> Person:
        """Everything that is held of the person behind an address; every stored mail is looked through."""
        asked = fold(address)
        mine = [orders.c.buyer_address, orders.c.buyer_relay_address]
        found = self._all(select(orders).where(or_(*(func.lower(column) == asked for column in mine))))
        addresses = tuple(
            sorted({asked, *(fold(a) for row in found for a in (row.buyer_address, row.buyer_relay_address) if a)})
        )
        keys = frozenset(int(row.key) for row in found)
        order_ids = frozenset(str(row.order_id) for row in found)
        case_ids = frozenset(str(row.id) for row in self._in(select(cases.c.id), cases.c.order_key, keys))
        tracking = frozenset(
            str(row.tracking_number) for row in self._in(select(shipments.c.tracking_number), shipments.c.order_key, keys)
            if row.tracking_number
        )  # fmt: skip
        named = self._mail_that_names(addresses)
        theirs, about = self._messages_of(addresses, named, case_ids, order_ids)
        draft_ids = self._drafts_of(addresses, case_ids, order_ids, theirs | about)
        rows = self._in(select(messages.c.sha256, messages.c.header_message_id, messages.c.sender, messages.c.details),
                        messages.c.id, theirs | about)  # fmt: skip
        own = [row for row in rows if fold(row.sender or "") in addresses]
        names = {str(row.buyer_name) for row in found if row.buyer_name} | {_display_name(row.details) for row in own}
        return Person(
            addresses=addresses,
            names=tuple(sorted(name for name in names if len(name) >= _SHORTEST_NAME)),
            tracking=tuple(sorted(tracking)),
            header_message_ids=tuple(sorted({str(row.header_message_id) for row in own if row.header_message_id})),
            order_keys=keys,
            order_ids=order_ids,
            case_ids=case_ids,
            message_ids=frozenset(theirs | about),
            hashes=frozenset({str(row.sha256) for row in rows} | named),
            draft_ids=frozenset(draft_ids),
            obstacles=tuple(self._obstacles(addresses, order_ids, case_ids, draft_ids, theirs | about)),
        )

    def _mail_that_names(self, addresses: Sequence[str]) -> set[str]:
        query = select(raw_mail.c.sha256, raw_mail.c.bytes).execution_options(yield_per=50)
        rows = self._connection.execute(query)
        return {str(row.sha256) for row in rows if mentions(self._read(row.sha256, bytes(row.bytes)), addresses)}

    def _read(self, sha256: str, kept: bytes) -> bytes:
        """The octets of a mail; damaged ones as they are: what they still say of somebody has to go, too."""
        try:
            return self._vault.open(sha256, kept)
        except MissingMail:
            return kept

    def _messages_of(
        self, addresses: Sequence[str], named: set[str], case_ids: Iterable[str], order_ids: Iterable[str]
    ) -> tuple[set[int], set[int]]:
        """Messages they sent, and others about their orders or that name them."""
        theirs = {int(row.id) for row in self._in(select(messages.c.id), func.lower(messages.c.sender), addresses)}
        about = {int(row.id) for row in self._in(select(messages.c.id), messages.c.sha256, named)}
        about |= {int(row.id) for row in self._in(select(messages.c.id), messages.c.case_id, case_ids)}
        about |= {int(row.id) for row in self._in(select(messages.c.id), messages.c.order_id, order_ids)}
        return theirs, about - theirs

    def _drafts_of(
        self, addresses: Sequence[str], case_ids: Iterable[str], order_ids: Iterable[str], message_ids: Iterable[int]
    ) -> set[str]:
        found = {str(row.draft_id) for row in
                 self._in(select(draft_recipients.c.draft_id), draft_recipients.c.address, addresses)}  # fmt: skip
        for column, values in (
            (drafts.c.case_id, case_ids),
            (drafts.c.order_id, order_ids),
            (drafts.c.message_id, message_ids),
        ):
            found |= {str(row.id) for row in self._in(select(drafts.c.id), column, values)}
        return found

    def _obstacles(
        self,
        addresses: Iterable[str],
        order_ids: Iterable[str],
        case_ids: Iterable[str],
        draft_ids: Iterable[str],
        message_ids: Iterable[int],
    ) -> Iterator[str]:
        for row in self._in(select(cases.c.id, cases.c.state, cases.c.closed_at), cases.c.id, case_ids):
            if row.closed_at is None:
                yield f"case {row.id} is open ({row.state}): close it first"
        for row in self._in(select(outbox.c.id, outbox.c.state), outbox.c.draft_id, draft_ids):
            if row.state in _ON_ITS_WAY:
                yield f"mail {row.id} is {row.state}: send it, take it back or settle it first"
        for row in self._in(select(messages.c.id, messages.c.state), messages.c.id, message_ids):
            if row.state == "new":
                yield f"message {row.id} has not been worked yet: wait a moment"
        held = {*addresses, *map(fold, order_ids), *map(fold, case_ids)}
        for hold in self.legal_holds():
            if hold.about in held:
                yield f"a legal hold on {hold.about} stands since {hold.placed_at:%Y-%m-%d}: {hold.reason}"

    def erase_person(self, person: Person, *, actor: str, basis: str, in_a_copy: bool = False) -> Erased:
        """Take everything of the person away. Raises `UsageError` with every obstacle; the caller rolls back on a dry run.

        `in_a_copy`: of a database whose original has no obstacle any more. What was on its way then is parked, as a restore
        would park it.
        """
        if person.obstacles and not in_a_copy:
            raise UsageError("nothing was erased: " + "; ".join(person.obstacles))
        for some in _chunks(person.draft_ids if in_a_copy else ()):
            for before, after in (("approved", "sending"), ("sending", "uncertain")):
                parked = update(outbox).where(outbox.c.draft_id.in_(some), outbox.c.state == before)
                self._write(parked.values(state=after, changed_at=self._clock.now()))
        latest = self._first(select(erasures.c.salt).where(erasures.c.salt.is_not(None)).limit(1))
        salt = latest.salt if latest else secrets.token_hex(16)  # one for all: a restored backup is then searched once
        done = Erased(new_id("e"), f"erased-{secrets.token_hex(6)}")
        self._begin_erasure(done.id, "person", actor, basis, salt, digest(person.addresses[0], salt))
        self.empty_mail(person.hashes, done)
        self._empty_messages(person.message_ids, done)
        self.empty_drafts(person.draft_ids, done)
        self._empty_cases(person, done)
        self._empty_notes(person, done)
        self._rename(person, done)
        done.left = self.still_named(person)
        fault.point("store.erased")
        self._finish_erasure(done)
        self.audit(actor, "erase", f"erasure {done.id}", {"pseudonym": done.pseudonym, "counts": done.counts})
        return done

    def _begin_erasure(
        self, erasure_id: str, kind: str, actor: str, basis: str, salt: str | None = None, mark: str | None = None
    ) -> None:
        row: dict[str, Any] = {"id": erasure_id, "kind": kind, "actor": actor, "basis": basis, "counts": {}}
        row |= {"salt": salt, "digest": mark, "started_at": self._clock.now()}
        self._write(insert(erasures), row)

    def _finish_erasure(self, done: Erased) -> None:
        finished = update(erasures).where(erasures.c.id == done.id)
        self._write(finished.values(finished_at=self._clock.now(), counts=done.counts))

    def empty_mail(self, hashes: Iterable[str], done: Erased) -> None:
        """Leave of raw mail its hash alone, so that the same bytes, fetched again, are known and not kept again."""
        for some in _chunks(hashes):
            there = and_(raw_mail.c.sha256.in_(some), func.length(raw_mail.c.bytes) > 0)
            done.add("raw mail", self._write(update(raw_mail).where(there).values(bytes=b"")))

    def _empty_messages(self, message_ids: Iterable[int], done: Erased) -> None:
        for some in _chunks(message_ids):
            rows: list[Any] = self._all(
                select(messages.c.id, messages.c.details, messages.c.thread_id).where(messages.c.id.in_(some))
            )
            for row in rows:
                kept = {name: row.details[name] for name in ("rules_sha256",) if name in row.details}
                values = {"subject": ERASED, "details": {**kept, "erased": True}}
                done.add("messages", self._write(update(messages).where(messages.c.id == row.id).values(values)))
            self._write(update(message_evidence).where(message_evidence.c.message_id.in_(some)).values(text=ERASED))
            entries = update(quarantine).where(quarantine.c.message_id.in_(some))
            self._write(entries.values(reason=ERASED, traceback=""))
            self._write(entries.where(quarantine.c.state == "held").values(state="released", settlement="erased"))
            themes = [row.thread_id for row in rows if row.thread_id]
            self._write(update(threads).where(threads.c.id.in_(themes)).values(root_subject=ERASED))

    def empty_drafts(self, draft_ids: Iterable[str], done: Erased) -> None:
        """Take the words out of drafts and the octets out of sent mail; what still waits for a reviewer waits no more."""
        for some in _chunks(draft_ids):
            words = update(draft_versions).where(draft_versions.c.draft_id.in_(some), draft_versions.c.body != ERASED)
            done.add("drafts", self._write(words.values(subject=ERASED, body=ERASED, findings=[])))
            self._write(update(drafts).where(drafts.c.id.in_(some), drafts.c.state == "draft").values(state="superseded"))
            octets = update(outbox).where(outbox.c.draft_id.in_(some), func.length(outbox.c.raw) > 0)
            done.add("sent mail", self._write(octets.values(raw=b"")))
            said = update(reviews).where(reviews.c.draft_id.in_(some), reviews.c.reason != "")
            self._write(said.values(reason=ERASED))

    def _empty_notes(self, person: Person, done: Erased) -> None:
        """What people noted about what is theirs, and edits of their drafts that nobody kept."""
        about = [f"message {one}" for one in person.message_ids]
        about += [f"case {one}" for one in person.case_ids] + [f"draft {one}" for one in person.draft_ids]
        for some in _chunks(about):
            done.add("notes", self._write(update(notes).where(notes.c.subject.in_(some)).values(text=ERASED)))
        for some in _chunks(person.draft_ids):
            self._write(delete(unsaved_edits).where(unsaved_edits.c.draft_id.in_(some)))

    def _empty_cases(self, person: Person, done: Erased) -> None:
        for some in _chunks(person.case_ids):
            typed = and_(case_events.c.case_id.in_(some), case_events.c.actor != PROGRAM, case_events.c.reason != "")
            done.add("case notes", self._write(update(case_events).where(typed).values(reason=ERASED)))
            for row in self._all(select(acceptances).where(acceptances.c.case_id.in_(some))):
                proved = [{**one, "text": ERASED} for one in row.evidence]
                words = {"evidence": proved, "reason": ERASED if row.reason else row.reason}
                done.add("acceptances", self._write(update(acceptances).where(acceptances.c.id == row.id).values(words)))
        belongings: tuple[tuple[Any, Iterable[Any]], ...] = (
            (tickets.c.case_id, person.case_ids),
            (tickets.c.order_id, person.order_ids),
        )
        for column, values in belongings:
            for row in self._in(select(tickets.c.id, tickets.c.fields), column, values):
                emptied = dict.fromkeys(row.fields, ERASED)
                if emptied != row.fields:
                    done.add("tickets", self._write(update(tickets).where(tickets.c.id == row.id).values(fields=emptied)))
        for some in _chunks(person.order_keys):
            done.add("orders", self._write(update(orders).where(orders.c.key.in_(some)).values(buyer_name=None)))

    # -- the sweep

    def _rename(self, person: Person, done: Erased) -> None:
        """Every column of every table: what betrays the person becomes the pseudonym; names only within what is theirs."""
        self._rename_within(person, done.pseudonym, done)
        everywhere = _renamer(person.marks, done.pseudonym, ())
        for table, words in _tables_of_words():
            for some in _chunks(person.marks, 20):
                naming = or_(*(_names(column, mark) for column in words for mark in some))
                done.add(f"renamed in {table.name}", self._change(table, words, naming, everywhere))

    def _rename_within(self, person: Person, pseudonym: str, done: Erased) -> None:
        """The same, with their names too, in the rows that belong to their orders, cases, messages and drafts."""
        within = _renamer(person.marks, pseudonym, person.names)
        scopes: Mapping[str, Sequence[Any]] = {
            "case_id": sorted(person.case_ids),
            "message_id": sorted(person.message_ids),
            "draft_id": sorted(person.draft_ids),
            "order_key": sorted(person.order_keys),
            "order_id": sorted(person.order_ids),
        }
        for table, words in _tables_of_words():
            for name, values in scopes.items():
                if name in table.c:
                    for some in _chunks(values):
                        done.add(f"renamed in {table.name}", self._change(table, words, table.c[name].in_(some), within))
            own: Iterable[Any] = {messages: person.message_ids, drafts: person.draft_ids, cases: person.case_ids}.get(table, ())
            for some in _chunks(own):
                done.add(f"renamed in {table.name}", self._change(table, words, table.c.id.in_(some), within))

    def _change(self, table: Table, words: Sequence[Column[Any]], where: Any, rename: Callable[[Any], Any]) -> int:
        changed = 0
        key = list(table.primary_key)
        columns = list(dict.fromkeys([*key, *words]))
        for row in self._all(select(*columns).where(where)):
            old = {column.name: row._mapping[column] for column in words}
            new = {name: rename(value) for name, value in old.items()}
            different = {name: value for name, value in new.items() if value != old[name]}
            if different:
                this = and_(*(column == row._mapping[column] for column in key))
                changed += self._write(update(table).where(this).values(different))
        return changed

    def still_named(self, person: Person) -> list[str]:
        """Where something that betrays the person is left, `table.column: rows`; the audit log is looked at too."""
        left = []
        for table in metadata.sorted_tables:
            for column in table.c:
                if isinstance(column.type, LargeBinary) or not isinstance(column.type, Text | Words | JSON):
                    continue
                count = 0
                for some in _chunks(person.marks, 20):
                    naming = or_(*(_names(column, mark) for mark in some))
                    count += int(self._connection.execute(select(func.count()).select_from(table).where(naming)).scalar_one())
                if count:
                    left.append(f"{table.name}.{column.name}: {count}")
        return left

    # -- receipts, and what a restored backup must forget again

    def erasures(self, *, kind: str | None = None, limit: int = 200) -> list[Any]:
        """Receipts, the newest first."""
        query = select(erasures).order_by(erasures.c.started_at.desc(), erasures.c.id).limit(limit)
        return self._all(query if kind is None else query.where(erasures.c.kind == kind))

    def receipts_of_people(self) -> list[tuple[str, str]]:
        """(salt, digest) of everybody who was erased."""
        return [(str(row.salt), str(row.digest)) for row in self.erasures(kind="person", limit=1_000_000)]

    def erased_before(self, receipts: Iterable[tuple[str, str]]) -> list[str]:
        """Addresses in these tables that belong to people who were erased; `receipts` are (salt, digest)."""
        marks = set(receipts)
        if not marks:
            return []
        known: set[str] = set()
        salts = {salt for salt, _ in marks}
        for column in (order_addresses.c.address, draft_recipients.c.address, messages.c.sender):
            known |= {fold(row[0]) for row in self._all(select(column).distinct()) if row[0]}
        return sorted(address for address in known if any((salt, digest(address, salt)) in marks for salt in salts))

    # -- legal holds

    def legal_holds(self) -> list[Any]:
        """Those that stand."""
        return self._all(select(legal_holds).where(legal_holds.c.lifted_at.is_(None)).order_by(legal_holds.c.placed_at))

    def place_hold(self, about: str, *, reason: str, by: str) -> None:
        """Nothing about an address, an order or a case is erased until the hold is lifted. Raises `UsageError`."""
        if not reason.strip():
            raise UsageError("a legal hold needs its reason; it is shown to whoever is refused")
        row = {
            "id": new_id("h"),
            "about": fold(about),
            "reason": reason.strip(),
            "placed_by": by,
            "placed_at": self._clock.now(),
        }
        if not self._add_new(legal_holds, row):
            raise UsageError(f"a legal hold on {fold(about)} stands already")
        self.audit(by, "place hold", f"hold {row['id']}", {})

    def lift_hold(self, about: str, *, by: str) -> None:
        """The hold ends. Raises `UsageError` where none stands."""
        standing = self._first(
            select(legal_holds.c.id).where(legal_holds.c.about == fold(about), legal_holds.c.lifted_at.is_(None))
        )
        if standing is None:
            raise UsageError(f"no legal hold stands on {fold(about)}; `supportbot retention holds` lists those that do")
        lifted = update(legal_holds).where(legal_holds.c.id == standing.id)
        self._write(lifted.values(lifted_by=by, lifted_at=self._clock.now()))
        self.audit(by, "lift hold", f"hold {standing.id}", {})

    def _in(self, query: Any, column: Any, values: Iterable[Any]) -> list[Any]:
        return [row for some in _chunks(values) for row in self._all(query.where(column.in_(some)))]


def digest(address: str, salt: str) -> str:
    """How an erased address is known again without being kept. Whoever holds the salt can try addresses, one at a time."""
    return hashlib.scrypt(fold(address).encode(), salt=bytes.fromhex(salt), n=2**10, r=8, p=1, dklen=32).hex()


def _tables_of_words() -> Iterator[tuple[Table, list[Column[Any]]]]:
    """Every table that may hold a person's words, with the columns that may."""
    for table in metadata.sorted_tables:
        words = [column for column in table.c if isinstance(column.type, Text | Words | JSON)]
        if words and table.name not in _UNTOUCHED:
            yield table, words


def _chunks(values: Iterable[Any], size: int = _CHUNK) -> Iterator[list[Any]]:
    whole = sorted(values)
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def _names(column: Column[Any], mark: str) -> Any:
    written = json.dumps(mark)[1:-1] if isinstance(column.type, JSON) else mark
    return func.lower(cast(column, Text)).contains(written.lower(), autoescape=True)


def _display_name(details: Mapping[str, Any]) -> str:
    sender = details.get("from")
    return str(sender.get("name") or "") if isinstance(sender, Mapping) else ""


def _renamer(marks: Sequence[str], pseudonym: str, names: Sequence[str]) -> Callable[[Any], Any]:
    """A function that renames within text and JSON, and leaves everything else alone."""
    aliases: dict[str, str] = {}
    for number, mark in enumerate(dict.fromkeys(mark.casefold() for mark in marks)):
        plain = f"{pseudonym}-{number}"
        aliases[mark] = f"<{plain}@invalid>" if mark.startswith("<") else f"{plain}@invalid" if "@" in mark else plain
    aliases |= {name.casefold(): ERASED for name in names}
    if not aliases:
        return lambda value: value
    literal = [re.escape(mark) for mark in sorted(aliases, key=len, reverse=True) if aliases[mark] != ERASED]
    whole = [rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(aliases, key=len, reverse=True) if aliases[name] == ERASED]
    pattern = re.compile("|".join([*literal, *whole]), re.IGNORECASE)

    def rename(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(lambda found: aliases.get(found[0].casefold(), ERASED), value)
        if isinstance(value, Mapping):
            return {rename(name): rename(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [rename(one) for one in value]
        return value

    return rename
