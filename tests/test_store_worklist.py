"""Lists of work: read page by page, narrowed, searched and counted by the database, the same on SQLite and PostgreSQL."""

from datetime import timedelta

import pytest

from supportbot.casework.case import CaseEvent
from supportbot.casework.order import Marketplace, Order, Seller, Shipment
from supportbot.errors import UsageError
from supportbot.store import Filter, Store, Transaction, Who, worklist
from tests.databases import MovableClock

ALICE = Who("alice")


def keep(tx: Transaction, clock: MovableClock, subject: str, *, body: str = "please cancel", **said: object) -> int:
    """A worked mail; `said` are columns of its row."""
    row = {"kind": "order_status", "confidence": 0.95, "abstained": False, "action": "answer", "needs_person": False}
    kept = tx.keep_file("support", f"Subject: {subject}\r\n\r\n{body}".encode(), clock.now())
    details = {"new_text": body, "facts": {"language": "en"}, "authentication": {"passed": True}}
    tx.finish_message(kept.message_id, subject=subject, details=details, **(row | {"sender": "rosa@buyers.example"} | said))
    return kept.message_id


def answer(tx: Transaction, message_id: int, body: str = "Hello", *, order_id: str | None = None, **said: object) -> str:
    row: dict[str, object] = {"template": "answer", "rule": "A-1", "language": "en", "case_id": None, "findings": ()}
    row |= {"order_id": order_id, "to": ("rosa@buyers.example",), "why": "", "token": None, "in_reply_to": None}
    row |= {"references": (), "business_key": f"answer:{message_id}", "subject": "Re: yours", "body": body} | said
    draft_id = tx.add_draft(message_id=message_id, **row)  # type: ignore[arg-type]
    assert draft_id is not None
    return draft_id


def subjects(tx: Transaction, name: str, wanted: Filter) -> list[str]:
    return [line.subject for line in tx.work_lines(name, ALICE, wanted, after=None, limit=100)]  # type: ignore[arg-type]


def test_three_hundred_drafts_are_all_counted_and_each_is_shown_once_page_by_page(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        for number in range(300):
            answer(tx, keep(tx, clock, f"Mail {number}"))
            clock.move(timedelta(seconds=number % 2))  # every second one at the same moment as the one before
    seen: list[str] = []
    with store.snapshot() as tx:
        after = None
        while lines := tx.work_lines("drafts", ALICE, Filter(), after=after, limit=70):
            seen += [line.id for line in lines]
            after = (lines[-1].at, lines[-1].id)
        counts = tx.work_counts(ALICE)
        places = [tx.draft_place(draft_id, ALICE, Filter()) for draft_id in (seen[0], seen[150], seen[-1])]

    assert (len(seen), len(set(seen)), counts["drafts"], counts["needs"]) == (300, 300, 300, 300)
    assert places == [(1, 300, None, seen[1]), (151, 300, seen[149], seen[151]), (300, 300, seen[298], None)]


def test_worked_mail_is_paged_from_the_newest(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        numbers = [keep(tx, clock, f"Mail {number}") for number in range(5)]
    with store.snapshot() as tx:
        first = tx.work_lines("done", ALICE, Filter(), after=None, limit=3)
        rest = tx.work_lines("done", ALICE, Filter(), after=int(first[-1].id), limit=3)
    assert [line.message_id for line in (*first, *rest)] == numbers[::-1]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("wrong colour", ["Red lamp"]),
        ("WRONG col", ["Red lamp"]),
        ("113-4417", ["Red lamp"]),
        ("1Z999AA10123456784", ["Red lamp"]),
        ("rosa@buyers.example", ["Blue chair", "Red lamp"]),
        ("Stuehle", []),
        ("Stühle", ["Blue chair"]),
        ("nothing of the kind", []),
        ("\" OR NEAR( * ' :* & |", []),
        ("!!!", []),
    ],
)
def test_mail_is_found_by_its_words_its_order_and_its_parcel(
    store: Store, clock: MovableClock, words: str, found: list[str]
) -> None:
    order = Order(
        marketplace=Marketplace.AMAZON,
        order_id="113-4417",
        seller=Seller(id="s-1", name="Lamp House", addresses=()),
        shipments=(Shipment(carrier="UPS", tracking_number="1Z999AA10123456784"),),
    )
    with store.transaction() as tx:
        tx.import_orders([order])
        keep(tx, clock, "Red lamp", body="I chose the wrong colour.", order_id="113-4417")
        keep(tx, clock, "Blue chair", body="Die Stühle sind da.")
        assert sorted(subjects(tx, "all", Filter(words=words))) == found
        assert sorted(subjects(tx, "done", Filter(words=words))) == found


