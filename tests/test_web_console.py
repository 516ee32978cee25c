"""The console as a browser without scripts meets it: over HTTP, on a real store."""

import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from supportbot.casework.case import CaseState
from supportbot.casework.chain import DEFECTS
from supportbot.casework.facts import Evidence
from supportbot.errors import UsageError
from supportbot.store import MemoLine
from supportbot.web import serve
from tests.web_world import ANSWERED, PASSWORD, World, an_order, open_world

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "<style>*{display:none}</style>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "'-alert(1)-'",
    "</textarea><script>alert(1)</script>",
    "{{7*7}}",
    "100 % %(sure)s",
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


class Tags(HTMLParser):
    """Every tag and attribute of a page, and the values of its form fields."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(named)
        if tag == "input" and named.get("name"):
            self.fields.setdefault(str(named["name"]), named.get("value") or "")


def tags_of(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def post(client: httpx.Client, page: str, action: str, **fields: str) -> httpx.Response:
    """Open a page, and send its form to `action` with the hidden fields it carries."""
    hidden = tags_of(client.get(page).text).fields
    shown = re.search(r'<textarea name="shown_body"[^>]*>\n(.*?)</textarea>', client.get(page).text, re.DOTALL)
    known: dict[str, str] = {
        key: hidden[key] for key in ("csrf", "shown_sha256", "shown_to", "shown_subject", "shown_amount") if key in hidden
    }
    return client.post(action, data={**known, "shown_body": shown.group(1) if shown else "", **fields})


def open_memo(world: World) -> str:
    """A case whose buyer accepted both, up to the open memo; returns the ticket's id."""
    answer = world.mail(
        "Re: Your order PO-88121",
        kind="rebill_reply",
        new_text=ANSWERED,
        facts={"accepts_item": "yes", "accepts_rebill": "yes"},
        evidence=[
            {"fact": "accepts_item", "text": "I will keep the lamp", "start": 5, "end": 25, "rule": "G-1"},
            {"fact": "accepts_rebill", "text": "charge me again", "start": 36, "end": 51, "rule": "G-2"},
        ],
    )
    with world.store.transaction() as tx:
        tx.import_orders([an_order()])
        order = tx.find_orders(["PO-88121"])[0]
        case = tx.open_case(
            order_key=order.key,
            type="rebill",
            state=CaseState.CHAIN_RECEIVED,
            thread_id=None,
            actor="program",
            message_id=answer,
            reason="the chain came",
        )
        tx.finish_message(answer, case_id=case.id)
        acceptance = tx.record_acceptance(
            case_id=case.id,
            order_key=order.key,
            message_id=answer,
            item=True,
            rebill=True,
            verified=True,
            grade="A",
            buyer_address="rosa@buyers.example",
            signature_sha256=None,
            evidence=[Evidence("accepts_item", "I will keep the lamp", 5, 25, "G-1")],
            notice_message_id="<notice@support.example>",
        )
        memo = tx.open_memo(
            case_id=case.id,
            order_key=order.key,
            acceptance_id=acceptance,
            memo_gate="rebill_confirmed",
            lines=[MemoLine("1", 2, Decimal("64.50"))],
            currency="USD",
            cap=Decimal("129.00"),
            actor="program",
        )
    return memo.ticket_id


# -- signing in


def test_nobody_sees_a_page_without_signing_in(world: World) -> None:
    draft = world.draft(world.mail("Cancel"))
    paths = (
        "/",
        f"/drafts/{draft}",
        "/cases",
        "/cases/x",
        "/tickets",
        "/tickets/x",
        "/quarantine",
        "/messages/1",
        "/counts",
        "/events",
    )
    with world.browser() as client:
        answers = {path: client.get(path, follow_redirects=False) for path in paths}

    assert {path: a.status_code for path, a in answers.items()} == {
        path: 401 if path in {"/counts", "/events"} else 303 for path in paths
    }
    assert answers[f"/drafts/{draft}"].headers["location"] == f"/login?next=/drafts/{draft}"


def test_a_wrong_password_is_refused_and_after_five_one_has_to_wait(world: World) -> None:
    with world.browser() as client:
        tries = [client.post("/login", data={"name": "alice", "password": "wrong"}).status_code for _ in range(5)]
        right = client.post("/login", data={"name": "alice", "password": PASSWORD})

    assert tries == [401] * 5
    assert right.status_code == 429
    assert "Too many tries" in right.text


