"""The invariants of docs/spec/safety.md 3 as questions to the tables: each names the rows that break it, and none should.

Plain SQL that both databases read, and nothing of the code that decides: what a bug there has done, this still sees.
"""

from dataclasses import dataclass

from sqlalchemy import text

from supportbot.store.work import Work

_AT_MOST = 20  # rows named for each question


@dataclass(frozen=True, slots=True)
class Violation:
    """One row that breaks an invariant."""

    invariant: str
    sentence: str
    row: str


QUESTIONS: tuple[tuple[str, str, str], ...] = (
    (
        "I1",
        "a credit memo without a verified acceptance of both for the same order and case",
        "SELECT m.id FROM credit_memos m WHERE NOT EXISTS (SELECT 1 FROM acceptances a WHERE a.id = m.acceptance_id"
        " AND a.order_key = m.order_key AND a.case_id = m.case_id AND a.item = TRUE AND a.rebill = TRUE AND a.verified = TRUE)",
    ),
    (
        "I1",
        "an issued credit memo without two people, an amount within its cap, and the re-bill that its gate asks for",
        "SELECT m.id FROM credit_memos m JOIN rebills r ON r.id = m.rebill_id"
        " WHERE m.status = 'issued' AND (m.entered_by IS NULL OR m.approved_by IS NULL "
        "OR m.entered_by = m.approved_by OR m.amount IS NULL"
        " OR CAST(m.amount AS REAL) > CAST(m.cap AS REAL)"
        " OR (m.memo_gate = 'rebill_confirmed' AND r.state <> 'confirmed'))",
    ),
    (
        "I2",
        "a verified acceptance without proof of grade A or B, or two people",
        "SELECT id FROM acceptances WHERE verified = TRUE AND NOT (grade IN ('A', 'B') OR (grade IN ('C', 'D')"
        " AND confirmed_by IS NOT NULL AND second_person IS NOT NULL AND confirmed_by <> second_person))",
    ),
    (
        "I3",
        "a message with two drafts of one template for one case or order",
        "SELECT min(id) FROM drafts WHERE message_id IS NOT NULL AND business_key NOT LIKE 'again:%'"
        " GROUP BY message_id, template, coalesce(case_id, order_id) HAVING count(*) > 1",
    ),
    (
        "I4",
        "an order line in two credit memos or re-bills",
        "SELECT line FROM credit_memo_lines GROUP BY order_key, line HAVING count(*) > 1"
        " UNION ALL SELECT line FROM rebill_lines GROUP BY order_key, line HAVING count(*) > 1",
    ),
    (
        "I5",
        "a draft with two mails, or one Message-ID on two",
        "SELECT min(id) FROM outbox GROUP BY draft_id HAVING count(*) > 1"
        " UNION ALL SELECT min(id) FROM outbox GROUP BY header_message_id HAVING count(*) > 1",
    ),
    (
        "I6",
        "a fetched mail that is neither a message nor in quarantine",
        "SELECT CAST(f.id AS TEXT) FROM fetched f WHERE f.message_id IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.fetched_id = f.id)",
    ),
    (
        "I6",
        "a message whose stored bytes are gone and that nobody was told of",
        "SELECT CAST(m.id AS TEXT) FROM messages m WHERE m.state <> 'quarantined'"
        " AND NOT EXISTS (SELECT 1 FROM raw_mail r WHERE r.sha256 = m.sha256)",
    ),
    (
        "I7",
        "a quarantined message without an entry",
        "SELECT CAST(m.id AS TEXT) FROM messages m WHERE m.state = 'quarantined'"
        " AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.message_id = m.id)",
    ),
    (
        "I3",
        "a message decided more often than it was retried",
        "SELECT a.subject FROM audit a WHERE a.action = 'decide' GROUP BY a.subject HAVING count(*) > 1"
        " + (SELECT count(*) FROM audit r WHERE r.action = 'retry_quarantined' AND r.subject = a.subject)",
    ),
    (
        "I7",
        "a message that is done and held in quarantine at once",
        "SELECT CAST(m.id AS TEXT) FROM messages m JOIN quarantine q ON q.message_id = m.id AND q.state = 'held'"
        " WHERE m.state = 'done'",
    ),
    (
        "I10",
        "a mail in the outbox that was approved with findings",
        "SELECT o.id FROM outbox o JOIN drafts d ON d.id = o.draft_id JOIN draft_versions v ON v.draft_id = d.id"
        " AND v.version = d.version WHERE CAST(v.findings AS TEXT) <> '[]'",
    ),
    (
        "I12",
        "work that is assigned to somebody of a seller",
        "SELECT m.subject FROM desk_marks m JOIN users u ON u.name = m.assigned_to WHERE u.seller_id IS NOT NULL",
    ),
    (
        "I13",
        "a message that is done without a decision on record",
        "SELECT CAST(m.id AS TEXT) FROM messages m WHERE m.state = 'done' AND NOT EXISTS (SELECT 1 FROM audit a"
        " WHERE a.subject = 'message ' || CAST(m.id AS TEXT) AND a.action = 'decide')",
    ),
    (
        "I14",
        "a mail that failed, and nobody was told",
        "SELECT o.id FROM outbox o WHERE o.state = 'failed' AND o.detail NOT LIKE 'settled by %'"
        " AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.business_key = 'failed:' || o.id)",
    ),
    (
        "I9",
        "a mail in the outbox whose draft nobody approved, or approved with other words",
        "SELECT o.id FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM reviews r JOIN drafts d ON d.id = r.draft_id"
        " JOIN draft_versions v ON v.draft_id = d.id AND v.version = d.version"
        " WHERE r.draft_id = o.draft_id AND r.decision = 'approved' AND r.content_sha256 = v.content_sha256)",
    ),
    (
        "I13",
        "a case that is not where its last event led",
        "SELECT c.id FROM cases c WHERE c.state <> (SELECT e.to_state FROM case_events e WHERE e.case_id = c.id"
        " ORDER BY e.number DESC LIMIT 1)",
    ),
    (
        "I13",
        "a case event that does not begin where the one before it led",
        "SELECT e.case_id FROM case_events e JOIN case_events b ON b.case_id = e.case_id AND b.number = e.number - 1"
        " WHERE e.from_state <> b.to_state",
    ),
    (
        "I17",
        "an erasure that was never finished",
        "SELECT id FROM erasures WHERE finished_at IS NULL",
    ),
)


class Checking(Work):
    """The auditor's part of a transaction."""

    def violations(self) -> list[Violation]:
        """Every row that breaks an invariant, and every fault of the audit log; empty where all is well."""
        found = [
            Violation(invariant, sentence, str(row[0]))
            for invariant, sentence, query in QUESTIONS
            for row in self._connection.execute(text(query)).fetchmany(_AT_MOST)
        ]
        return [*found, *(Violation("I13", "the audit log is not whole", problem) for problem in self.verify_audit())]
