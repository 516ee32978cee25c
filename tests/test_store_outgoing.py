"""Mail out: effects once, approvals of what was shown, and an outbox whose arrows only go one way (invariants I3, I5, I9)."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from supportbot.errors import StoreRefusal, UsageError
from supportbot.store import DraftRow, Store, Transaction
from tests.databases import MovableClock, RawSql
from tests.store_world import RECEIVED, add_draft, open_case, send_out


def a_draft(tx: Transaction, business_key: str = "notice:PO-1") -> DraftRow:
    draft_id = add_draft(tx, business_key)
    assert draft_id is not None
    draft = tx.draft(draft_id)
    assert draft is not None
    return draft


def test_a_business_key_has_one_draft_and_one_ticket(store: Store) -> None:
    with store.transaction() as tx:
        first = a_draft(tx)
        assert add_draft(tx) is None
        assert tx.drafts() == [first]
        ticket: dict[str, Any] = {
            "type": "other",
            "status": "open",
            "case_id": None,
            "order_id": None,
            "title": "Look",
            "fields": {"a": "b"},
        }
        ticket_id = tx.open_ticket(**ticket, business_key="look")
        assert tx.open_ticket(**ticket, business_key="look") is None
        assert [row.id for row in tx.tickets()] == [row.id for row in tx.tickets(status="open")] == [ticket_id]


def test_a_draft_is_read_back_as_it_was_made(store: Store) -> None:
    with store.transaction() as tx:
        opened = open_case(tx)
        draft_id = add_draft(
            tx,
            message_id=opened.message_id,
            case_id=opened.case_id,
            findings=("no tracking number",),
            token="t0ken",
            in_reply_to="<1@example.test>",
            references=("<0@example.test>", "<1@example.test>"),
        )
        assert draft_id is not None
        draft = tx.draft(draft_id)
        assert draft is not None
        assert (draft.to, draft.findings, draft.references) == (
            ("Bea@Example.test",),
            ("no tracking number",),
            ("<0@example.test>", "<1@example.test>"),
        )
        assert (draft.state, draft.version, draft.token, draft.outbox_state, draft.reviewer) == (
            "draft",
            1,
            "t0ken",
            None,
            None,
        )
        assert tx.drafts(case_id=opened.case_id) == [draft]
        assert tx.drafts(state=None, case_id="other") == []


def test_a_review_is_of_what_was_shown(store: Store) -> None:
    with store.transaction() as tx:
        shown = a_draft(tx)
        edited = tx.edit_draft(
            shown.id, subject="Your order", body="Shipped.", findings=(), editor="rita", expected_sha256=shown.content_sha256
        )
        assert (edited.version, edited.subject) == (2, "Your order")
        assert edited.content_sha256 != shown.content_sha256
        with pytest.raises(UsageError, match="has changed since it was shown"):
            tx.review(shown.id, decision="approved", reviewer="ann", shown_sha256=shown.content_sha256)
        with pytest.raises(UsageError, match="has changed since it was shown"):
            tx.edit_draft(shown.id, subject="", body="", findings=(), editor="ann", expected_sha256=shown.content_sha256)
        approved = tx.review(shown.id, decision="approved", reviewer="ann", shown_sha256=edited.content_sha256)
        assert (approved.state, approved.reviewer) == ("approved", "ann")
        with pytest.raises(UsageError, match="is approved already"):
            tx.review(shown.id, decision="rejected", reviewer="rita", shown_sha256=edited.content_sha256)
        assert tx.drafts() == []
        assert tx.drafts(state="approved") == [approved]


def test_a_draft_with_findings_cannot_be_approved_but_rejected(store: Store) -> None:
    with store.transaction() as tx:
        draft_id = add_draft(tx, findings=("a link",))
        assert draft_id is not None
        (draft,) = tx.drafts()
        with pytest.raises(UsageError, match="cannot be approved: a link"):
            tx.review(draft_id, decision="approved", reviewer="rita", shown_sha256=draft.content_sha256)
        with pytest.raises(UsageError, match="a review is approved or rejected, not maybe"):
            tx.review(draft_id, decision="maybe", reviewer="rita", shown_sha256=draft.content_sha256)
        tx.review(draft_id, decision="rejected", reviewer="rita", shown_sha256=draft.content_sha256, reason="a link")
        with pytest.raises(UsageError, match="there is no draft d-none"):
            tx.review("d-none", decision="rejected", reviewer="rita", shown_sha256="")


def test_raw_sql_cannot_approve_other_content_than_the_newest(store: Store, raw_sql: RawSql) -> None:
    with store.transaction() as tx:
        shown = a_draft(tx)
        edited = tx.edit_draft(
            shown.id, subject="x", body="y", findings=("a link",), editor="rita", expected_sha256=shown.content_sha256
        )
        clean = a_draft(tx, "other")
    review = {"draft_id": shown.id, "decision": "approved", "reviewer": "eve", "reason": "", "at": "2026-01-01 00:00:00"}
    assert "I9: a review names the content of the newest version" in raw_sql.insert_refusal(
        "reviews", **review, content_sha256=shown.content_sha256
    )
    assert "I10: a draft with findings cannot be approved" in raw_sql.insert_refusal(
        "reviews", **review, content_sha256=edited.content_sha256
    )
    assert "I9: a version of a draft is never changed" in raw_sql.refusal("UPDATE draft_versions SET body = 'z'")
    approval = {**review, "draft_id": clean.id, "content_sha256": clean.content_sha256}
    raw_sql.insert("reviews", **approval)
    assert "I9: a draft is reviewed once" in raw_sql.insert_refusal("reviews", **approval)
    assert "I9: a review is never changed" in raw_sql.refusal("UPDATE reviews SET reviewer = 'ann'")
    assert "I9: a review is never deleted" in raw_sql.refusal("DELETE FROM reviews")
    later = {"draft_id": clean.id, "version": 2, "subject": "x", "body": "y", "content_sha256": "z", "findings": "[]"}
    assert "I9: a reviewed draft is never changed" in raw_sql.insert_refusal(
        "draft_versions", **later, at="2026-01-01 00:00:00"
    )


def test_nothing_goes_out_without_approval(store: Store) -> None:
    with store.transaction() as tx:
        draft = a_draft(tx)
        rejected = a_draft(tx, "other")
        tx.review(rejected.id, decision="rejected", reviewer="rita", shown_sha256=rejected.content_sha256)
    mail: dict[str, Any] = {
        "header_message_id": "<1@x>",
        "envelope_from": "s@x",
        "recipients": draft.to,
        "raw": b"",
        "not_before": RECEIVED,
    }
    for each in (draft, rejected):
        with pytest.raises(StoreRefusal, match="I9: a mail enters the outbox only after its"), store.transaction() as tx:
            tx.enqueue(draft_id=each.id, **mail)


def test_a_mail_goes_out_once(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        outbox_id = send_out(tx)
    with store.transaction() as tx:
        claimed = tx.claim_outbox(clock.now())
    with store.transaction() as tx:
        assert tx.claim_outbox(clock.now()) is None
        tx.settle_outbox(outbox_id, state="sent", detail="250 ok")
    assert claimed is not None
    assert (claimed.id, claimed.state, claimed.attempts, claimed.recipients) == (outbox_id, "sending", 1, ("Bea@Example.test",))
    with store.snapshot() as tx:
        (entry,) = tx.outbox(state="sent")
        (sent,) = tx.sent_mail(header_message_ids=[entry.header_message_id])
        draft = tx.draft(entry.draft_id)
        assert tx.sent_mail() == tx.sent_mail(token="none") == []
    assert draft is not None
    assert (entry.detail, draft.outbox_state) == ("250 ok", "sent")
    assert (sent.to, sent.subject, sent.template, sent.sent_at) == (draft.to, draft.subject, "m_notice", clock.now())


def test_a_mail_waits_until_it_is_due_and_a_wait_that_a_wrong_clock_set_ends_with_that_clock(
    store: Store, clock: MovableClock
) -> None:
    begin = clock.now()
    clock.move(timedelta(days=8))
    with store.transaction() as tx:
        outbox_id = send_out(tx)
        assert tx.claim_outbox(clock.now()) is not None
        tx.settle_outbox(outbox_id, state="approved", detail="451", not_before=clock.now() + timedelta(minutes=1))
    with store.trial() as tx:
        assert tx.claim_outbox(clock.now() + timedelta(seconds=59)) is None
        assert tx.claim_outbox(clock.now() + timedelta(seconds=60)) is not None
    with store.transaction() as tx:
        assert tx.hold_back(begin, per_recipient=1, per_case=1) == 0
        assert tx.claim_outbox(begin) is not None


def test_nothing_about_a_case_on_hold_is_sent_until_it_is_released(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        case_id = open_case(tx).case_id
        send_out(tx, case_id=case_id)
        case = tx.case(case_id)
        assert case is not None
        held = tx.move_case(case, to_state="HOLD", event="hold", actor="rita", held_from="NOTICE_DUE")
        assert tx.hold_back(clock.now(), per_recipient=9, per_case=9) == 1
        assert tx.claim_outbox(clock.now()) is None
        assert [entry.detail for entry in tx.outbox()] == [
            "waits: its case is on hold, and nothing is sent until a person releases it"
        ]
    clock.move(timedelta(minutes=11))
    with store.transaction() as tx:
        tx.move_case(held, to_state="NOTICE_DUE", event="release", actor="rita")
        assert tx.hold_back(clock.now(), per_recipient=9, per_case=9) == 0
        assert tx.claim_outbox(clock.now()) is not None


def test_a_draft_and_a_message_id_enter_the_outbox_once(store: Store) -> None:
    with store.transaction() as tx:
        entry = tx.outbox_entry(send_out(tx))
        assert entry is not None
    mail: dict[str, Any] = {"envelope_from": "s@x", "recipients": ["b@x"], "raw": b"", "not_before": RECEIVED}
    with pytest.raises(StoreRefusal, match="I5: a draft is sent at most once"), store.transaction() as tx:
        tx.enqueue(draft_id=entry.draft_id, header_message_id="<other@x>", **mail)
    with store.transaction() as tx:
        other = a_draft(tx, "other")
        tx.review(other.id, decision="approved", reviewer="rita", shown_sha256=other.content_sha256)
    with pytest.raises(StoreRefusal, match="I5: a draft is sent at most once"), store.transaction() as tx:
        tx.enqueue(draft_id=other.id, header_message_id=entry.header_message_id, **mail)


def test_a_failure_before_the_dot_is_tried_again_later(store: Store, clock: MovableClock) -> None:
    later = clock.now() + timedelta(minutes=1)
    with store.transaction() as tx:
        outbox_id = send_out(tx)
        tx.claim_outbox(clock.now())
        tx.settle_outbox(outbox_id, state="approved", detail="421 later", not_before=later)
        assert tx.claim_outbox(clock.now()) is None
        again = tx.claim_outbox(later)
    assert again is not None
    assert again.attempts == 2


def test_a_mail_found_half_sent_at_start_is_parked_for_a_person(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        outbox_id = send_out(tx)
        send_out(tx, "other")
        tx.claim_outbox(clock.now())
    with store.transaction() as tx:
        (parked,) = tx.park_interrupted()
        assert tx.park_interrupted() == []
        entry = tx.outbox_entry(parked)
        assert entry is not None
        assert entry.state == "uncertain"
        assert len(tx.sent_mail(header_message_ids=[entry.header_message_id])) == 1
    with pytest.raises(StoreRefusal, match="I5: a mail goes from approved to sending"), store.transaction() as tx:
        tx.settle_outbox(parked, state="approved", detail="again")
    with store.transaction() as tx:
        tx.settle_outbox(parked, state="sent", detail="found in the Sent folder")
    assert outbox_id
    with pytest.raises(UsageError, match="there is no mail o-none in the outbox"), store.transaction() as tx:
        tx.settle_outbox("o-none", state="sent", detail="")


ARROWS = {
    ("approved", "sending"), ("approved", "withdrawn"), ("sending", "sent"), ("sending", "uncertain"),
    ("sending", "failed"), ("sending", "approved"), ("uncertain", "sent"), ("uncertain", "failed"),
}  # fmt: skip
WAY_TO = {
    "approved": (),
    "withdrawn": ("withdrawn",),
    "sending": ("sending",),
    **{end: ("sending", end) for end in ("sent", "uncertain", "failed")},
}


def test_raw_sql_takes_no_other_arrow_of_the_outbox(store: Store, raw_sql: RawSql) -> None:
    taken = set()
    for number, (state, way) in enumerate(WAY_TO.items()):
        with store.transaction() as tx:
            outbox_id = send_out(tx, f"draft {number}")
        for step in way:
            raw_sql.run("UPDATE outbox SET state = :step WHERE id = :id", step=step, id=outbox_id)
        for target in WAY_TO:
            if target == state:
                continue
            if (state, target) in ARROWS:
                taken.add((state, target))
            else:
                said = raw_sql.refusal("UPDATE outbox SET state = :target WHERE id = :id", target=target, id=outbox_id)
                assert "I5: a mail goes from approved to sending" in said
    assert taken == ARROWS


def test_raw_sql_cannot_smuggle_a_mail(store: Store, raw_sql: RawSql) -> None:
    with store.transaction() as tx:
        outbox_id = send_out(tx)
        draft = a_draft(tx, "unapproved")
    assert "I5: a mail never leaves the outbox" in raw_sql.refusal("DELETE FROM outbox")
    for change in ("header_message_id = '<2@x>'", "envelope_from = 'eve@x'", "recipients = '[]'", f"draft_id = '{draft.id}'"):
        assert "I5: what is sent is never changed" in raw_sql.refusal(f"UPDATE outbox SET {change}")
    row = {**raw_sql.row("outbox", outbox_id), "id": "o-forged", "header_message_id": "<2@x>"}
    assert "I5: a draft is sent at most once" in raw_sql.insert_refusal("outbox", **row)
    assert "I9: a mail enters the outbox only after" in raw_sql.insert_refusal("outbox", **{**row, "draft_id": draft.id})
    assert "I5: a mail enters the outbox as approved" in raw_sql.insert_refusal(
        "outbox", **{**row, "draft_id": draft.id, "state": "sending"}
    )


def test_recent_answers_count_drafts_to_one_recipient_in_one_case(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        opened = open_case(tx)
        start = clock.now()
        for number in range(3):
            add_draft(tx, f"{number}", case_id=opened.case_id)
            clock.move(timedelta(hours=1))
        rejected = tx.drafts()[0]
        tx.review(rejected.id, decision="rejected", reviewer="rita", shown_sha256=rejected.content_sha256)
        assert tx.recent_answers("bea@example.test", start, case_id=opened.case_id) == 2
        assert tx.recent_answers("BEA@example.test", start + timedelta(hours=2), case_id=opened.case_id) == 1
        assert tx.recent_answers("bea@example.test", start, case_id="other") == 0
        assert tx.recent_answers("sam@seller.test", start, case_id=opened.case_id) == 0
        assert tx.recent_answers("bea@example.test", start) == 0


def test_two_senders_never_claim_the_same_mail(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        expected = {send_out(tx, f"draft {number}") for number in range(12)}
    claimed: list[str] = []

    def send_all() -> None:
        while True:
            with store.transaction() as tx:
                row = tx.claim_outbox(clock.now())
            if row is None:
                return
            claimed.append(row.id)

    senders = [threading.Thread(target=send_all) for _ in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(20)
    assert sorted(claimed) == sorted(expected)
