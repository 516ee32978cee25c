"""The tables, their keys and the constraints that need no trigger. Migrations make them; a test keeps the two the same.

    raw_mail ─ messages ─ fetched ─ folder_positions          mail in; bytes by sha-256, one message for the same bytes
                 ├ message_evidence, quarantine
    threads ─ thread_messages
    orders ─ order_lines, shipments, order_addresses
    cases ─ case_events, timers
    drafts ─ draft_versions, draft_recipients ─ reviews ─ outbox
    acceptances ─ rebills, credit_memos ─ tickets             the money lock (spec: invariants I1, I2, I4)
    users, ticks, audit, audit_head
    message_keys, leases                                      whose turn it is where several work
    desk_marks, notes, saved_views, unsaved_edits             the console's own; message_words: see search_index
    access_tables: doors, keys, and who looked
    erasures, legal_holds                                     what was erased and why, and what may not be

What a CHECK or a key cannot say (an arrow, a row elsewhere) stands in migrations/guards/*.sql as triggers.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

from supportbot.store.columns import Key, Money, Timestamp, Words

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_N_name)s_fk",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_index",
        "ck": "%(constraint_name)s",
    }
)


def _one_of(name: str, column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


# -- mail in

raw_mail = Table(
    "raw_mail",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
    Column("stored_at", Timestamp, nullable=False),
)

raw_keys = Table(
    "raw_keys",
    metadata,
    Column("key_id", Text, primary_key=True),  # some raw mail may be sealed with it
    Column("since", Timestamp, nullable=False),
)

threads = Table(
    "threads",
    metadata,
    Column("id", Text, primary_key=True),
    Column("root_subject", Words, nullable=False),
    Column("opened_at", Timestamp, nullable=False),
)

thread_messages = Table(
    "thread_messages",
    metadata,
    Column("header_message_id", Words, primary_key=True),
    Column("thread_id", ForeignKey("threads.id"), primary_key=True),
    Column("case_id", ForeignKey("cases.id")),  # of a mail of ours
    Index("thread_messages_thread", "thread_id"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Key, primary_key=True),
    Column("sha256", ForeignKey("raw_mail.sha256"), nullable=False, unique=True),
    Column("mailbox", Words, nullable=False),
    Column("received", Timestamp, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Timestamp),
    Column("header_message_id", Words),
    Column("sender", Words),
    Column("subject", Words, nullable=False),
    Column("kind", Text),
    Column("confidence", Float),
    Column("abstained", Boolean),
    Column("thread_id", ForeignKey("threads.id")),
    Column("case_id", ForeignKey("cases.id")),
    Column("order_id", Words),
    Column("action", Text),
    Column("rule", Text),
    Column("why", Words, nullable=False),
    Column("details", JSON, nullable=False),
    Column("needs_person", Boolean),
    Column("handled_by", Words),  # who read it and did what it calls for, where no draft does
    Column("handled_at", Timestamp),
    _one_of("messages_state", "state", "new", "done", "quarantined"),
    CheckConstraint("(handled_by IS NULL) = (handled_at IS NULL)", name="messages_handled_by_somebody"),
    _partial("messages_new", "id", where="state = 'new'"),
    _partial("messages_quarantined", "id", where="state = 'quarantined'"),
    _partial("messages_unhandled", "id", where="needs_person = TRUE AND handled_at IS NULL"),
    Index("messages_case", "case_id"),
    Index("messages_kind", "kind", "id"),
    Index("messages_order", "order_id"),
    Index("messages_thread", "thread_id"),
    sqlite_autoincrement=True,
)

fetched = Table(
    "fetched",
    metadata,
    Column("id", Key, primary_key=True),
    Column("mailbox", Words, nullable=False),
    Column("folder", Words, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("message_id", ForeignKey("messages.id")),  # none: too large, its body was not fetched
    Column("size", BigInteger, nullable=False),
    Column("received", Timestamp, nullable=False),
    Column("fetched_at", Timestamp, nullable=False),
    Column("marked_at", Timestamp),  # when the mailbox was told that it is stored
    UniqueConstraint("mailbox", "folder", "uidvalidity", "uid", name="fetched_once"),
    Index("fetched_message", "message_id"),
    _partial("fetched_unmarked", "mailbox", where="marked_at IS NULL"),
)

folder_positions = Table(
    "folder_positions",
    metadata,
    Column("mailbox", Words, primary_key=True),
    Column("folder", Words, primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
)

message_evidence = Table(
    "message_evidence",
    metadata,
    Column("id", Key, primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False),
    Column("fact", Text, nullable=False),
    Column("text", Words, nullable=False),
    Column("starts", Integer, nullable=False),
    Column("ends", Integer, nullable=False),
    Column("rule", Text, nullable=False),
    Index("message_evidence_message", "message_id"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Key, primary_key=True),
    Column("message_id", ForeignKey("messages.id")),
    Column("fetched_id", ForeignKey("fetched.id")),
    Column("mailbox", Words, nullable=False),
    Column("step", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("traceback", Words, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False, server_default="fault"),
    Column("settled_by", Words),  # who retried or released it
    Column("settled_at", Timestamp),
    Column("settlement", Words),  # the reason they gave
    _one_of("quarantine_state", "state", "held", "retried", "released"),
    _partial("quarantine_held", "id", where="state = 'held'"),
    sqlite_autoincrement=True,
)

# -- orders

orders = Table(
    "orders",
    metadata,
    Column("key", Key, primary_key=True),
    Column("marketplace", Text, nullable=False),
    Column("order_id", Words, nullable=False),
    Column("order_id_folded", Words, nullable=False),
    Column("channel", Text),
    Column("placed_at", Timestamp),
    Column("status", Words),
    Column("previous_status", Words),
    Column("payment_verified", Boolean),
    Column("expected_ship_at", Timestamp),
    Column("label_generated", Boolean),
    Column("sent_to_warehouse", Boolean),
    Column("picked_packed", Boolean),
    Column("despatched", Boolean),
    Column("buyer_requested_cancel", Boolean),
    Column("supports_backorder", Boolean),
    Column("currency", Text),
    Column("buyer_name", Words),
    Column("buyer_address", Words),
    Column("buyer_relay_address", Words),
    Column("seller_id", Words),
    Column("seller_name", Words),
    Column("seller_account", Text),
    Column("seller_addresses", JSON, nullable=False),
    Column("alerts", JSON, nullable=False),
    Column("cancelled_by", Text),
    Column("cancelled_at", Timestamp),
    UniqueConstraint("marketplace", "order_id_folded", name="orders_once"),
    Index("orders_order_id", "order_id_folded", "seller_id"),  # both: else SQLite looks by the seller, who has thousands
    Index("orders_seller", "seller_id", "seller_name"),
)

order_lines = Table(
    "order_lines",
    metadata,
    Column("order_key", ForeignKey("orders.key"), primary_key=True),
    Column("line", Words, primary_key=True),
    Column("number", Integer, nullable=False),  # place in the order
    Column("sku", Words),
    Column("asin", Words),
    Column("title", Words),
    Column("quantity", Integer),
    Column("unit_price", Money),
    Column("shipped_quantity", Integer),
    Column("cancelled_quantity", Integer),
    Column("left_warehouse_quantity", Integer),
)

shipments = Table(
    "shipments",
    metadata,
    Column("order_key", ForeignKey("orders.key"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("carrier", Words),
    Column("tracking_number", Words),
    Column("shipped_at", Timestamp),
    Column("confirmed", Boolean),
    Index("shipments_tracking", "tracking_number"),
)

order_addresses = Table(
    "order_addresses",
    metadata,
    Column("address", Words, primary_key=True),  # folded
    Column("order_key", ForeignKey("orders.key"), primary_key=True),
    Index("order_addresses_order", "order_key"),
)

# -- cases

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("order_key", ForeignKey("orders.key"), nullable=False),
    Column("type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("thread_id", ForeignKey("threads.id")),
    Column("opened_at", Timestamp, nullable=False),
    Column("closed_at", Timestamp),
    Column("close_reason", Words),
    Column("held_from", Text),
    UniqueConstraint("id", "order_key", name="cases_with_order"),
    _partial("cases_one_open", "order_key", "type", where="closed_at IS NULL", unique=True),
    Index("cases_order", "order_key"),
    Index("cases_thread", "thread_id"),
)

case_events = Table(
    "case_events",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Timestamp, nullable=False),
    Column("actor", Words, nullable=False),
    Column("event", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("message_id", ForeignKey("messages.id")),
    Column("reason", Words, nullable=False),
)

timers = Table(
    "timers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", ForeignKey("cases.id")),
    Column("name", Text, nullable=False),
    Column("due_at", Timestamp, nullable=False),
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),
    _one_of("timers_state", "state", "set", "done", "cancelled"),
    _partial("timers_once", "case_id", "name", where="state = 'set'", unique=True),
    _partial("timers_once_without_case", "name", where="state = 'set' AND case_id IS NULL", unique=True),
    _partial("timers_due", "due_at", where="state = 'set'"),
    Index("timers_case", "case_id"),
)

# -- mail out

drafts = Table(
    "drafts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("message_id", ForeignKey("messages.id")),
    Column("case_id", ForeignKey("cases.id")),
    Column("order_id", Words),
    Column("template", Text, nullable=False),
    Column("rule", Text),
    Column("language", Text, nullable=False),
    Column("to", JSON, nullable=False),
    Column("version", Integer, nullable=False),  # the newest
    Column("state", Text, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("why", Words, nullable=False),
    Column("token", Text, unique=True),
    Column("in_reply_to", Words),
    Column("references", JSON, nullable=False),
    Column("business_key", Words, nullable=False),
    UniqueConstraint("business_key", name="i3_drafts_once"),
    _one_of("drafts_state", "state", "draft", "approved", "rejected", "superseded"),
    _partial("drafts_waiting", "created_at", where="state = 'draft'"),
    Index("drafts_case", "case_id"),
    Index("drafts_message", "message_id"),
    Index("drafts_order", "order_id"),
)

draft_versions = Table(
    "draft_versions",
    metadata,
    Column("draft_id", ForeignKey("drafts.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("subject", Words, nullable=False),
    Column("body", Words, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("findings", JSON, nullable=False),
    Column("editor", Words),  # none: the program
    Column("at", Timestamp, nullable=False),
)

draft_recipients = Table(
    "draft_recipients",
    metadata,
    Column("address", Words, primary_key=True),  # folded
    Column("draft_id", ForeignKey("drafts.id"), primary_key=True),
    Index("draft_recipients_draft", "draft_id"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Key, primary_key=True),
    Column("draft_id", ForeignKey("drafts.id"), nullable=False),
    Column("decision", Text, nullable=False),
    Column("reviewer", Words, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("at", Timestamp, nullable=False),
    UniqueConstraint("draft_id", name="i9_one_review_a_draft"),
    _one_of("reviews_decision", "decision", "approved", "rejected"),
    Index("reviews_at", "at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),
    Column("draft_id", ForeignKey("drafts.id"), nullable=False),
    Column("header_message_id", Words, nullable=False),
    Column("envelope_from", Words, nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("detail", Words, nullable=False),
    Column("not_before", Timestamp, nullable=False),
    Column("claimed_at", Timestamp),
    Column("changed_at", Timestamp, nullable=False),
    UniqueConstraint("draft_id", name="i5_draft_sent_once"),
    UniqueConstraint("header_message_id", name="i5_message_id_sent_once"),
    _one_of("outbox_state", "state", "approved", "withdrawn", "sending", "sent", "uncertain", "failed"),
    _partial("outbox_approved", "not_before", where="state = 'approved'"),
    _partial("outbox_sending", "id", where="state = 'sending'"),
    Index("outbox_claimed", "claimed_at"),
    Index("outbox_state", "state", "changed_at"),
)

# -- tickets and money

tickets = Table(
    "tickets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("case_id", ForeignKey("cases.id")),
    Column("order_id", Words),
    Column("title", Words, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("opened_at", Timestamp, nullable=False),
    Column("reference", Words),
    Column("close_reason", Words),
    Column("business_key", Words, nullable=False),
    UniqueConstraint("business_key", name="i3_tickets_once"),
    _partial("tickets_unpushed", "opened_at", where="reference IS NULL AND close_reason IS NULL"),
    Index("tickets_case", "case_id"),
)

users = Table(
    "users",
    metadata,
    Column("name", Words, primary_key=True),
    Column("name_folded", Words, nullable=False, unique=True),  # "Ann" and "ann" are never two people
    Column("role", Text, nullable=False),
    Column("seller_id", Words),
    Column("password_hash", Text),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    _one_of("users_role", "role", "viewer", "reviewer", "approver", "admin"),
)

# A message of the buyer, and a DKIM signature, prove one case and no other: the composite key is what acceptances refer to.
evidence_messages = Table(
    "evidence_messages",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True, autoincrement=False),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    UniqueConstraint("message_id", "case_id", name="evidence_messages_with_case"),
)

evidence_signatures = Table(
    "evidence_signatures",
    metadata,
    Column("signature_sha256", Text, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    UniqueConstraint("signature_sha256", "case_id", name="evidence_signatures_with_case"),
)

acceptances = Table(
    "acceptances",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("order_key", Key, nullable=False),
    Column("message_id", Key, nullable=False),
    Column("item", Boolean, nullable=False),
    Column("rebill", Boolean, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("grade", Text, nullable=False),
    Column("buyer_address", Words, nullable=False),
    Column("signature_sha256", Text),
    Column("evidence", JSON, nullable=False),
    Column("notice_message_id", Words, nullable=False),
    Column("confirmed_by", ForeignKey("users.name")),
    Column("second_person", ForeignKey("users.name")),
    Column("reason", Words, nullable=False),
    Column("recorded_at", Timestamp, nullable=False),
    Column("revoked_at", Timestamp),
    Column("revoked_by", ForeignKey("messages.id")),
    ForeignKeyConstraint(["case_id", "order_key"], ["cases.id", "cases.order_key"], name="i1_acceptance_of_the_cases_order"),
    ForeignKeyConstraint(
        ["message_id", "case_id"],
        ["evidence_messages.message_id", "evidence_messages.case_id"],
        name="i2_evidence_message_serves_one_case",
    ),
    ForeignKeyConstraint(
        ["signature_sha256", "case_id"],
        ["evidence_signatures.signature_sha256", "evidence_signatures.case_id"],
        name="i2_signature_serves_one_case",
    ),
    UniqueConstraint("id", "order_key", "case_id", "item", "rebill", "verified", name="acceptances_as_proved"),
    _one_of("acceptances_grade", "grade", "A", "B", "C", "D", "E"),
    CheckConstraint(
        "verified = FALSE OR grade IN ('A', 'B') OR (grade IN ('C', 'D') AND confirmed_by IS NOT NULL"
        " AND second_person IS NOT NULL AND confirmed_by <> second_person AND length(trim(reason)) > 0)",
        name="i2_verified_by_proof_or_two_people",
    ),
    Index("acceptances_case", "case_id"),
)

rebills = Table(
    "rebills",
    metadata,
    Column("id", Text, primary_key=True),
    Column("order_key", Key, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("reference", Words),
    Column("settled_by", Words),
    Column("reason", Words, nullable=False),
    Column("requested_at", Timestamp, nullable=False),
    Column("settled_at", Timestamp),
    ForeignKeyConstraint(["case_id", "order_key"], ["cases.id", "cases.order_key"], name="i4_rebill_of_the_cases_order"),
    UniqueConstraint("id", "order_key", name="rebills_with_order"),
    UniqueConstraint("case_id", name="i4_one_rebill_a_case"),
    _one_of("rebills_state", "state", "requested", "confirmed", "failed"),
)

rebill_lines = Table(
    "rebill_lines",
    metadata,
    Column("order_key", Key, primary_key=True, autoincrement=False),
    Column("line", Words, primary_key=True),
    Column("rebill_id", Text, nullable=False),
    Column("units", Integer, nullable=False),
    ForeignKeyConstraint(["rebill_id", "order_key"], ["rebills.id", "rebills.order_key"], name="rebill_lines_rebill_fk"),
    ForeignKeyConstraint(["order_key", "line"], ["order_lines.order_key", "order_lines.line"], name="rebill_lines_line_fk"),
    CheckConstraint("units > 0", name="rebill_lines_units"),
    Index("rebill_lines_rebill", "rebill_id"),
)

_AMOUNT_IS_COVERED = {
    # Fifteen digits are what a binary fraction compares exactly; digits and one point only, so that the cast reads all of it.
    "sqlite": "amount IS NULL OR (amount NOT GLOB '*[^0-9.]*' AND length(amount) <= 16"
    " AND CAST(amount AS REAL) > 0 AND CAST(amount AS REAL) <= CAST(cap AS REAL))",
    "postgresql": "amount IS NULL OR (amount > 0 AND amount <= cap)",
}
_CAP_IS_AN_AMOUNT = {
    "sqlite": "cap NOT GLOB '*[^0-9.]*' AND length(cap) <= 16 AND CAST(cap AS REAL) > 0",
    "postgresql": "cap > 0 AND cap < 1000000000000",
}

credit_memos = Table(
    "credit_memos",
    metadata,
    Column("id", Text, primary_key=True),
    # The ticket may be written only where its memo stands already, so this key waits for the end of the transaction.
    Column("ticket_id", ForeignKey("tickets.id", deferrable=True, initially="DEFERRED"), nullable=False, unique=True),
    Column("case_id", Text, nullable=False, unique=True),
    Column("order_key", Key, nullable=False),
    Column("acceptance_id", Text, nullable=False),
    Column("acceptance_item", Boolean, nullable=False, server_default=true()),
    Column("acceptance_rebill", Boolean, nullable=False, server_default=true()),
    Column("acceptance_verified", Boolean, nullable=False, server_default=true()),
    Column("rebill_id", Text, nullable=False),
    Column("memo_gate", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("currency", Text),
    Column("cap", Money, nullable=False),
    Column("amount", Money),
    Column("entered_by", ForeignKey("users.name")),
    Column("approved_by", ForeignKey("users.name")),
    Column("opened_at", Timestamp, nullable=False),
    Column("issued_at", Timestamp),
    ForeignKeyConstraint(
        ["acceptance_id", "order_key", "case_id", "acceptance_item", "acceptance_rebill", "acceptance_verified"],
        [f"acceptances.{name}" for name in ("id", "order_key", "case_id", "item", "rebill", "verified")],
        name="i1_memo_needs_verified_acceptance",
    ),
    ForeignKeyConstraint(["rebill_id", "order_key"], ["rebills.id", "rebills.order_key"], name="i1_memo_needs_its_rebill"),
    UniqueConstraint("acceptance_id", name="i1_acceptance_pays_once"),
    UniqueConstraint("rebill_id", name="i4_rebill_pays_once"),
    UniqueConstraint("id", "order_key", name="credit_memos_with_order"),
    CheckConstraint(
        "acceptance_item = TRUE AND acceptance_rebill = TRUE AND acceptance_verified = TRUE", name="i1_memo_needs_both"
    ),
    _one_of("credit_memos_gate", "memo_gate", "rebill_confirmed", "rebill_requested"),
    _one_of("credit_memos_status", "status", "awaiting_rebill", "ready_for_approval", "issued"),
    CheckConstraint(
        "status <> 'issued' OR (amount IS NOT NULL AND entered_by IS NOT NULL AND approved_by IS NOT NULL"
        " AND entered_by <> approved_by)",
        name="i1_issued_needs_two_people",
    ),
    CheckConstraint("approved_by IS NULL OR status = 'issued'", name="i1_approval_issues"),
    *(
        CheckConstraint(rule[dialect], name=name).ddl_if(dialect=dialect)
        for name, rule in (("i1_amount_within_cap", _AMOUNT_IS_COVERED), ("i1_cap_is_an_amount", _CAP_IS_AN_AMOUNT))
        for dialect in ("sqlite", "postgresql")
    ),
)

credit_memo_lines = Table(
    "credit_memo_lines",
    metadata,
    Column("order_key", Key, primary_key=True, autoincrement=False),
    Column("line", Words, primary_key=True),
    Column("memo_id", Text, nullable=False),
    Column("units", Integer, nullable=False),
    Column("unit_price", Money, nullable=False),
    ForeignKeyConstraint(
        ["memo_id", "order_key"], ["credit_memos.id", "credit_memos.order_key"], name="credit_memo_lines_memo_fk"
    ),
    ForeignKeyConstraint(
        ["order_key", "line"], ["order_lines.order_key", "order_lines.line"], name="credit_memo_lines_line_fk"
    ),
    CheckConstraint("units > 0", name="credit_memo_lines_units"),
    Index("credit_memo_lines_memo", "memo_id"),
)

# -- the console's own

desk_marks = Table(
    "desk_marks",
    metadata,
    Column("subject", Text, primary_key=True),  # "message 12", "case c…" or "draft d…", as the audit log writes it
    Column("assigned_to", ForeignKey("users.name")),
    Column("snoozed_until", Timestamp),
    Column("changed_by", Words, nullable=False),
    Column("changed_at", Timestamp, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Key, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("author", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("at", Timestamp, nullable=False),
    Index("notes_subject", "subject"),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("owner", Words, primary_key=True),
    Column("name", Words, primary_key=True),
    Column("query", Words, nullable=False),
)

# What a person has typed into a draft and not saved yet; it goes when the edit is saved or the draft reviewed.
unsaved_edits = Table(
    "unsaved_edits",
    metadata,
    Column("draft_id", ForeignKey("drafts.id"), primary_key=True),
    Column("editor", Words, primary_key=True),
    Column("subject", Words, nullable=False),
    Column("body", Words, nullable=False),
    Column("shown_sha256", Text, nullable=False),
)

# -- several workers

message_keys = Table(
    "message_keys",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("key", Words, primary_key=True),  # what may tie it to another message's case; only while it waits
    Index("message_keys_key", "key"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", Timestamp, nullable=False),
    Column("fence", BigInteger, nullable=False),
)

# -- clock and record

ticks = Table(
    "ticks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("slot", BigInteger, primary_key=True, autoincrement=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Key, primary_key=True, autoincrement=False),
    Column("at", Timestamp, nullable=False),
    Column("actor", Words, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Words, nullable=False),
    Column("data", JSON, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("audit_subject", "subject"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Key, nullable=False),
    Column("hash", Text, nullable=False),
    CheckConstraint("id = 1", name="audit_head_is_one"),
)

# -- privacy

erasures = Table(
    "erasures",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("actor", Words, nullable=False),
    Column("basis", Words, nullable=False),  # the request, or the class of data whose time was over
    Column("salt", Text),  # of a person: with it a restored backup is searched for who was erased
    Column("digest", Text),
    Column("started_at", Timestamp, nullable=False),
    Column("finished_at", Timestamp),  # none: this transaction may take words away, and no other
    Column("counts", JSON, nullable=False),
    _one_of("erasures_kind", "kind", "person", "retention"),
    CheckConstraint("(kind = 'person') = (digest IS NOT NULL)", name="erasures_person_has_digest"),
    Index("erasures_started", "started_at"),
)

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("about", Words, nullable=False),  # an address, an order number or a case, folded
    Column("reason", Words, nullable=False),
    Column("placed_by", Words, nullable=False),
    Column("placed_at", Timestamp, nullable=False),
    Column("lifted_by", Words),
    Column("lifted_at", Timestamp),
    CheckConstraint("(lifted_by IS NULL) = (lifted_at IS NULL)", name="legal_holds_lifted_by_somebody"),
    _partial("legal_holds_once", "about", where="lifted_at IS NULL", unique=True),
)