def test_what_a_mail_said_cannot_be_found_once_it_is_erased(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        message_id = keep(tx, clock, "Red lamp", body="my telephone number is 0170")
        tx.finish_message(message_id, subject="", sender=None, details={})
        assert subjects(tx, "all", Filter(words="telephone")) == []


def test_a_list_is_narrowed_by_what_the_mail_and_its_order_are(store: Store, clock: MovableClock) -> None:
    seller = Seller(id="s-1", name="Lamp House", addresses=())
    with store.transaction() as tx:
        tx.add_user("alice", "approver")
        tx.import_orders([Order(marketplace=Marketplace.AMAZON, order_id="113-4417", seller=seller)])
        old = keep(tx, clock, "Old", order_id="113-4417", kind="backorder")
        answer(tx, old, order_id="113-4417")
        clock.move(timedelta(hours=5))
        unsure = keep(tx, clock, "Unsure", confidence=0.4)
        answer(tx, unsure, language="de", findings=("too long",))
        tx.assign(f"message {unsure}", "alice", by="alice")
        narrowed = {
            "kind": Filter(kind="backorder"),
            "marketplace": Filter(marketplace="amazon"),
            "seller": Filter(seller="s-1"),
            "older": Filter(older_hours=4),
            "language": Filter(language="de"),
            "findings": Filter(flag="findings"),
            "unsure": Filter(flag="unsure"),
            "mine": Filter(flag="mine"),
            "unassigned": Filter(flag="unassigned"),
            "unproved": Filter(flag="unproved"),
        }
        found = {name: subjects(tx, "drafts", wanted) for name, wanted in narrowed.items()}
    of_old, of_unsure = ("kind", "marketplace", "seller", "older", "unassigned"), ("language", "findings", "unsure", "mine")
    assert found == {name: ["Old"] for name in of_old} | {name: ["Unsure"] for name in of_unsure} | {"unproved": []}


def test_what_rests_leaves_the_lists_of_today_and_comes_back(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        message_id = keep(tx, clock, "Later")
        answer(tx, message_id)
        tx.snooze(f"message {message_id}", clock.now() + timedelta(hours=1), by="alice")
        resting = {name: subjects(tx, name, Filter()) for name in ("needs", "drafts", "waiting")}
        clock.move(timedelta(hours=1))
        awake = {name: subjects(tx, name, Filter()) for name in ("needs", "drafts", "waiting")}
        with pytest.raises(UsageError, match="this time is over"):
            tx.snooze(f"message {message_id}", clock.now(), by="alice")
    assert resting == {"needs": [], "drafts": [], "waiting": ["Later"]}
    assert awake == {"needs": ["Later"], "drafts": ["Later"], "waiting": []}


def test_only_drafts_with_the_same_words_that_risk_little_are_alike(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        first = answer(tx, keep(tx, clock, "1"), "Your order 11 is on its way.", order_id="11")
        same = answer(tx, keep(tx, clock, "2"), "Your order 22 is on its way.", order_id="22")
        answer(tx, keep(tx, clock, "3"), "Your order 33 is lost.", order_id="33")
        answer(tx, keep(tx, clock, "4", confidence=0.5), "Your order 44 is on its way.", order_id="44")
        answer(tx, keep(tx, clock, "5"), "Your order 55 is on its way.", order_id="55", findings=("no",))
        answer(tx, keep(tx, clock, "6"), "Your order 66 is on its way.", order_id="66", rule="A-2")
        edited = answer(tx, keep(tx, clock, "7"), "Your order 77 is on its way.", order_id="77")
        row = tx.draft(edited)
        assert row is not None
        sha256 = row.content_sha256
        tx.edit_draft(edited, subject="Re", body=row.body, findings=(), editor="alice", expected_sha256=sha256)
        answer(tx, keep(tx, clock, "8", kind="rebill_reply"), "Your order 88 is on its way.", order_id="88")
        stranger = {"new_text": "x", "authentication": {"passed": False}}
        unproved = keep(tx, clock, "9")
        tx.finish_message(unproved, details=stranger)
        answer(tx, unproved, "Your order 99 is on its way.", order_id="99")
        assert tx.like_drafts(first, 50) == [same]
        assert tx.like_drafts(edited, 50) == []


def test_a_person_keeps_notes_and_views(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        tx.add_note("message 1", " call the seller ", by="alice")
        tx.save_view("alice", "German", "?tab=drafts&language=de")
        tx.save_view("alice", "German", "?tab=needs&language=de")
        with pytest.raises(UsageError, match="an empty note"):
            tx.add_note("message 1", "  ", by="alice")
        assert [(note.author, note.text) for note in tx.notes_of("message 1")] == [("alice", "call the seller")]
        assert (tx.views_of("alice"), tx.views_of("bob")) == ({"German": "?tab=needs&language=de"}, {})
        tx.drop_view("alice", "German")
        assert tx.views_of("alice") == {}


def test_the_sums_of_the_overview_are_the_same_on_both_databases(store: Store, clock: MovableClock) -> None:
    with store.transaction() as tx:
        draft_id = answer(tx, keep(tx, clock, "1"))
        answer(tx, keep(tx, clock, "2"))
        clock.move(timedelta(hours=2))
        draft = tx.draft(draft_id)
        assert draft is not None
        tx.review(draft_id, decision="approved", reviewer="alice", shown_sha256=draft.content_sha256)
        row = {
            "header_message_id": "<a@b>",
            "envelope_from": "a@b",
            "recipients": ("c@d",),
            "raw": b"x",
            "not_before": clock.now(),
        }
        outbox_id = tx.enqueue(draft_id=draft_id, **row)  # type: ignore[arg-type]
        tx.claim_outbox(clock.now())
        tx.settle_outbox(outbox_id, state="sent", detail="")
        assert dict(tx.waiting_by_age()) == {
            "under 1 h": 0,
            "1 to 4 h": 1,
            "4 to 24 h": 0,
            "1 to 3 days": 0,
            "over 3 days": 0,
        }
        assert [(row.kind, row.rule, row.unchanged, row.all) for row in tx.reviewed(7)] == [("order_status", "A-1", 1, 1)]
        assert (tx.outbox_states(7), tx.answer_seconds(7)) == ({"sent": 1}, [7200.0])
        assert (tx.mailbox_health(), tx.memo_amounts()) == ([], [])


def test_mail_with_characters_that_no_database_takes_is_listed_searched_and_narrowed(store: Store, clock: MovableClock) -> None:
    body = "broken \0 and \ud800 and \U0001f600 and \\u0000 lamp"
    with store.transaction() as tx:
        answer(tx, keep(tx, clock, "Odd"), "Hello")
        message_id = tx.keep_file("support", b"odd", clock.now()).message_id
        details = {"new_text": body, "facts": {"language": "en"}, "authentication": {"passed": False}}
        tx.finish_message(message_id, subject="Odder", details=details, kind="unrelated", needs_person=True)
        found = {
            "words": subjects(tx, "read", Filter(words="lamp")),
            "unproved": subjects(tx, "needs", Filter(flag="unproved")),
            "language": subjects(tx, "all", Filter(language="en")),
        }
    assert found == {"words": ["Odder"], "unproved": ["Odder"], "language": ["Odder", "Odd"]}


def test_a_chain_that_a_person_proposed_waits_for_others_however_long_other_cases_are(store: Store) -> None:
    with store.transaction() as tx:
        opened = []
        for order_id in ("PO-1", "PO-2"):
            tx.import_orders([Order(marketplace=Marketplace.MEMBER_CLUB, order_id=order_id)])
            key = tx.find_orders([order_id])[0].key
            row = {"order_key": key, "type": "rebill", "state": "CHAIN_MANUAL", "thread_id": None, "message_id": None}
            opened.append(tx.open_case(actor="supportbot", reason="", **row))  # type: ignore[arg-type]
        proposed, longer = opened
        tx.move_case(proposed, to_state="CHAIN_MANUAL", event=CaseEvent.CHAIN_PROPOSED, actor="alice", reason="she called")
        for step in range(5):
            longer = tx.move_case(longer, to_state="CHAIN_MANUAL", event=CaseEvent.CHAIN_ARRIVED, actor="bot", reason=str(step))

        def judged(name: str) -> list[str]:
            lines = tx.work_lines("needs", Who(name, review=False, issue=False), Filter(), after=None, limit=10)
            return sorted(line.subject for line in lines)

        assert (judged("alice"), judged("bob")) == (["PO-2"], ["PO-1", "PO-2"])


def test_a_page_of_worked_mail_narrowed_by_what_no_index_knows_looks_no_further_than_it_says(
    store: Store, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist, "MOST_LOOKED_AT", 10)
    with store.transaction() as tx:
        first = keep(tx, clock, "Proved not", kind="bounce")
        for number in range(30):
            keep(tx, clock, f"Mail {number}")
        found, place, pages = [], None, 0
        while place is None or place > 0:
            found += tx.work_lines("all", ALICE, Filter(language="en", kind="bounce"), after=place, limit=5)
            place, pages = tx.work_floor("all", Filter(language="en", kind="bounce"), place), pages + 1
        by_number = tx.work_floor("all", Filter(words="PO-1"), None), tx.work_floor("drafts", Filter(language="en"), None)
    assert ([line.message_id for line in found], pages) == ([first], 4)
    assert by_number == (0, 0)
