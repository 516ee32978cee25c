"""Mail put right over HTTP before the real desk: kind and facts, threads, questions, trials, rules, replay."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from supportbot.correcting import Correcting
from supportbot.errors import UsageError
from supportbot.evaluation.understanding import read_corpus
from tests.desk_world import BUYER, SELLER, DeskWorld, open_desk_world

CANCEL = "Please cancel my order PO-771200, I do not want it any more.\n\nAnn"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskWorld]:
    with open_desk_world(tmp_path_factory.mktemp("desk")) as world:
        yield world


@pytest.fixture
def browser(world: DeskWorld) -> Iterator[httpx.Client]:
    with world.signed_in() as browser:
        yield browser


def csrf(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def post(browser: httpx.Client, world: DeskWorld, address: str, **fields: str) -> httpx.Response:
    return browser.post(address, data={"csrf": csrf(browser.get("/overview")), **fields})


def correct(browser: httpx.Client, world: DeskWorld, message: int, **changes: str) -> httpx.Response:
    """Send the form as the page shows it, with a few fields changed."""
    facts = world.message(message).details["facts"]
    names = ("accepts_item", "accepts_rebill", "outcome", "scope")
    shown = {name: facts[name] or "" for name in names} | {"order_ids": ", ".join(facts["order_ids"])}
    shown |= {"kind": str(world.message(message).kind), **changes}
    return post(browser, world, f"/messages/{message}/correct", **shown)


def test_a_corrected_kind_is_decided_anew_and_the_stale_draft_withdrawn(world: DeskWorld, browser: httpx.Client) -> None:
    message = world.mail("shop@else.example", "A question", "How do I cancel an order of mine on your market?")
    before, stale = world.message(message), world.drafts(message)

    page = correct(browser, world, message, kind="unrelated")

    after = world.message(message)
    assert page.status_code == 200, page.text
    assert (before.kind, after.kind) == ("seller_inquiry", "unrelated")
    assert after.rule != before.rule
    assert "alice" in page.text
    assert all(draft.state == "superseded" for draft in world.drafts(message, None) if draft.id in {one.id for one in stale})
    with world.app.store.snapshot() as tx:
        assert [row.action for row in tx.audit_rows(subject=f"message {message}")][:2] == ["decide", "correct"]


def test_an_undone_correction_brings_the_first_decision_back_with_a_draft(world: DeskWorld, browser: httpx.Client) -> None:
    message = world.mail("shop2@else.example", "A question", "How do I cancel an order of mine on your market?")
    before = world.message(message)
    correct(browser, world, message, kind="unrelated")
    with world.app.store.snapshot() as tx:
        (made,) = tx.corrections_of(message)

    page = post(browser, world, f"/corrections/{made.id}/undo")

    after = world.message(message)
    assert page.status_code == 200
    assert (after.kind, after.action, after.rule) == (before.kind, before.action, before.rule)
    assert post(browser, world, f"/corrections/{made.id}/undo").status_code == 409


def test_a_said_yes_proves_nothing_and_opens_no_memo(world: DeskWorld, browser: httpx.Client) -> None:
    message = world.mail(BUYER, "PO-771200", "It is lovely, thanks a lot. About order PO-771200.")

    page = post(
        browser, world, f"/messages/{message}/correct", kind="rebill_reply", accepts_item="yes", accepts_rebill="yes",
        outcome="", scope="", order_ids="PO-771200",
    )  # fmt: skip

    row = world.message(message)
    with world.app.store.snapshot() as tx:
        tickets = [ticket for ticket in tx.tickets() if ticket.type == "credit_memo"]
    assert page.status_code == 200
    assert row.details["facts"]["accepts_item"] == "yes"
    assert row.needs_person
    assert tickets == []


def test_a_fact_that_cannot_be_is_refused_and_what_was_typed_stays(world: DeskWorld, browser: httpx.Client) -> None:
    message = world.mail(BUYER, "Hello", CANCEL)

    refused = post(browser, world, f"/messages/{message}/correct", kind="rebill_reply", accepts_item="perhaps")
    nothing = correct(browser, world, message)

    assert refused.status_code == nothing.status_code == 409
    assert world.message(message).kind != "rebill_reply"
    assert "nothing differs" in nothing.text.casefold()


def test_an_approved_answer_must_be_taken_back_before_its_mail_is_corrected(world: DeskWorld, browser: httpx.Client) -> None:
    message = world.mail("shop3@else.example", "A question", "How do I cancel an order of mine on your market?")
    (draft,) = world.drafts(message)
    world.app.desk.approve(draft.id, reviewer="alice", shown_sha256=draft.content_sha256)

    page = post(browser, world, f"/messages/{message}/correct", kind="unrelated", order_ids="", scope="")

    assert page.status_code == 409
    assert "take the approval back" in page.text
    assert world.message(message).kind == "seller_inquiry"


def test_a_viewer_changes_nothing(world: DeskWorld) -> None:
    message = world.mail(BUYER, "Hello again", CANCEL)
    with world.signed_in("vera") as browser:
        answers = [
            post(browser, world, address, kind="unrelated", to="new", fact="order.order_id").status_code
            for address in (
                f"/messages/{message}/correct",
                f"/messages/{message}/anew",
                f"/messages/{message}/ask",
                f"/messages/{message}/thread",
            )
        ]

    assert answers == [403] * 4


def test_a_question_takes_the_place_of_the_waiting_answer(world: DeskWorld, browser: httpx.Client) -> None:
    message = world.mail("shop4@else.example", "A question", "How do I cancel an order of mine on your market?")
    (stale,) = world.drafts(message)

    page = post(browser, world, f"/messages/{message}/ask", fact="order.order_id")

    (asked,) = world.drafts(message)
    assert page.status_code == 200
    assert (asked.template, asked.to) == ("ask_for_order_id", ("shop4@else.example",))
    assert asked.findings == ()
    assert stale.id != asked.id
    assert post(browser, world, f"/messages/{message}/ask", fact="what.ever").status_code == 409


def test_mail_is_split_joined_and_put_back(world: DeskWorld, browser: httpx.Client) -> None:
    first = world.mail(SELLER, "PO-771200", "Order PO-771200: the buyer has not answered us.")
    asked = world.message(first)
    second = world.mail(SELLER, "Re: PO-771200", "One more thing: the parcel came.", answers=asked.header_message_id)
    home = world.message(second).thread_id
    assert home == world.message(first).thread_id

    split = post(browser, world, f"/threads/{home}/split", **{f"message:{second}": "yes"})
    apart = world.message(second).thread_id
    joined = post(browser, world, f"/threads/{apart}/merge", into=str(home))
    together = world.message(second).thread_id
    with world.app.store.snapshot() as tx:
        moves = tx.moves_of(str(home))
    back = [post(browser, world, f"/moves/{move.id}/undo").status_code for move in moves]

    assert (split.status_code, joined.status_code, back) == (200, 200, [200, 200])
    assert apart != home
    assert together == home == world.message(second).thread_id
    with world.app.store.snapshot() as tx:
        assert tx.threads_of([str(world.message(second).header_message_id)]) == {
            world.message(second).header_message_id: [home]
        }


def test_a_thread_longer_than_a_page_is_joined_whole(world: DeskWorld) -> None:
    store, now = world.app.store, world.clock.now()
    with store.transaction() as tx:
        long, short = tx.open_thread("long"), tx.open_thread("short")
        for number in range(201):
            kept = tx.keep_file("support", f"Subject: {number} of a long thread\r\n\r\n".encode(), now)
            tx.finish_message(kept.message_id, thread_id=long, subject="long", needs_person=False)

    move = Correcting(world.app.desk).merge(long, short, by="alice")

    with store.snapshot() as tx:
        assert (len(tx.moved_by(move.id)), tx.messages(thread_id=long)) == (201, [])


def test_a_chosen_thread_lends_its_order_to_a_mail_that_names_none(world: DeskWorld, browser: httpx.Client) -> None:
    known = world.mail(SELLER, "PO-771200", "Order PO-771200 again: what now?")
    stray = world.mail("nobody@else.example", "Something", "The thing we spoke of on the phone: please go on.")
    thread = world.message(known).thread_id

    page = post(browser, world, f"/messages/{stray}/thread", to=str(thread))

    row = world.message(stray)
    assert page.status_code == 200
    assert row.thread_id == thread
    assert "no party" in row.why  # the thread names the order; its sender is a stranger to it all the same
    assert world.drafts(stray) == []


def test_a_tried_mail_is_decided_and_nothing_is_kept(world: DeskWorld, browser: httpx.Client) -> None:
    with world.app.store.snapshot() as tx:
        before = tx.counts(), len(tx.audit_rows(limit=10_000))
    token = csrf(browser.get("/overview"))
    pasted = browser.post(
        "/try",
        files={"file": ("", b"", "application/octet-stream")},
        data={"csrf": token, "text": "How do I cancel an order?", "sender": "shop@else.example", "subject": "Hi"},
    )
    source = b"From: shop@else.example\r\nSubject: A file\r\n\r\nHow do I cancel an order of mine?\r\n"
    chosen = browser.post("/try", files={"file": ("a.eml", source, "message/rfc822")}, data={"csrf": token})
    empty = browser.post("/try", files={"file": ("", b"", "text/plain")}, data={"csrf": token, "text": ""})
    strange = browser.post("/try", files={"file": ("a.eml", source, "message/rfc822")}, data={"csrf": "x"})

    with world.app.store.snapshot() as tx:
        after = tx.counts(), len(tx.audit_rows(limit=10_000))
    assert [one.status_code for one in (pasted, chosen, empty, strange)] == [200, 200, 409, 403]
    assert "A file" in chosen.text
    assert "Seller asks" in pasted.text
    assert after == before


HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>'


def test_no_words_of_a_mail_become_markup_on_the_pages_that_put_it_right(world: DeskWorld, browser: httpx.Client) -> None:
    message = world.mail(SELLER, f"Order PO-1 {HOSTILE}", f"How do I cancel an order? {HOSTILE}\n\nRegards {HOSTILE}")
    thread = world.message(message).thread_id
    source = f"From: {HOSTILE} <a@shop.example>\r\nSubject: {HOSTILE}\r\n\r\nHow do I cancel an order? {HOSTILE}\r\n".encode()
    token = csrf(browser.get("/overview"))
    pages = [
        *(browser.get(f"/messages/{message}{page}") for page in ("", "/correct", "/ask")),
        browser.get(f"/threads/{thread}"),
        post(browser, world, f"/messages/{message}/correct", kind="unrelated", order_ids=HOSTILE),
        browser.get(f"/messages/{message}"),
        post(browser, world, "/replay", newest="50"),
        browser.post("/try", files={"file": (HOSTILE, source, "message/rfc822")}, data={"csrf": token}),
        browser.post(
            "/try", files={"file": ("", b"")}, data={"csrf": token, "text": "x", "sender": HOSTILE, "subject": HOSTILE}
        ),
    ]

    assert [page.status_code for page in pages if page.status_code not in (200, 409)] == []
    assert [page.url.path for page in pages if "<img src=x" in page.text or "<script>alert" in page.text] == []
    assert sum("&lt;img src=x" in page.text for page in pages) >= 7


def test_a_form_that_cannot_be_read_does_nothing(world: DeskWorld, browser: httpx.Client) -> None:
    broken = browser.post("/try", content=b"--x\r\nno end", headers={"content-type": "multipart/form-data; boundary=x"})
    unbound = browser.post("/try", content=b"", headers={"content-type": "multipart/form-data"})

    assert {broken.status_code, unbound.status_code} <= {400, 403}


def test_the_rules_the_templates_and_the_replay_are_shown(world: DeskWorld, browser: httpx.Client) -> None:
    rules, policy, templates = (browser.get(at) for at in ("/rules", "/rules/amazon", "/templates"))
    preview = browser.get("/templates/m_rebill_notice")
    replayed = post(browser, world, "/replay", newest="50")

    assert {page.status_code for page in (rules, policy, templates, preview, replayed)} == {200}
    assert world.app.house.rulebook.sha256[:12] in rules.text
    assert policy.text.count("<blockquote>") > 20
    assert 'lang="de"' in preview.text
    assert "decisions" in replayed.text
    assert browser.get("/rules/no-such-policy").status_code == 404
    assert browser.get("/templates/no-such-template").status_code == 404


def test_a_seller_s_user_corrects_nothing_at_the_desk_either(world: DeskWorld) -> None:
    message = world.mail(BUYER, "Hello once more", CANCEL)
    correcting = world.console.state.workshop.correcting

    with pytest.raises(UsageError, match="may look"):
        correcting.decide_anew(message, by="vera")


def test_a_corrected_mail_becomes_a_labelled_one(world: DeskWorld, browser: httpx.Client, tmp_path: Path) -> None:
    message = world.mail("shop6@else.example", "A question", "How do I cancel an order of mine, the sixth one?")
    correct(browser, world, message, kind="unrelated")
    config = tmp_path / "config.yaml"
    config.write_text(f"database: {world.app.settings.database}\n")

    for _ in range(2):
        told = ("--corpus", str(tmp_path), "--config", str(config))
        subprocess.run([sys.executable, "-m", "supportbot", "corpus", "corrected", *told], check=True, capture_output=True)

    (mail,) = [mail for mail in read_corpus(tmp_path / "corrected.jsonl").mails if "the sixth one" in mail.text]
    assert mail.kind == "unrelated"