def test_signing_in_leads_back_to_the_page_asked_for_and_never_to_another_site(world: World) -> None:
    with world.browser() as client:
        home = client.post("/login", data={"name": "alice", "password": PASSWORD, "next": "/tickets"}, follow_redirects=False)
        away = client.post(
            "/login", data={"name": "alice", "password": PASSWORD, "next": "//evil.example"}, follow_redirects=False
        )

    assert (home.headers["location"], away.headers["location"]) == ("/tickets", "/")


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(world: World) -> None:
    with world.browser() as client:
        answer = client.post("/login", data={"name": "alice", "password": PASSWORD}, follow_redirects=False)

    cookie = answer.headers["set-cookie"]
    assert re.sub(r"=[^;]+", "=x", cookie, count=1) == "supportbot=x; HttpOnly; Max-Age=43200; Path=/; SameSite=lax"


def test_over_an_encrypted_connection_the_cookie_is_bound_to_the_host(world: World) -> None:
    with world.browser() as client:
        headers = {"x-forwarded-proto": "https"}
        answer = client.post("/login", data={"name": "alice", "password": PASSWORD}, headers=headers, follow_redirects=False)

    assert answer.headers["set-cookie"].startswith("__Host-supportbot=")
    assert "; Secure" in answer.headers["set-cookie"]
    assert "strict-transport-security" in answer.headers


def test_a_session_from_before_signing_in_is_over_afterwards(world: World) -> None:
    with world.browser() as client:
        client.post("/login", data={"name": "alice", "password": PASSWORD})
        before = client.cookies["supportbot"]
        client.post("/login", data={"name": "alice", "password": PASSWORD})
        after = client.cookies["supportbot"]
        client.cookies.clear()
        client.cookies.set("supportbot", before)
        answer = client.get("/", follow_redirects=False)

    assert before != after
    assert answer.headers["location"] == "/login"


def test_signing_out_ends_the_session_for_a_copied_cookie_too(world: World) -> None:
    with world.browser() as client:
        client.post("/login", data={"name": "alice", "password": PASSWORD})
        cookie = client.cookies["supportbot"]
        post(client, "/", "/logout")
        client.cookies.clear()
        client.cookies.set("supportbot", cookie)
        answer = client.get("/", follow_redirects=False)

    assert answer.status_code == 303


def test_an_idle_session_ends_and_a_used_one_goes_on(world: World) -> None:
    with world.signed_in() as client:
        world.clock.forward(minutes=50)
        used = client.get("/", follow_redirects=False)
        world.clock.forward(minutes=50)
        still = client.get("/", follow_redirects=False)
        world.clock.forward(minutes=61)
        idle = client.get("/", follow_redirects=False)

    assert [a.status_code for a in (used, still, idle)] == [200, 200, 303]


def test_a_sellers_user_gets_in_and_is_offered_nothing_to_do(world: World) -> None:
    draft = world.draft(world.mail("Cancel"))
    with world.browser() as client:
        answer = client.post("/login", data={"name": "sam", "password": PASSWORD})
        assert client.get(f"/drafts/{draft}").status_code == 404

    assert answer.status_code == 200
    assert "Nothing waits for you" in answer.text
    assert "/overview" not in answer.text


def test_the_door_without_a_password_exists_in_the_demo_only(world: World, tmp_path: Path) -> None:
    with world.browser() as client:
        assert client.post("/login/demo", data={"name": "alice"}).status_code == 404

    (tmp_path / "demo").mkdir()
    with open_world(tmp_path / "demo", demo_users=("alice", "bob")) as demo, demo.browser() as client:
        assert "Continue as bob" in client.get("/login").text
        assert client.post("/login/demo", data={"name": "eve"}).status_code == 404
        assert "Needs me" in client.post("/login/demo", data={"name": "bob"}).text


def test_the_demo_answers_on_loopback_names_only(tmp_path: Path) -> None:
    with open_world(tmp_path, demo_users=("alice", "bob")) as demo, demo.browser() as client:
        answer = client.post(
            "/login/demo", data={"name": "alice"}, headers={"host": "evil.example", "origin": "http://evil.example"}
        )

    assert answer.status_code == 421
    assert "content-security-policy" in answer.headers


# -- forms from elsewhere


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_a_form_from_another_site_does_nothing(world: World, origin: str) -> None:
    draft = world.draft(world.mail("Cancel"))
    with world.signed_in() as client:
        client.headers["origin"] = origin
        answer = post(client, f"/drafts/{draft}", f"/drafts/{draft}/approve")

    assert answer.status_code == 403
    assert world.read_draft(draft).state == "draft"


def test_a_form_without_this_sessions_token_does_nothing(world: World) -> None:
    draft = world.draft(world.mail("Cancel"))
    with world.signed_in() as client, world.signed_in("bob") as other:
        foreign = tags_of(other.get("/").text).fields["csrf"]
        answers = [
            post(client, f"/drafts/{draft}", f"/drafts/{draft}/approve", csrf=token) for token in ("", "x", "é", foreign)
        ]

    assert [a.status_code for a in answers] == [403] * 4
    assert world.read_draft(draft).state == "draft"


