"""The first tables: mail, orders, cases, mail out, the money lock, the record."""

import sqlalchemy as sa
from alembic import op

from supportbot.store import guards

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
MONEY = sa.Numeric().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", KEY, autoincrement=False, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="audit_pk"),
    )
    op.create_index("audit_subject", "audit", ["subject"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name="audit_head_is_one"),
        sa.PrimaryKeyConstraint("id", name="audit_head_pk"),
    )
    op.create_table(
        "folder_positions",
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", "folder", name="folder_positions_pk"),
    )
    op.create_table(
        "orders",
        sa.Column("key", KEY, nullable=False),
        sa.Column("marketplace", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("order_id_folded", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text()),
        sa.Column("placed_at", TIME),
        sa.Column("status", sa.Text()),
        sa.Column("previous_status", sa.Text()),
        sa.Column("payment_verified", sa.Boolean()),
        sa.Column("expected_ship_at", TIME),
        sa.Column("label_generated", sa.Boolean()),
        sa.Column("sent_to_warehouse", sa.Boolean()),
        sa.Column("picked_packed", sa.Boolean()),
        sa.Column("despatched", sa.Boolean()),
        sa.Column("buyer_requested_cancel", sa.Boolean()),
        sa.Column("supports_backorder", sa.Boolean()),
        sa.Column("currency", sa.Text()),
        sa.Column("buyer_name", sa.Text()),
        sa.Column("buyer_address", sa.Text()),
        sa.Column("buyer_relay_address", sa.Text()),
        sa.Column("seller_id", sa.Text()),
        sa.Column("seller_name", sa.Text()),
        sa.Column("seller_account", sa.Text()),
        sa.Column("seller_addresses", sa.JSON(), nullable=False),
        sa.Column("alerts", sa.JSON(), nullable=False),
        sa.Column("cancelled_by", sa.Text()),
        sa.Column("cancelled_at", TIME),
        sa.PrimaryKeyConstraint("key", name="orders_pk"),
        sa.UniqueConstraint("marketplace", "order_id_folded", name="orders_once"),
    )
    op.create_index("orders_order_id", "orders", ["order_id_folded"])
    op.create_table(
        "raw_mail",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="raw_mail_pk"),
    )
    op.create_table(
        "threads",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("root_subject", sa.Text(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="threads_pk"),
    )
    op.create_table(
        "ticks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slot", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("name", "slot", name="ticks_pk"),
    )
    op.create_table(
        "users",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("seller_id", sa.Text()),
        sa.Column("password_hash", sa.Text()),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("role IN ('viewer', 'reviewer', 'approver', 'admin')", name="users_role"),
        sa.PrimaryKeyConstraint("name", name="users_pk"),
        sa.UniqueConstraint("name_folded", name="users_name_folded_key"),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_key", KEY, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Text()),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("closed_at", TIME),
        sa.Column("close_reason", sa.Text()),
        sa.Column("held_from", sa.Text()),
        sa.ForeignKeyConstraint(["order_key"], ["orders.key"], name="cases_order_key_fk"),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name="cases_thread_id_fk"),
        sa.PrimaryKeyConstraint("id", name="cases_pk"),
        sa.UniqueConstraint("id", "order_key", name="cases_with_order"),
    )
    op.create_index(
        "cases_one_open",
        "cases",
        ["order_key", "type"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("cases_order", "cases", ["order_key"])
    op.create_index("cases_thread", "cases", ["thread_id"])
    op.create_table(
        "order_addresses",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("order_key", KEY, nullable=False),
        sa.ForeignKeyConstraint(["order_key"], ["orders.key"], name="order_addresses_order_key_fk"),
        sa.PrimaryKeyConstraint("address", "order_key", name="order_addresses_pk"),
    )
    op.create_index("order_addresses_order", "order_addresses", ["order_key"])
    op.create_table(
        "order_lines",
        sa.Column("order_key", KEY, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text()),
        sa.Column("asin", sa.Text()),
        sa.Column("title", sa.Text()),
        sa.Column("quantity", sa.Integer()),
        sa.Column("unit_price", MONEY),
        sa.Column("shipped_quantity", sa.Integer()),
        sa.Column("cancelled_quantity", sa.Integer()),
        sa.Column("left_warehouse_quantity", sa.Integer()),
        sa.ForeignKeyConstraint(["order_key"], ["orders.key"], name="order_lines_order_key_fk"),
        sa.PrimaryKeyConstraint("order_key", "line", name="order_lines_pk"),
    )
    op.create_table(
        "shipments",
        sa.Column("order_key", KEY, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("carrier", sa.Text()),
        sa.Column("tracking_number", sa.Text()),
        sa.Column("shipped_at", TIME),
        sa.Column("confirmed", sa.Boolean()),
        sa.ForeignKeyConstraint(["order_key"], ["orders.key"], name="shipments_order_key_fk"),
        sa.PrimaryKeyConstraint("order_key", "number", name="shipments_pk"),
    )
    op.create_table(
        "evidence_signatures",
        sa.Column("signature_sha256", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="evidence_signatures_case_id_fk"),
        sa.PrimaryKeyConstraint("signature_sha256", name="evidence_signatures_pk"),
        sa.UniqueConstraint("signature_sha256", "case_id", name="evidence_signatures_with_case"),
    )
    op.create_table(
        "messages",
        sa.Column("id", KEY, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("received", TIME, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", TIME),
        sa.Column("header_message_id", sa.Text()),
        sa.Column("sender", sa.Text()),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text()),
        sa.Column("confidence", sa.Float()),
        sa.Column("abstained", sa.Boolean()),
        sa.Column("thread_id", sa.Text()),
        sa.Column("case_id", sa.Text()),
        sa.Column("order_id", sa.Text()),
        sa.Column("action", sa.Text()),
        sa.Column("rule", sa.Text()),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("needs_person", sa.Boolean()),
        sa.Column("handled_by", sa.Text()),
        sa.Column("handled_at", TIME),
        sa.CheckConstraint("state IN ('new', 'done', 'quarantined')", name="messages_state"),
        sa.CheckConstraint("(handled_by IS NULL) = (handled_at IS NULL)", name="messages_handled_by_somebody"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="messages_case_id_fk"),
        sa.ForeignKeyConstraint(["sha256"], ["raw_mail.sha256"], name="messages_sha256_fk"),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name="messages_thread_id_fk"),
        sa.PrimaryKeyConstraint("id", name="messages_pk"),
        sa.UniqueConstraint("sha256", name="messages_sha256_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("messages_case", "messages", ["case_id"])
    op.create_index(
        "messages_new", "messages", ["id"], sqlite_where=sa.text("state = 'new'"), postgresql_where=sa.text("state = 'new'")
    )
    op.create_index("messages_thread", "messages", ["thread_id"])
    op.create_index(
        "messages_unhandled",
        "messages",
        ["id"],
        sqlite_where=sa.text("needs_person = TRUE AND handled_at IS NULL"),
        postgresql_where=sa.text("needs_person = TRUE AND handled_at IS NULL"),
    )
    op.create_table(
        "thread_messages",
        sa.Column("header_message_id", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text()),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="thread_messages_case_id_fk"),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name="thread_messages_thread_id_fk"),
        sa.PrimaryKeyConstraint("header_message_id", "thread_id", name="thread_messages_pk"),
    )
    op.create_index("thread_messages_thread", "thread_messages", ["thread_id"])
    op.create_table(
        "tickets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text()),
        sa.Column("order_id", sa.Text()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("close_reason", sa.Text()),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="tickets_case_id_fk"),
        sa.PrimaryKeyConstraint("id", name="tickets_pk"),
        sa.UniqueConstraint("business_key", name="i3_tickets_once"),
    )
    op.create_index("tickets_case", "tickets", ["case_id"])
    op.create_index(
        "tickets_unpushed",
        "tickets",
        ["opened_at"],
        sqlite_where=sa.text("reference IS NULL AND close_reason IS NULL"),
        postgresql_where=sa.text("reference IS NULL AND close_reason IS NULL"),
    )
    op.create_table(
        "timers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('set', 'done', 'cancelled')", name="timers_state"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="timers_case_id_fk"),
        sa.PrimaryKeyConstraint("id", name="timers_pk"),
    )
    op.create_index("timers_case", "timers", ["case_id"])
    op.create_index(
        "timers_due", "timers", ["due_at"], sqlite_where=sa.text("state = 'set'"), postgresql_where=sa.text("state = 'set'")
    )
    op.create_index(
        "timers_once",
        "timers",
        ["case_id", "name"],
        unique=True,
        sqlite_where=sa.text("state = 'set'"),
        postgresql_where=sa.text("state = 'set'"),
    )
    op.create_index(
        "timers_once_without_case",
        "timers",
        ["name"],
        unique=True,
        sqlite_where=sa.text("state = 'set' AND case_id IS NULL"),
        postgresql_where=sa.text("state = 'set' AND case_id IS NULL"),
    )
    op.create_table(
        "case_events",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("message_id", KEY),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="case_events_case_id_fk"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="case_events_message_id_fk"),
        sa.PrimaryKeyConstraint("case_id", "number", name="case_events_pk"),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("message_id", KEY),
        sa.Column("case_id", sa.Text()),
        sa.Column("order_id", sa.Text()),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("to", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("token", sa.Text()),
        sa.Column("in_reply_to", sa.Text()),
        sa.Column("references", sa.JSON(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'approved', 'rejected', 'superseded')", name="drafts_state"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="drafts_case_id_fk"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="drafts_message_id_fk"),
        sa.PrimaryKeyConstraint("id", name="drafts_pk"),
        sa.UniqueConstraint("business_key", name="i3_drafts_once"),
        sa.UniqueConstraint("token", name="drafts_token_key"),
    )
    op.create_index("drafts_case", "drafts", ["case_id"])
    op.create_index("drafts_message", "drafts", ["message_id"])
    op.create_index(
        "drafts_waiting",
        "drafts",
        ["created_at"],
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_table(
        "evidence_messages",
        sa.Column("message_id", KEY, autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="evidence_messages_case_id_fk"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="evidence_messages_message_id_fk"),
        sa.PrimaryKeyConstraint("message_id", name="evidence_messages_pk"),
        sa.UniqueConstraint("message_id", "case_id", name="evidence_messages_with_case"),
    )
    op.create_table(
        "fetched",
        sa.Column("id", KEY, nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("message_id", KEY),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", TIME, nullable=False),
        sa.Column("fetched_at", TIME, nullable=False),
        sa.Column("marked_at", TIME),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fetched_message_id_fk"),
        sa.PrimaryKeyConstraint("id", name="fetched_pk"),
        sa.UniqueConstraint("mailbox", "folder", "uidvalidity", "uid", name="fetched_once"),
    )
    op.create_index("fetched_message", "fetched", ["message_id"])
    op.create_index(
        "fetched_unmarked",
        "fetched",
        ["mailbox"],
        sqlite_where=sa.text("marked_at IS NULL"),
        postgresql_where=sa.text("marked_at IS NULL"),
    )
    op.create_table(
        "message_evidence",
        sa.Column("id", KEY, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="message_evidence_message_id_fk"),
        sa.PrimaryKeyConstraint("id", name="message_evidence_pk"),
    )
    op.create_index("message_evidence_message", "message_evidence", ["message_id"])
    op.create_table(
        "rebills",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_key", KEY, nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("settled_by", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_at", TIME, nullable=False),
        sa.Column("settled_at", TIME),
        sa.CheckConstraint("state IN ('requested', 'confirmed', 'failed')", name="rebills_state"),
        sa.ForeignKeyConstraint(["case_id", "order_key"], ["cases.id", "cases.order_key"], name="i4_rebill_of_the_cases_order"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="rebills_ticket_id_fk"),
        sa.PrimaryKeyConstraint("id", name="rebills_pk"),
        sa.UniqueConstraint("case_id", name="i4_one_rebill_a_case"),
        sa.UniqueConstraint("id", "order_key", name="rebills_with_order"),
        sa.UniqueConstraint("ticket_id", name="rebills_ticket_id_key"),
    )
    op.create_table(
        "acceptances",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("order_key", KEY, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("item", sa.Boolean(), nullable=False),
        sa.Column("rebill", sa.Boolean(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("buyer_address", sa.Text(), nullable=False),
        sa.Column("signature_sha256", sa.Text()),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("notice_message_id", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text()),
        sa.Column("second_person", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME),
        sa.Column("revoked_by", KEY),
        sa.CheckConstraint("grade IN ('A', 'B', 'C', 'D', 'E')", name="acceptances_grade"),
        sa.CheckConstraint(
            "verified = FALSE OR grade IN ('A', 'B') OR (grade IN ('C', 'D') AND confirmed_by IS NOT NULL"
            " AND second_person IS NOT NULL"
            " AND confirmed_by <> second_person AND length(trim(reason)) > 0)",
            name="i2_verified_by_proof_or_two_people",
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "order_key"], ["cases.id", "cases.order_key"], name="i1_acceptance_of_the_cases_order"
        ),
        sa.ForeignKeyConstraint(["confirmed_by"], ["users.name"], name="acceptances_confirmed_by_fk"),
        sa.ForeignKeyConstraint(
            ["message_id", "case_id"],
            ["evidence_messages.message_id", "evidence_messages.case_id"],
            name="i2_evidence_message_serves_one_case",
        ),
        sa.ForeignKeyConstraint(["revoked_by"], ["messages.id"], name="acceptances_revoked_by_fk"),
        sa.ForeignKeyConstraint(["second_person"], ["users.name"], name="acceptances_second_person_fk"),
        sa.ForeignKeyConstraint(
            ["signature_sha256", "case_id"],
            ["evidence_signatures.signature_sha256", "evidence_signatures.case_id"],
            name="i2_signature_serves_one_case",
        ),
        sa.PrimaryKeyConstraint("id", name="acceptances_pk"),
        sa.UniqueConstraint("id", "order_key", "case_id", "item", "rebill", "verified", name="acceptances_as_proved"),
    )
    op.create_index("acceptances_case", "acceptances", ["case_id"])
    op.create_table(
        "draft_recipients",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name="draft_recipients_draft_id_fk"),
        sa.PrimaryKeyConstraint("address", "draft_id", name="draft_recipients_pk"),
    )
    op.create_index("draft_recipients_draft", "draft_recipients", ["draft_id"])
    op.create_table(
        "draft_versions",
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("editor", sa.Text()),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name="draft_versions_draft_id_fk"),
        sa.PrimaryKeyConstraint("draft_id", "version", name="draft_versions_pk"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("header_message_id", sa.Text(), nullable=False),
        sa.Column("envelope_from", sa.Text(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("not_before", TIME, nullable=False),
        sa.Column("claimed_at", TIME),
        sa.Column("changed_at", TIME, nullable=False),
        sa.CheckConstraint("state IN ('approved', 'withdrawn', 'sending', 'sent', 'uncertain', 'failed')", name="outbox_state"),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name="outbox_draft_id_fk"),
        sa.PrimaryKeyConstraint("id", name="outbox_pk"),
        sa.UniqueConstraint("draft_id", name="i5_draft_sent_once"),
        sa.UniqueConstraint("header_message_id", name="i5_message_id_sent_once"),
    )
    op.create_index(
        "outbox_approved",
        "outbox",
        ["not_before"],
        sqlite_where=sa.text("state = 'approved'"),
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_index(
        "outbox_sending",
        "outbox",
        ["id"],
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index("outbox_claimed", "outbox", ["claimed_at"])
    op.create_table(
        "quarantine",
        sa.Column("id", KEY, nullable=False),
        sa.Column("message_id", KEY),
        sa.Column("fetched_id", KEY),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("traceback", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('held', 'retried')", name="quarantine_state"),
        sa.ForeignKeyConstraint(["fetched_id"], ["fetched.id"], name="quarantine_fetched_id_fk"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="quarantine_message_id_fk"),
        sa.PrimaryKeyConstraint("id", name="quarantine_pk"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "quarantine_held",
        "quarantine",
        ["id"],
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_table(
        "rebill_lines",
        sa.Column("order_key", KEY, autoincrement=False, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("rebill_id", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.CheckConstraint("units > 0", name="rebill_lines_units"),
        sa.ForeignKeyConstraint(
            ["order_key", "line"], ["order_lines.order_key", "order_lines.line"], name="rebill_lines_line_fk"
        ),
        sa.ForeignKeyConstraint(["rebill_id", "order_key"], ["rebills.id", "rebills.order_key"], name="rebill_lines_rebill_fk"),
        sa.PrimaryKeyConstraint("order_key", "line", name="rebill_lines_pk"),
    )
    op.create_index("rebill_lines_rebill", "rebill_lines", ["rebill_id"])
    op.create_table(
        "reviews",
        sa.Column("id", KEY, nullable=False),
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.CheckConstraint("decision IN ('approved', 'rejected')", name="reviews_decision"),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name="reviews_draft_id_fk"),
        sa.PrimaryKeyConstraint("id", name="reviews_pk"),
        sa.UniqueConstraint("draft_id", name="i9_one_review_a_draft"),
    )
    op.create_table(
        "credit_memos",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("order_key", KEY, nullable=False),
        sa.Column("acceptance_id", sa.Text(), nullable=False),
        sa.Column("acceptance_item", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("acceptance_rebill", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("acceptance_verified", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("rebill_id", sa.Text(), nullable=False),
        sa.Column("memo_gate", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text()),
        sa.Column("cap", MONEY, nullable=False),
        sa.Column("amount", MONEY),
        sa.Column("entered_by", sa.Text()),
        sa.Column("approved_by", sa.Text()),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("issued_at", TIME),
        sa.CheckConstraint(
            "amount IS NULL OR (amount NOT GLOB '*[^0-9.]*' AND length(amount) <= 16"
            " AND CAST(amount AS REAL) > 0 AND CAST(amount AS REAL) <= CAST(cap AS REAL))",
            name="i1_amount_within_cap",
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("approved_by IS NULL OR status = 'issued'", name="i1_approval_issues"),
        sa.CheckConstraint(
            "cap NOT GLOB '*[^0-9.]*' AND length(cap) <= 16 AND CAST(cap AS REAL) > 0", name="i1_cap_is_an_amount"
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint("memo_gate IN ('rebill_confirmed', 'rebill_requested')", name="credit_memos_gate"),
        sa.CheckConstraint(
            "status <> 'issued' OR (amount IS NOT NULL AND entered_by IS NOT NULL AND approved_by IS NOT NULL"
            " AND entered_by <> approved_by)",
            name="i1_issued_needs_two_people",
        ),
        sa.CheckConstraint("status IN ('awaiting_rebill', 'ready_for_approval', 'issued')", name="credit_memos_status"),
        sa.CheckConstraint(
            "acceptance_item = TRUE AND acceptance_rebill = TRUE AND acceptance_verified = TRUE", name="i1_memo_needs_both"
        ),
        sa.CheckConstraint("amount IS NULL OR (amount > 0 AND amount <= cap)", name="i1_amount_within_cap").ddl_if(
            dialect="postgresql"
        ),
        sa.CheckConstraint("cap > 0 AND cap < 1000000000000", name="i1_cap_is_an_amount").ddl_if(dialect="postgresql"),
        sa.ForeignKeyConstraint(
            ["acceptance_id", "order_key", "case_id", "acceptance_item", "acceptance_rebill", "acceptance_verified"],
            [
                "acceptances.id",
                "acceptances.order_key",
                "acceptances.case_id",
                "acceptances.item",
                "acceptances.rebill",
                "acceptances.verified",
            ],
            name="i1_memo_needs_verified_acceptance",
        ),
        sa.ForeignKeyConstraint(["approved_by"], ["users.name"], name="credit_memos_approved_by_fk"),
        sa.ForeignKeyConstraint(["entered_by"], ["users.name"], name="credit_memos_entered_by_fk"),
        sa.ForeignKeyConstraint(
            ["rebill_id", "order_key"], ["rebills.id", "rebills.order_key"], name="i1_memo_needs_its_rebill"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name="credit_memos_ticket_id_fk", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name="credit_memos_pk"),
        sa.UniqueConstraint("acceptance_id", name="i1_acceptance_pays_once"),
        sa.UniqueConstraint("case_id", name="credit_memos_case_id_key"),
        sa.UniqueConstraint("id", "order_key", name="credit_memos_with_order"),
        sa.UniqueConstraint("rebill_id", name="i4_rebill_pays_once"),
        sa.UniqueConstraint("ticket_id", name="credit_memos_ticket_id_key"),
    )
    op.create_table(
        "credit_memo_lines",
        sa.Column("order_key", KEY, autoincrement=False, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("memo_id", sa.Text(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("unit_price", MONEY, nullable=False),
        sa.CheckConstraint("units > 0", name="credit_memo_lines_units"),
        sa.ForeignKeyConstraint(
            ["memo_id", "order_key"], ["credit_memos.id", "credit_memos.order_key"], name="credit_memo_lines_memo_fk"
        ),
        sa.ForeignKeyConstraint(
            ["order_key", "line"], ["order_lines.order_key", "order_lines.line"], name="credit_memo_lines_line_fk"
        ),
        sa.PrimaryKeyConstraint("order_key", "line", name="credit_memo_lines_pk"),
    )
    op.create_index("credit_memo_lines_memo", "credit_memo_lines", ["memo_id"])

    op.execute("INSERT INTO audit_head (id, number, hash) VALUES (1, 0, '')")
    connection = op.get_bind()
    for statement in guards.statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
