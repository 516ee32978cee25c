"""What the database refuses even from raw SQL, where a key or a CHECK cannot say it: triggers, written once for both dialects.

A guard is a table, an event and its refusals; a refusal is the condition (SQL that both dialects read; the row is NEW and OLD)
and the sentence, which begins with its invariant. Migrations 0001, 0004 and 0006 made these; a later change of a guard is a
later migration that drops it and makes it anew (`renewal`).
"""
# ruff: noqa: S608  every part of every statement is a constant of this file

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Guard:
    """One trigger, named `<table>_<event>_guard`.

    `locks` are rows elsewhere that the refusals read: PostgreSQL holds them to the end of the transaction, so that a change
    of theirs cannot pass by unseen; SQLite has one writer at a time.
    """

    table: str
    event: Literal["insert", "update", "delete"]
    refusals: tuple[tuple[str, str], ...]
    locks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.table}_{self.event}_guard"


def _changed(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


def _changed_json(*columns: str) -> str:
    return " OR ".join(f"CAST(NEW.{column} AS TEXT) <> CAST(OLD.{column} AS TEXT)" for column in columns)


def _taken(table: str, *keys: tuple[str, ...]) -> str:
    """A row with one of these keys stands already. The keys say so too, but SQLite's OR REPLACE would delete that row."""
    same = " OR ".join("(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")" for key in keys)
    return f"EXISTS (SELECT 1 FROM {table} WHERE {same})"


ALWAYS = "1 = 1"
_NEWEST = "(SELECT max(version) FROM draft_versions WHERE draft_id = NEW.draft_id)"
_STATUS_MOVES = "NEW.status <> OLD.status"
_ERASING = "EXISTS (SELECT 1 FROM erasures WHERE finished_at IS NULL)"
"""Within the transaction of an erasure, words may be taken away; what happened, and what it proves, never."""


def _never(*columns: str) -> str:
    """The row is never changed, but for the columns that are not named here, by an erasure."""
    return f"NOT {_ERASING} OR {_changed(*columns)}"


_ON_HOLD = (
    "EXISTS (SELECT 1 FROM cases WHERE id = NEW.case_id AND state = 'HOLD')"
    " OR (SELECT to_state FROM case_events WHERE case_id = NEW.case_id ORDER BY number DESC LIMIT 1) = 'HOLD'"
)
"""By the case and by its events, which nobody can change: whoever lets go of a hold stands in the record."""

_UNREAD_OF_BUYER = (
    "EXISTS (SELECT 1 FROM messages m JOIN orders o ON o.key = NEW.order_key"
    " WHERE m.state = 'done' AND m.needs_person = TRUE AND m.handled_at IS NULL"
    " AND (m.case_id = NEW.case_id OR m.order_id = o.order_id)"
    " AND m.id NOT IN (SELECT message_id FROM acceptances WHERE id = NEW.acceptance_id)"
    " AND (m.sender IS NULL OR lower(m.sender) IN (lower(o.buyer_address), lower(o.buyer_relay_address)))"
    " AND (NOT EXISTS (SELECT 1 FROM drafts WHERE message_id = m.id)"
    " OR EXISTS (SELECT 1 FROM drafts WHERE message_id = m.id AND state = 'draft')))"
)
"""A mail in the buyer's name that a person has yet to read: it may withdraw in words that no rule knows. The one that gave the
consent was read, by the proof or by two people."""

_QUARANTINED = (
    "EXISTS (SELECT 1 FROM quarantine q JOIN messages m ON m.id = q.message_id JOIN orders o ON o.key = NEW.order_key"
    " WHERE q.state = 'held' AND m.state = 'quarantined'"
    " AND (m.order_id = o.order_id OR lower(m.sender) IN (lower(o.buyer_address), lower(o.buyer_relay_address))))"
)
"""A mail that could not be worked, in the buyer's name or about the order by a plain reading: it may withdraw."""


GUARDS: tuple[Guard, ...] = (
    # I13: the record only grows.
    Guard(
        "case_events",
        "insert",
        ((_taken("case_events", ("case_id", "number")), "I13: a case event is never written over"),),
    ),
    Guard(
        "case_events",
        "update",
        (
            (
                _never("case_id", "number", "at", "actor", "event", "from_state", "to_state", "message_id"),
                "I13: a case event is never changed",
            ),
        ),
    ),
    Guard("case_events", "delete", ((ALWAYS, "I13: a case event is never deleted"),)),
    Guard(
        "audit",
        "insert",
        (("EXISTS (SELECT 1 FROM audit WHERE number >= NEW.number)", "I13: an audit row follows the last one"),),
    ),
    Guard("audit", "update", ((ALWAYS, "I13: the audit log is never changed"),)),
    Guard("audit", "delete", ((ALWAYS, "I13: the audit log is never deleted"),)),
    Guard(
        "audit_head",
        "update",
        (("NEW.number <= OLD.number", "I13: the head of the audit log only moves forwards"),),
    ),
    Guard("audit_head", "delete", ((ALWAYS, "I13: the head of the audit log is never deleted"),)),
    # I2: who may vouch for an acceptance, and that it stays as it was recorded.
    Guard(
        "acceptances",
        "insert",
        (
            (_taken("acceptances", ("id",)), "I2: an acceptance is never written over"),
            (
                "EXISTS (SELECT 1 FROM users WHERE name IN (NEW.confirmed_by, NEW.second_person)"
                " AND (disabled = TRUE OR seller_id IS NOT NULL OR role = 'viewer'))",
                "I2: an acceptance is confirmed by active reviewers who belong to no seller",
            ),
        ),
    ),
    Guard(
        "acceptances",
        "update",
        (
            (
                _changed(
                    "id",
                    "case_id",
                    "order_key",
                    "message_id",
                    "item",
                    "rebill",
                    "verified",
                    "grade",
                    "signature_sha256",
                    "notice_message_id",
                    "confirmed_by",
                    "second_person",
                    "recorded_at",
                )
                + " OR (OLD.revoked_at IS NOT NULL AND ("
                + _changed("revoked_at", "revoked_by")
                + f")) OR (NOT {_ERASING} AND ("
                + _changed("buyer_address", "reason")
                + " OR "
                + _changed_json("evidence")
                + " OR OLD.revoked_at IS NOT NULL))",
                "I2: an acceptance is never changed; it can only be revoked, once",
            ),
        ),
    ),
    Guard("acceptances", "delete", ((ALWAYS, "I1: an acceptance is never deleted"),)),
    Guard("evidence_messages", "update", ((ALWAYS, "I2: a message proves one case and no other"),)),
    Guard("evidence_messages", "delete", ((ALWAYS, "I2: a message proves one case and no other"),)),
    Guard("evidence_signatures", "update", ((ALWAYS, "I2: a signature proves one case and no other"),)),
    Guard("evidence_signatures", "delete", ((ALWAYS, "I2: a signature proves one case and no other"),)),
    # I4: an order line is billed once and paid once, ever.
    Guard(
        "rebills",
        "insert",
        (
            (_taken("rebills", ("id",), ("case_id",), ("ticket_id",)), "I4: a case has one re-bill, ever"),
            ("NEW.state <> 'requested'", "I1: a re-bill begins as requested"),
        ),
    ),
    Guard(
        "rebills",
        "update",
        (
            (
                _changed("id", "order_key", "case_id", "ticket_id", "requested_at"),
                "I4: what a re-bill stands for is never changed",
            ),
            (
                f"OLD.state = 'confirmed' AND (NOT {_ERASING} OR {_changed('state', 'settled_by', 'settled_at')})",
                "I1: a confirmed re-bill is never changed",
            ),
            ("NEW.state <> OLD.state AND NEW.state = 'requested'", "I1: a re-bill never goes back to requested"),
        ),
    ),
    Guard("rebills", "delete", ((ALWAYS, "I4: a re-bill is never deleted"),)),
    Guard(
        "rebill_lines",
        "insert",
        ((_taken("rebill_lines", ("order_key", "line")), "I4: an order line has one re-bill request, ever"),),
    ),
    Guard("rebill_lines", "update", ((ALWAYS, "I4: the lines of a re-bill are never changed"),)),
    Guard("rebill_lines", "delete", ((ALWAYS, "I4: the lines of a re-bill are never deleted"),)),
    # I1: the money lock.
    Guard(
        "credit_memos",
        "insert",
        (
            (
                _taken("credit_memos", ("id",), ("acceptance_id",), ("case_id",), ("ticket_id",), ("rebill_id",)),
                "I4: an acceptance, a case and a re-bill have one credit memo, ever",
            ),
            (
                "NOT EXISTS (SELECT 1 FROM acceptances WHERE id = NEW.acceptance_id AND order_key = NEW.order_key"
                " AND case_id = NEW.case_id AND item = TRUE AND rebill = TRUE AND verified = TRUE AND revoked_at IS NULL)",
                "I1: a credit memo needs a verified acceptance of both the item and the re-billing,"
                " for the same order and case, and not revoked",
            ),
            (
                "NOT EXISTS (SELECT 1 FROM rebills WHERE id = NEW.rebill_id AND order_key = NEW.order_key"
                " AND case_id = NEW.case_id)",
                "I1: a credit memo needs the re-bill of its own order and case",
            ),
            (
                "NEW.status <> 'awaiting_rebill' OR NEW.amount IS NOT NULL OR NEW.entered_by IS NOT NULL"
                " OR NEW.approved_by IS NOT NULL",
                "I1: a credit memo begins as awaiting_rebill, without amount or approval",
            ),
            (_ON_HOLD, "I2: no credit memo opens while its case is on hold"),
            (_UNREAD_OF_BUYER, "I2: no credit memo opens while mail in the name of the buyer waits to be read"),
            (_QUARANTINED, "I2: no credit memo opens while mail of the buyer or about the order lies in quarantine"),
        ),
        locks=(
            "acceptances WHERE id = NEW.acceptance_id",
            "rebills WHERE id = NEW.rebill_id",
            "cases WHERE id = NEW.case_id",
        ),
    ),
    Guard(
        "credit_memos",
        "update",
        (
            ("OLD.status = 'issued'", "I1: an issued credit memo is never changed"),
            (
                _changed(
                    "id",
                    "ticket_id",
                    "case_id",
                    "order_key",
                    "acceptance_id",
                    "acceptance_item",
                    "acceptance_rebill",
                    "acceptance_verified",
                    "rebill_id",
                    "memo_gate",
                    "currency",
                    "cap",
                    "opened_at",
                ),
                "I1: what a credit memo stands on is never changed",
            ),
            (
                f"{_STATUS_MOVES} AND NOT (OLD.status = 'awaiting_rebill' AND NEW.status = 'ready_for_approval')"
                " AND NOT (OLD.status = 'ready_for_approval' AND NEW.status = 'issued')",
                "I1: a credit memo goes from awaiting_rebill to ready_for_approval to issued, and never back",
            ),
            (
                f"{_STATUS_MOVES} AND NOT EXISTS (SELECT 1 FROM rebills WHERE id = NEW.rebill_id"
                " AND (state = 'confirmed' OR (state = 'requested' AND NEW.memo_gate = 'rebill_requested')))",
                "I1: the re-bill is not in the state that memo_gate asks for",
            ),
            (
                f"{_STATUS_MOVES} AND NOT EXISTS"
                " (SELECT 1 FROM acceptances WHERE id = NEW.acceptance_id AND revoked_at IS NULL)",
                "I2: the buyer has revoked the acceptance",
            ),
            (
                f"{_STATUS_MOVES} AND EXISTS (SELECT 1 FROM tickets WHERE id = NEW.ticket_id AND close_reason IS NOT NULL)",
                "I1: the ticket of this credit memo is closed",
            ),
            (
                "NEW.entered_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users WHERE name = NEW.entered_by"
                " AND disabled = FALSE AND seller_id IS NULL AND role <> 'viewer')",
                "I1: the amount is entered by an active reviewer who belongs to no seller",
            ),
            (
                "NEW.status = 'issued' AND NOT EXISTS (SELECT 1 FROM users WHERE name = NEW.approved_by"
                " AND disabled = FALSE AND seller_id IS NULL AND role IN ('approver', 'admin'))",
                "I1: a credit memo is issued by an active approver who belongs to no seller",
            ),
            (
                f"{_STATUS_MOVES} AND CAST(NEW.cap AS DOUBLE PRECISION) > 0.00001 + (SELECT coalesce("
                "sum(units * CAST(unit_price AS DOUBLE PRECISION)), 0) FROM credit_memo_lines WHERE memo_id = NEW.id)",
                "I1: a credit memo pays no more than its lines are worth",
            ),
            (
                "NEW.status = 'issued' AND EXISTS (SELECT 1 FROM memo_flags WHERE memo_id = NEW.id AND cleared_at IS NULL)",
                "I2: no credit memo is issued before a person has looked at its flags",
            ),
            (f"NEW.status = 'issued' AND ({_ON_HOLD})", "I2: no credit memo is issued while its case is on hold"),
            (
                f"NEW.status = 'issued' AND {_UNREAD_OF_BUYER}",
                "I2: no credit memo is issued while mail in the name of the buyer waits to be read",
            ),
            (
                f"NEW.status = 'issued' AND {_QUARANTINED}",
                "I2: no credit memo is issued while mail of the buyer or about the order lies in quarantine",
            ),
        ),
        locks=(
            "cases WHERE id = NEW.case_id",
            "acceptances WHERE id = NEW.acceptance_id",
            "rebills WHERE id = NEW.rebill_id",
            "tickets WHERE id = NEW.ticket_id",
            "users WHERE name IN (NEW.entered_by, NEW.approved_by)",
        ),
    ),
    Guard("credit_memos", "delete", ((ALWAYS, "I1: a credit memo is never deleted"),)),
    Guard(
        "credit_memo_lines",
        "insert",
        (
            (_taken("credit_memo_lines", ("order_key", "line")), "I4: an order line has one credit memo, ever"),
            (
                "NOT EXISTS (SELECT 1 FROM credit_memos WHERE id = NEW.memo_id AND status = 'awaiting_rebill')",
                "I4: the lines of a credit memo are fixed when it opens",
            ),
        ),
    ),
    Guard("credit_memo_lines", "update", ((ALWAYS, "I4: the lines of a credit memo are never changed"),)),
    Guard("credit_memo_lines", "delete", ((ALWAYS, "I4: the lines of a credit memo are never deleted"),)),
    Guard(
        "tickets",
        "insert",
        (
            (
                "NEW.type = 'credit_memo' AND NOT EXISTS"
                " (SELECT 1 FROM credit_memos WHERE ticket_id = NEW.id AND status = NEW.status)",
                "I1: a credit-memo ticket needs its credit memo, in the same status",
            ),
        ),
    ),
    Guard(
        "tickets",
        "update",
        (
            (
                "(NEW.type = 'credit_memo' OR OLD.type = 'credit_memo') AND (NEW.type <> OLD.type OR NEW.id <> OLD.id OR"
                " NOT EXISTS (SELECT 1 FROM credit_memos WHERE ticket_id = NEW.id AND status = NEW.status))",
                "I1: the status of a credit-memo ticket is that of its credit memo",
            ),
            (
                "OLD.type = 'credit_memo' AND OLD.close_reason IS NOT NULL"
                f" AND NEW.close_reason IS DISTINCT FROM OLD.close_reason AND (NEW.close_reason IS NULL OR NOT {_ERASING})",
                "I1: a closed credit-memo ticket is never opened again",
            ),
        ),
    ),
    Guard("tickets", "delete", (("OLD.type = 'credit_memo'", "I1: a credit-memo ticket is never deleted"),)),
    # I9, I10: an approval names what was shown.
    Guard(
        "draft_versions",
        "insert",
        (
            (
                "EXISTS (SELECT 1 FROM reviews WHERE draft_id = NEW.draft_id)",
                "I9: a reviewed draft is never changed",
            ),
        ),
        locks=("drafts WHERE id = NEW.draft_id",),
    ),
    Guard(
        "draft_versions",
        "update",
        ((_never("draft_id", "version", "content_sha256", "editor", "at"), "I9: a version of a draft is never changed"),),
    ),
    Guard(
        "reviews",
        "insert",
        (
            (_taken("reviews", ("draft_id",)), "I9: a draft is reviewed once"),
            (
                "NOT EXISTS (SELECT 1 FROM draft_versions WHERE draft_id = NEW.draft_id"
                f" AND content_sha256 = NEW.content_sha256 AND version = {_NEWEST})",
                "I9: a review names the content of the newest version of the draft",
            ),
            (
                "NEW.decision = 'approved' AND EXISTS (SELECT 1 FROM draft_versions WHERE draft_id = NEW.draft_id"
                f" AND version = {_NEWEST} AND CAST(findings AS TEXT) <> '[]')",
                "I10: a draft with findings cannot be approved",
            ),
        ),
        locks=("drafts WHERE id = NEW.draft_id",),
    ),
    Guard(
        "reviews",
        "update",
        (
            (
                _never("id", "draft_id", "decision", "reviewer", "content_sha256", "at"),
                "I9: a review is never changed",
            ),
        ),
    ),
    Guard("reviews", "delete", ((ALWAYS, "I9: a review is never deleted"),)),
    # I5: a draft is sent at most once, and only when approved.
    Guard(
        "outbox",
        "insert",
        (
            (_taken("outbox", ("id",), ("draft_id",), ("header_message_id",)), "I5: a draft is sent at most once"),
            ("NEW.state <> 'approved'", "I5: a mail enters the outbox as approved"),
            (
                "NOT EXISTS (SELECT 1 FROM reviews WHERE draft_id = NEW.draft_id AND decision = 'approved')",
                "I9: a mail enters the outbox only after its draft was approved",
            ),
        ),
    ),
    Guard(
        "outbox",
        "update",
        (
            (
                _changed("id", "draft_id", "header_message_id", "envelope_from")
                + f" OR ((NOT {_ERASING} OR OLD.state IN ('approved', 'sending')) AND ("
                + _changed("raw")
                + " OR "
                + _changed_json("recipients")
                + "))",
                "I5: what is sent is never changed",
            ),
            (
                "NEW.state <> OLD.state AND NOT (OLD.state = 'approved' AND NEW.state IN ('sending', 'withdrawn'))"
                " AND NOT (OLD.state = 'sending' AND NEW.state IN ('sent', 'uncertain', 'failed', 'approved'))"
                " AND NOT (OLD.state = 'uncertain' AND NEW.state IN ('sent', 'failed'))",
                "I5: a mail goes from approved to sending or withdrawn, from sending to sent, uncertain, failed or approved,"
                " and from uncertain to sent or failed",
            ),
        ),
    ),
    Guard("outbox", "delete", ((ALWAYS, "I5: a mail never leaves the outbox"),)),
    # 2.1: keys and verdicts stay as they were at receipt.
    Guard(
        "dkim_keys",
        "update",
        ((_changed("name", "value_sha256", "value", "first_seen"), "I2: a key of the archive is never changed"),),
    ),
    Guard(
        "memo_flags",
        "update",
        (
            (
                f"{_changed('id', 'memo_id', 'code', 'raised_at')} OR (OLD.cleared_at IS NOT NULL AND (NOT {_ERASING} OR "
                f"{_changed('cleared_by', 'cleared_at')})) OR (NOT {_ERASING} AND {_changed('evidence')})",
                "I2: a flag is cleared once, and else never changed",
            ),
            (
                "NEW.cleared_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users WHERE name = NEW.cleared_by"
                " AND disabled = FALSE AND seller_id IS NULL AND role <> 'viewer')",
                "I2: a flag is cleared by an active reviewer who belongs to no seller",
            ),
        ),
    ),
    Guard("memo_flags", "delete", ((ALWAYS, "I2: a flag is never deleted"),)),
    Guard("dkim_keys", "delete", ((ALWAYS, "I2: a key of the archive is never deleted"),)),
    Guard("signature_checks", "update", ((ALWAYS, "I2: the verdict on a signature is never changed"),)),
    Guard("signature_checks", "delete", ((ALWAYS, "I2: the verdict on a signature is never deleted"),)),
    # I17: an erasure leaves a receipt.
    Guard("erasures", "update", (("OLD.finished_at IS NOT NULL", "I17: the receipt of an erasure is never changed"),)),
    Guard("erasures", "delete", ((ALWAYS, "I17: the receipt of an erasure is never deleted"),)),
)

BORN_LATER = frozenset({"erasures", "dkim_keys", "signature_checks", "memo_flags"})
"""Tables that a later migration makes, and their guards with them."""

READ_LATER = frozenset({"credit_memos_insert_guard", "credit_memos_update_guard"})
"""Guards that read such a table, or one that a later migration renames: SQLite reads every trigger again when a migration
renames a table, so none may come too early."""

# A ticket of a credit memo has no status of its own.
_FOLLOW = "UPDATE tickets SET status = NEW.status WHERE id = NEW.ticket_id;"


def statements(dialect: str) -> Iterator[str]:
    """The SQL that makes the guards of the first tables, for "sqlite" or "postgresql"; `renewal` makes the others."""
    for guard in GUARDS:
        if guard.table in BORN_LATER or guard.name in READ_LATER:
            continue
        yield from (_sqlite(guard) if dialect == "sqlite" else _postgresql(guard))
    if dialect == "sqlite":
        yield f"CREATE TRIGGER credit_memos_follow AFTER UPDATE OF status ON credit_memos BEGIN {_FOLLOW} END"
    else:
        yield _function("credit_memos_follow", f"  {_FOLLOW}\n  RETURN NULL;")
        yield (
            "CREATE TRIGGER credit_memos_follow AFTER UPDATE OF status ON credit_memos"
            " FOR EACH ROW EXECUTE FUNCTION credit_memos_follow()"
        )


def renewal(dialect: str, tables: frozenset[str]) -> Iterator[str]:
    """The SQL that makes the guards of some tables anew, for a migration that changes what they refuse."""
    for guard in GUARDS:
        if guard.table not in tables:
            continue
        if dialect == "sqlite":
            yield f"DROP TRIGGER IF EXISTS {guard.name}"
            yield from _sqlite(guard)
        else:
            yield f"DROP FUNCTION IF EXISTS {guard.name}() CASCADE"
            yield from _postgresql(guard)


def _sqlite(guard: Guard) -> Iterator[str]:
    refusals = "\n".join(
        f"  SELECT RAISE(ABORT, '{sentence}') WHERE {condition.replace('IS DISTINCT FROM', 'IS NOT')};"
        for condition, sentence in guard.refusals
    )
    yield f"CREATE TRIGGER {guard.name} BEFORE {guard.event.upper()} ON {guard.table}\nBEGIN\n{refusals}\nEND"


def _postgresql(guard: Guard) -> Iterator[str]:
    locks = "".join(f"  PERFORM 1 FROM {rows} FOR SHARE;\n" for rows in guard.locks)
    refusals = "".join(
        f"  IF {condition} THEN\n    RAISE EXCEPTION USING MESSAGE = '{sentence}', ERRCODE = 'check_violation';\n  END IF;\n"
        for condition, sentence in guard.refusals
    )
    row = "OLD" if guard.event == "delete" else "NEW"
    yield _function(guard.name, f"{locks}{refusals}  RETURN {row};")
    yield (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event.upper()} ON {guard.table}"
        f" FOR EACH ROW EXECUTE FUNCTION {guard.name}()"
    )
    if guard.event == "delete" and guard.refusals[0][0] == ALWAYS:
        yield (
            f"CREATE TRIGGER {guard.table}_truncate_guard BEFORE TRUNCATE ON {guard.table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {guard.name}()"
        )


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n{body}\nEND $$"