def test_no_effect_comes_from_a_get_and_no_form_is_taken_as_anything_else(world: World) -> None:
    draft = world.draft(world.mail("Cancel"))
    with world.signed_in() as client:
        assert client.get(f"/drafts/{draft}/approve").status_code == 405
        assert client.post(f"/drafts/{draft}/approve", json={"csrf": "x"}).status_code == 415
        assert client.post(f"/drafts/{draft}/approve", data={"csrf": "x" * 600_000}).status_code == 413


# -- what the pages show


@pytest.mark.parametrize("payload", PAYLOADS)
def test_mail_is_shown_as_text_and_never_becomes_a_tag(world: World, payload: str) -> None:
    with world.signed_in() as client:
        clean = [tags_of(client.get("/").text)]
        honest = world.mail("Hello", new_text="Hi", quoted_text="Q", evidence=[])
        honest_draft = world.draft(honest, findings=("f",), why="w", order_id="1")
        clean += [tags_of(client.get(path).text) for path in ("/?tab=drafts", f"/messages/{honest}", f"/drafts/{honest_draft}")]
        message = world.mail(
            payload,
            sender=payload,
            new_text=payload,
            quoted_text=payload,
            why=payload,
            rule=payload,
            kind=payload,
            defects=[payload],
            link={
                "outcome": payload,
                "certainty": payload,
                "why": payload,
                "candidates": [{"title": payload, "orders": [payload], "case": payload, "why": payload, "refusal": payload}],
            },
            facts={payload: payload},
            evidence=[{"fact": payload, "text": payload, "start": 0, "end": len(payload), "rule": payload}],
            authentication={"passed": False, "method": payload, "reasons": [payload]},
            decision={
                "quotes": [{"file": payload, "text": payload, "mark": payload}],
                "missing": [payload],
                "fired": [payload],
            },
            **{"from": {"name": payload, "address": payload}},
        )
        draft = world.draft(message, payload, payload, findings=(payload,), why=payload, rule=payload, order_id=payload)
        pages = [client.get(path).text for path in ("/", "/?tab=drafts", f"/messages/{message}", f"/drafts/{draft}")]
        pages.append(post(client, f"/drafts/{draft}", f"/drafts/{draft}/reject", reason=payload, shown_sha256="stale").text)

    known_tags = set().union(*(page.tags for page in clean)) | {
        "mark",
        "sup",
        "ol",
        "b",
        "q",
        "blockquote",
        "footer",
        "ul",
        "li",
        "dl",
    }
    known_tags |= {"dt", "dd", "bdi", "section", "h3", "details", "summary"}
    for page in map(tags_of, pages):
        assert page.tags - known_tags == set()
        assert {name for name in page.attributes if name.startswith("on") or name == "style"} == set()
        assert page.tags.isdisjoint({"svg", "math", "style", "iframe", "object"})
    assert "49" not in tags_of(pages[0]).fields.values()


def test_every_answer_carries_the_security_headers(world: World) -> None:
    with world.signed_in() as client:
        answers = [client.get(path) for path in ("/", "/nothing", "/static/console.js", "/healthz", "/drafts/none")]

    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert [a.headers["cache-control"] for a in answers] == ["no-store", "no-store", "no-cache", "no-store", "no-store"]


def test_no_page_holds_a_script_or_style_of_its_own_or_anything_remote() -> None:
    for page in (Path(__file__).parent.parent / "supportbot/web/pages").glob("*.html"):
        text = page.read_text("utf-8")
        assert (
            re.findall(r"<script(?! type=\"module\" src=\"/static/)|<style|\sstyle=|\son[a-z]+=|https?://|\|\s*safe\b", text)
            == []
        )


def test_a_draft_is_shown_with_everything_that_made_it(world: World) -> None:
    with world.store.transaction() as tx:
        tx.import_orders([an_order()])
    message = world.mail("Cancel my order", order_id="PO-88121", quoted_text="> earlier words")
    draft = world.draft(message, body="Hello,\n\nplease use the form.\n", order_id="PO-88121")
    with world.signed_in() as client:
        page = client.get(f"/drafts/{draft}").text

    for words in (
        "Sender proved (dmarc)",
        '<mark class="fact tone-3" title="Order">113-4417</mark>',
        "Buyer asks to cancel",
        "97 % sure",
        "ask the buyer to use the form",
        "earlier words",
        "please use the form.",
        "UPS 1Z999AA10123456784",
    ):
        assert words in page
    assert page.index("rosa@buyers.example") < page.index("Rosa Buyer")
    assert re.search(r"Channel</dt><dd>\s*<span class=\"unknown\">unknown</span>", page)


def test_a_mail_that_was_not_read_yet_is_shown_as_unknown(world: World) -> None:
    with world.store.transaction() as tx:
        kept = tx.keep_file("support", b"Subject: x\r\n\r\n", world.clock.now())
    with world.signed_in() as client:
        page = client.get(f"/messages/{kept.message_id}").text

    assert "has not been read yet" in page
    assert "not known whether proved" in page


def test_an_unknown_address_is_answered_with_a_page(world: World) -> None:
    with world.signed_in() as client:
        answers = [
            client.get(path) for path in ("/x", "/drafts/x", "/cases/x", "/tickets/x", "/messages/9", "/messages/x", "/?tab=x")
        ]

    assert [a.status_code for a in answers] == [404] * 7
    assert all("To the queue" in a.text for a in answers)


def test_each_tab_holds_what_belongs_there_and_the_empty_ones_say_so(world: World) -> None:
    with world.signed_in() as client:
        empty = client.get("/").text
        message = world.mail("To be answered")
        world.draft(message)
        world.mail("To be read", action="review")
        world.mail("Nothing to do", action="none")
        with world.store.transaction() as tx:
            tx.quarantine(None, mailbox="support", step="fetch", reason="larger than the limit", traceback="")
        tabs = {
            tab: client.get(f"/?tab={tab}").text for tab in ("needs", "drafts", "money", "read", "parked", "quarantine", "done")
        }
        counts = client.get("/counts").json()

    assert "Nothing waits for you" in empty
    titles = ("To be answered", "To be read", "Nothing to do", "larger than the limit")
    assert {tab: [title for title in titles if title in page] for tab, page in tabs.items()} == {
        "needs": ["To be answered", "To be read", "larger than the limit"],
        "drafts": ["To be answered"],
        "money": [],
        "read": ["To be read"],
        "parked": [],
        "quarantine": ["larger than the limit"],
        "done": ["Nothing to do"],
    }
    assert counts == {"needs": 3, "drafts": 1, "money": 0, "read": 1, "parked": 0, "quarantine": 1, "waiting": 0}


def test_mail_to_be_read_is_handled_from_the_list_or_its_page_and_leaves_both_lists(world: World) -> None:
    first, second = world.mail("Call me, please", action="review"), world.mail("Another word", action="hold")
    with world.signed_in() as client, world.signed_in("vera") as viewer:
        page = client.get(f"/messages/{first}").text
        listed = post(client, "/?tab=needs", f"/messages/{first}/handled", tab="needs")
        read = post(client, f"/messages/{second}", f"/messages/{second}/handled")
        late = post(client, f"/messages/{second}", f"/messages/{second}/handled")
        unknown = post(client, f"/messages/{second}", "/messages/99/handled")
        refused = post(viewer, f"/messages/{second}", f"/messages/{second}/handled")
        done = client.get("/?tab=done").text

    assert "I have seen to it: handled" in page
    assert "Call me, please" not in listed.text
    assert "Another word" in listed.text
    assert "No mail waits to be read by a person." in read.text
    assert (late.status_code, unknown.status_code, refused.status_code) == (409, 404, 403)
    assert "alice has handled message 2 already" in late.text
    assert "Handled by alice, " in late.text
    assert done.count("Handled by alice. ") == 2


def test_who_may_only_look_is_offered_nothing_to_handle(world: World) -> None:
    message = world.mail("Call me, please", action="review")
    with world.signed_in("vera") as viewer:
        pages = [viewer.get(path).text for path in ("/", "/?tab=read", f"/messages/{message}")]

    assert ["/handled" in page for page in pages] == [False, False, False]
    assert ["Call me, please" in page for page in pages] == [False, True, True]


# -- review


def test_approving_goes_on_to_the_next_draft_and_can_be_undone(world: World) -> None:
    first = world.draft(world.mail("One"), "Answer one")
    world.clock.forward(seconds=1)
    second = world.draft(world.mail("Two"), "Answer two")
    with world.signed_in() as client:
        answer = post(client, f"/drafts/{first}", f"/drafts/{first}/approve")
        undone = post(client, "/", f"/drafts/{first}/undo")
        world.clock.forward(minutes=1)
        late = client.get(f"/drafts/{first}").text

    assert answer.url.path == f"/drafts/{second}"
    assert "Undo" in answer.text
    assert "held until sent" in answer.text
    assert world.read_draft(first).state == "approved"
    assert ("undo", first, "alice") in world.desk.asked
    assert undone.url.path == f"/drafts/{first}"
    assert "Undo" not in late


def test_an_approval_of_what_has_changed_meanwhile_is_refused_with_the_difference(world: World) -> None:
    draft = world.draft(world.mail("Cancel"), body="Hello,\n\nwe keep it.\n")
    with world.signed_in() as client:
        page = client.get(f"/drafts/{draft}").text
        shown = world.read_draft(draft)
        world.desk.edit(
            draft, subject=shown.subject, body="Hello,\n\nwe send it.\n", reviewer="bob", shown_sha256=shown.content_sha256
        )
        fields = tags_of(page).fields
        answer = client.post(
            f"/drafts/{draft}/approve",
            data={key: fields[key] for key in ("csrf", "shown_sha256", "shown_to", "shown_subject")}
            | {"shown_body": shown.body},
        )

    assert answer.status_code == 409
    assert "has changed since it was shown" in answer.text
    assert re.findall(r'<li class="(before|now)"><span class="side">[a-z ]+</span><span>(.*?)</span>', answer.text) == [
        ("before", "we keep it."),
        ("now", "we send it."),
    ]
    assert world.read_draft(draft).state == "draft"


def test_a_draft_with_findings_cannot_be_approved(world: World) -> None:
    draft = world.draft(world.mail("Cancel"), findings=("the tracking number is missing",))
    with world.signed_in() as client:
        page = client.get(f"/drafts/{draft}").text
        answer = post(client, f"/drafts/{draft}", f"/drafts/{draft}/approve")

    assert "the tracking number is missing" in page
    assert re.search(r"<button[^>]* disabled[^>]*>Approve", page)
    assert answer.status_code == 409


def test_an_edit_makes_a_new_version_with_the_line_ends_of_a_mail(world: World) -> None:
    draft = world.draft(world.mail("Cancel"))
    with world.signed_in() as client:
        post(client, f"/drafts/{draft}", f"/drafts/{draft}/edit", subject="New", body="Hello,\r\n\r\nnew words.\r\n")

    row = world.read_draft(draft)
    assert (row.subject, row.body, row.version) == ("New", "Hello,\n\nnew words.\n", 2)


def test_showing_a_draft_and_saving_it_as_it_is_changes_no_letter(world: World) -> None:
    body = "\n  Hello <b>&amp;\n\nend\n\n"
    draft = world.draft(world.mail("Cancel"), body=body)
    with world.signed_in() as client:
        page = client.get(f"/drafts/{draft}").text

    shown = re.findall(r'<textarea name="(?:shown_)?body"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert len(shown) == 4
    assert {text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for text in shown} == {body}


def test_a_refused_edit_keeps_what_the_person_had_typed(world: World) -> None:
    draft = world.draft(world.mail("Cancel"))
    with world.signed_in() as client:
        answer = post(
            client, f"/drafts/{draft}", f"/drafts/{draft}/edit", shown_sha256="stale", subject="My words", body="My text"
        )

    assert answer.status_code == 409
    assert 'value="My words"' in answer.text
    assert "My text</textarea>" in answer.text


def test_a_rejection_needs_a_reason(world: World) -> None:
    draft = world.draft(world.mail("Cancel"))
    with world.signed_in() as client:
        without = post(client, f"/drafts/{draft}", f"/drafts/{draft}/reject", reason="  ")
        with_one = post(client, f"/drafts/{draft}", f"/drafts/{draft}/reject", reason="the buyer asks something else")

    assert (without.status_code, with_one.status_code) == (409, 200)
    assert world.read_draft(draft).state == "rejected"


def test_who_may_only_look_changes_nothing(world: World) -> None:
    draft = world.draft(world.mail("Cancel"))
    with world.signed_in("vera") as client:
        page = client.get(f"/drafts/{draft}").text
        answers = [
            post(client, f"/drafts/{draft}", f"/drafts/{draft}/{what}", reason="x")
            for what in ("approve", "edit", "reject", "undo")
        ]

    assert "may look, but not decide" in page
    assert [a.status_code for a in answers] == [403] * 4
    assert world.read_draft(draft).state == "draft"


def test_two_people_approving_the_same_draft_make_one_approval(world: World) -> None:
    draft = world.draft(world.mail("Cancel"))
    with world.signed_in("alice") as alice, world.signed_in("bob") as bob:
        fields = tags_of(bob.get(f"/drafts/{draft}").text).fields
        post(alice, f"/drafts/{draft}", f"/drafts/{draft}/approve")
        late = bob.post(f"/drafts/{draft}/approve", data={key: fields[key] for key in ("csrf", "shown_sha256")})

    assert late.status_code == 409
    assert "approved already" in late.text
    assert [asked for asked in world.desk.asked if asked[0] == "approve"] == [("approve", draft, "alice")]


# -- money


def test_a_credit_memo_takes_two_people(world: World) -> None:
    ticket = open_memo(world)
    page = f"/tickets/{ticket}"
    with world.signed_in("alice") as alice, world.signed_in("bob") as bob:
        post(alice, page, f"{page}/confirm", reference="B-77")
        entered = post(alice, page, f"{page}/enter", amount="129.00")
        own = post(alice, page, f"{page}/issue", shown_amount="129.00")
        seen = bob.get("/?tab=needs").text
        issued = post(bob, page, f"{page}/issue")

    assert "somebody else issues it" in entered.text
    assert own.status_code == 409
    assert "Issue: alice has entered the amount" in seen
    assert "Issued: <b>129.00 USD</b>. Entered by alice, issued by bob." in issued.text
    with world.store.snapshot() as tx:
        memo = tx.memo(ticket_id=ticket)
    assert memo is not None
    assert (memo.status, memo.entered_by, memo.approved_by) == ("issued", "alice", "bob")


def test_the_money_page_shows_the_buyers_words_that_prove_both(world: World) -> None:
    ticket = open_memo(world)
    with world.signed_in() as client:
        page = client.get(f"/tickets/{ticket}").text

    assert '<mark class="fact tone-1" title="Accepts the item">I will keep the lamp</mark>' in page
    assert '<mark class="fact tone-2" title="Accepts the re-billing">charge me again</mark>' in page
    assert "No notice of ours is known" in page
    assert "129.00 USD" in page


def test_an_amount_that_was_changed_after_it_was_shown_is_not_issued(world: World) -> None:
    ticket = open_memo(world)
    page = f"/tickets/{ticket}"
    with world.signed_in("alice") as alice, world.signed_in("bob") as bob:
        post(alice, page, f"{page}/confirm", reference="B-77")
        post(alice, page, f"{page}/enter", amount="100")
        stale = post(bob, page, f"{page}/issue", shown_amount="129.00")

    assert stale.status_code == 409
    assert "the amount was changed" in stale.text


@pytest.mark.parametrize("amount", ["", "0", "-5", "1,000", "1e3", "12.345", "NaN", "١٢", "129,00"])
def test_an_amount_that_could_be_misread_is_refused(world: World, amount: str) -> None:
    ticket = open_memo(world)
    with world.signed_in() as client:
        answer = post(client, f"/tickets/{ticket}", f"/tickets/{ticket}/enter", amount=amount)

    assert answer.status_code == 409
    assert "is not an amount" in answer.text


def test_a_case_tells_its_story(world: World) -> None:
    open_memo(world)
    with world.signed_in() as client:
        cases = client.get("/cases").text
        path = re.findall(r'href="(/cases/[^"]+)"', cases)[0]
        page = client.get(path).text

    for words in ("PO-88121", "Chain received", "the chain came", "Re: Your order PO-88121", "Credit memo", "Desk lamp, white"):
        assert words in page


def test_a_mail_stands_in_its_case_where_it_moved_the_case(world: World) -> None:
    ticket = open_memo(world)
    with world.store.snapshot() as tx:
        memo = tx.memo(ticket_id=ticket)
    assert memo is not None
    world.clock.forward(minutes=50)
    late = world.mail("A late word")
    with world.store.transaction() as tx:
        tx.finish_message(late, case_id=memo.case_id)
    with world.signed_in() as client:
        page = client.get(f"/cases/{memo.case_id}").text

    assert page.index("Re: Your order PO-88121") < page.index("the chain came") < page.index("A late word")


def a_case(world: World, state: CaseState) -> str:
    """An open case without a memo, in a state."""
    with world.store.transaction() as tx:
        tx.import_orders([an_order()])
        case = tx.open_case(
            order_key=tx.find_orders(["PO-88121"])[0].key,
            type="rebill",
            state=state,
            thread_id=None,
            actor="program",
            message_id=None,
            reason="M-20: The order was cancelled but has shipped (“you need to follow the below steps”).",
        )
    return case.id


def test_the_buyers_answer_in_our_own_mailbox_is_confirmed_on_the_case(world: World) -> None:
    page = f"/cases/{a_case(world, CaseState.AWAITING_CHAIN)}"
    with world.signed_in() as client, world.signed_in("vera") as viewer:
        shown = client.get(page).text
        post(client, page, f"{page}/confirm-proof")
        refused = post(viewer, page, f"{page}/confirm-proof")

    assert "confirm the proof" in shown
    assert "The order was cancelled but has shipped." in shown
    assert world.desk.asked == [("confirm proof", page.rpartition("/")[2], "alice")]
    assert refused.status_code == 403


def test_a_chain_is_judged_on_its_case_by_two_people(world: World) -> None:
    case = a_case(world, CaseState.CHAIN_MANUAL)
    page = f"/cases/{case}"
    with world.signed_in("alice") as alice, world.signed_in("bob") as bob, world.signed_in("vera") as viewer:
        queue = alice.get("/").text
        silent = post(alice, page, f"{page}/judge-chain", outcome="believed", reason=" ")
        odd = post(alice, page, f"{page}/judge-chain", outcome="paid", reason="I <saw> it")
        own = post(alice, page, f"{page}/judge-chain", outcome="believed", reason="I <saw> it").text
        left, waiting = alice.get("/").text, bob.get("/").text
        other = bob.get(page).text
        incomplete = post(bob, page, f"{page}/confirm-chain", shown_proposal="two")
        post(bob, page, f"{page}/confirm-chain", shown_proposal="2")
        post(bob, page, f"{page}/judge-chain", outcome="refused", reason="the dates do not fit")
        refused = [
            post(viewer, page, f"{page}/{what}", outcome="believed", reason="x", shown_proposal="2")
            for what in ("judge-chain", "confirm-chain", "close")
        ]
        looked = viewer.get(page).text

    assert "Believe the seller&#39;s chain, or refuse it" in queue
    assert (silent.status_code, odd.status_code, incomplete.status_code) == (409, 409, 409)
    assert 'value="I &lt;saw&gt; it"' in odd.text
    assert "You proposed it, so somebody else confirms it." in own
    assert "One person believes the chain" in own
    assert "confirm-chain" not in own
    assert "Case of order PO-88121" not in left
    assert "alice believes the chain: confirm or refuse it" in waiting
    assert "<q>I &lt;saw&gt; it</q>" in other
    assert "I believe it too: open the credit memo" in other
    assert world.desk.asked == [
        ("confirm chain", case, "bob", "2"),
        ("reject chain", case, "bob", "the dates do not fit"),
    ]
    assert [answer.status_code for answer in refused] == [403] * 3
    assert "judge-chain" not in looked


def test_a_case_whose_chain_was_refused_is_closed_with_a_reason(world: World) -> None:
    case = a_case(world, CaseState.CHAIN_REJECTED)
    page = f"/cases/{case}"
    with world.signed_in() as client:
        shown = client.get(page).text
        silent = post(client, page, f"{page}/close", reason=" ")
        post(client, page, f"{page}/close", reason="nothing better comes")

    assert "Close without a memo" in shown
    assert silent.status_code == 409
    assert world.desk.asked == [("close case", case, "alice", "nothing better comes")]


def test_a_chain_is_shown_with_what_it_lacks(world: World) -> None:
    defects = [{"code": "INLINE_ONLY", "detail": "ann@buyers.example"}, {"code": "<b>", "detail": "<i>odd</i>"}]
    chain = {"verdict": "claimed", "grade": "D", "defects": defects, "answer": "I accept <both>.", "notice": None}
    message = world.mail("FW: the buyer agrees", kind="confirmation_chain", chain=chain)
    with world.signed_in() as client:
        page = client.get(f"/messages/{message}").text

    assert "The chain: <b>claimed, not proved</b>" in page
    assert f"{DEFECTS['INLINE_ONLY'][1]}: ann@buyers.example" in unescape(page)
    assert "&lt;b&gt;: &lt;i&gt;odd&lt;/i&gt;" in page
    assert "I accept &lt;both&gt;." in page


def test_a_mail_shows_the_threads_that_it_names_and_why_it_is_in_none_of_them(world: World) -> None:
    why = "eve@evil.example takes no part in the thread that it names."
    candidate = {"title": "Your <order>", "orders": ["PO-1"], "case": "c1", "refusal": "stranger", "why": "No part in it."}
    strange = world.mail("Re: Hello", link={"certainty": None, "doubtful": True, "why": why, "candidates": [candidate]})
    joined = world.mail("Re: Hello", link={"certainty": "certain", "why": "ok", "candidates": [candidate | {"refusal": None}]})
    with world.signed_in() as client:
        doubtful, sure = client.get(f"/messages/{strange}").text, client.get(f"/messages/{joined}").text

    assert f'<p class="note warn">{why}</p>' in doubtful
    assert '<a href="/cases/c1">the case</a>' in doubtful
    assert "Your &lt;order&gt;" in doubtful
    assert "No part in it." in doubtful
    assert "joined</span>" not in doubtful
    assert 'In a thread <span class="quiet-text">(certain)</span>' in sure
    assert "joined</span>" in sure


def test_a_hold_waits_in_the_queue_and_ends_with_a_reason(world: World) -> None:
    case = a_case(world, CaseState.HOLD)
    page = f"/cases/{case}"
    with world.signed_in() as client:
        queue = client.get("/").text
        silent = post(client, page, f"{page}/resolve", outcome="closed", reason=" ")
        odd = post(client, page, f"{page}/resolve", outcome="paid", reason="because")
        post(client, page, f"{page}/resolve", outcome="closed", reason="the buyer sent it back")

    assert "Case of order PO-88121" in queue
    assert (silent.status_code, odd.status_code) == (409, 409)
    assert 'value="because"' in odd.text
    assert world.desk.asked == [("resolve", case, "closed", "alice", "the buyer sent it back")]


def test_a_re_bill_that_failed_stops_the_memo(world: World) -> None:
    ticket = open_memo(world)
    page = f"/tickets/{ticket}"
    with world.signed_in() as client:
        silent = post(client, page, f"{page}/fail", reason="")
        failed = post(client, page, f"{page}/fail", reason="the card was declined")

    assert silent.status_code == 409
    assert "Billing could not re-bill the buyer" in failed.text
    assert "The buyer was re-billed" not in failed.text


def test_a_ticket_that_people_work_is_closed_with_what_was_done(world: World) -> None:
    with world.store.transaction() as tx:
        ticket = tx.open_ticket(
            type="cancel_order",
            status="open",
            case_id=None,
            order_id="PO-1",
            title="cancel order: order PO-1",
            fields={},
            business_key="x",
        )
    page = f"/tickets/{ticket}"
    with world.signed_in() as client, world.signed_in("vera") as viewer:
        refused = post(viewer, page, f"{page}/close", reason="x")
        left = post(client, page, f"{page}/close", reason="Cancelled in the portal, by <me>")
        after = client.get(page).text
        everything = client.get("/tickets?show=all").text

    assert refused.status_code == 403
    assert "No ticket is open." in left.text
    assert "closed: Cancelled in the portal, by &lt;me&gt;" in after
    assert "Close the ticket" not in after
    assert "closed: Cancelled in the portal, by &lt;me&gt;" in everything


def test_a_re_bill_request_leads_to_where_billings_answer_is_written_down(world: World) -> None:
    memo = open_memo(world)
    with world.store.snapshot() as tx:
        (request,) = [ticket for ticket in tx.tickets() if ticket.type == "rebill_request"]
    with world.signed_in() as client:
        page = client.get(f"/tickets/{request.id}").text
        post(client, f"/tickets/{memo}", f"/tickets/{memo}/confirm", reference="B-77")
        after = client.get(f"/tickets/{request.id}").text

    assert f'<a href="/tickets/{memo}">with the credit memo</a>' in page
    assert "Close the ticket" not in page
    assert "closed: re-billed: B-77" in after


@pytest.mark.parametrize(("said", "state"), [("yes", "sent"), ("no", "failed")])
def test_a_person_says_what_became_of_a_parked_mail(world: World, said: str, state: str) -> None:
    draft = world.draft(world.mail("One"), "Answer one")
    world.desk.approve(draft, reviewer="bob", shown_sha256=world.read_draft(draft).content_sha256)
    world.clock.forward(minutes=1)
    with world.store.transaction() as tx:
        entry = tx.claim_outbox(world.clock.now())
        assert entry is not None
        tx.settle_outbox(entry.id, state="uncertain", detail="the connection broke")
    with world.signed_in() as client:
        waiting = client.get("/").text
        shown = client.get(f"/drafts/{draft}").text
        post(client, f"/drafts/{draft}", f"/drafts/{draft}/settle", outbox=entry.id, delivered=said)

    assert "Answer one" in waiting
    assert "Nobody knows whether this mail went out" in shown
    assert world.read_draft(draft).outbox_state == state


# -- quarantine, live, health


def test_a_quarantined_mail_is_tried_again(world: World) -> None:
    message = world.mail("Broken")
    with world.store.transaction() as tx:
        entry = tx.quarantine(message, mailbox="support", step="parse", reason="unknown charset", traceback="Traceback: x")
    with world.signed_in() as client:
        page = client.get("/quarantine").text
        post(client, "/quarantine", f"/quarantine/{entry}/retry")
        after = client.get("/quarantine").text

    assert "unknown charset" in page
    assert "No mail is in quarantine" in after


def test_the_counts_are_told_while_a_page_is_open(world: World) -> None:
    with world.signed_in() as client, client.stream("GET", "/events") as stream:
        lines = stream.iter_lines()
        first = next(line for line in lines if line.startswith("data:"))
        world.draft(world.mail("Cancel"))
        second = next(line for line in lines if line.startswith("data:"))

    assert '"drafts": 0' in first
    assert '"drafts": 1' in second


def test_health_is_told_to_anybody_and_nothing_else(world: World) -> None:
    with world.browser() as client:
        assert client.get("/healthz").json() == {"status": "ok"}


def test_a_port_that_is_taken_is_said_in_one_sentence(world: World) -> None:
    port = int(world.url.rpartition(":")[2])

    with pytest.raises(UsageError, match=f"cannot listen on 127.0.0.1 port {port}"):
        serve(world.app, "127.0.0.1", port)
