"""Attacks on the console's doors and pages: headers, sessions, forms, redirects; active words in everything a mail brings."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from supportbot.web.routes import API_ROUTES, ROUTES
from supportbot.web.sessions import FAILURES_PER_KEY
from tests.test_web_api import program, token_for
from tests.test_web_console import PAYLOADS, tags_of
from tests.test_web_tenants import a_case
from tests.web_world import PASSWORD, World, open_world

MORE_PAYLOADS = (
    *PAYLOADS,
    "<iframe srcdoc='<script>alert(1)</script>'>",
    '<a href="javascript:alert(1)">x</a>',
    "<form action=//evil.example><input name=csrf>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example>",
    "</title><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "\u202e<script>alert(1)</script>",
    'x" autofocus onfocus=alert(1) y="',
    "x' onmouseover=alert(1) y='",
    "<ScRiPt\n>alert(1)</sCrIpT >",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<details open ontoggle=alert(1)>",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "{% for x in [].__class__ %}",
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("safety")
    with open_world(folder) as world:
        with world.store.transaction() as tx:
            tx.add_user("ada", "admin", by="root")
        yield world


def pages(world: World, ids: dict[str, str]) -> list[str]:
    """Every page of the console and of the API that a GET opens."""
    skipped = ("/events", "/login/openid", "/login/openid/back", "/metrics")
    ours = [path for method, _, path in (name.partition(" ") for name in ROUTES) if method == "GET" and path not in skipped]
    theirs = [f"/api{path}" for method, _, path in (name.partition(" ") for name in API_ROUTES) if method == "GET"]
    return [path.format(**ids) for path in (*ours, *theirs)]


def test_every_answer_carries_the_headers_and_forbids_everything_from_elsewhere(world: World) -> None:
    ids = a_case(world, "s-1", "PO-1", "Robin").ids
    wrong: dict[str, str] = {}
    with world.signed_in("ada") as client:
        for path in (*pages(world, ids), "/nothing", "/api/nothing", "/cases/none"):
            answer = client.get(path, follow_redirects=False)
            policy = answer.headers.get("content-security-policy", "")
            bad = [name for name, value in HEADERS.items() if answer.headers.get(name) != value]
            parts = {part.split()[0]: part.split()[1:] for part in policy.split("; ") if part}
            bad += [] if parts.get("default-src") == ["'none'"] and parts.get("script-src") == ["'self'"] else ["policy"]
            bad += [name for name in ("frame-ancestors", "base-uri") if parts.get(name) != ["'none'"]]
            bad += [word for word in ("unsafe", "http:", "https:", "data:", "*") if word in policy]
            bad += ["server"] if "server" in answer.headers or "x-powered-by" in answer.headers else []
            if bad:
                wrong[path] = f"{answer.status_code} {bad}"
    assert wrong == {}


def test_no_active_word_of_a_mail_becomes_a_tag_or_an_attribute_on_any_page(world: World) -> None:
    plain = a_case(world, "s-1", "PO-7", "plain")
    with world.signed_in("ada") as client:
        clean = {}
        for path in pages(world, plain.ids):
            clean[path.replace("plain", "")] = tags_of(client.get(path).text)
        tags = set().union(*(one.tags for one in clean.values()))
        attributes = set().union(*(one.attributes for one in clean.values()))
        word = " ".join(MORE_PAYLOADS)
        attacked = _attacked(world, word)
        found: dict[str, set[str]] = {}
        for path in (*pages(world, attacked), "/?tab=all", "/?tab=read", "/?tab=drafts", "/?tab=waiting", "/?tab=quarantine"):
            answer = client.get(path)
            if not answer.headers.get("content-type", "").startswith("text/html"):
                continue
            seen = tags_of(answer.text)
            strange = (seen.tags - tags - SHOWN_TAGS) | (seen.attributes - attributes - SHOWN_ATTRIBUTES)
            if strange or "<script>alert" in answer.text.casefold():
                found[path] = strange
    assert found == {}


SHOWN_TAGS = {"mark", "details", "summary", "pre", "dialog", "textarea", "select", "option", "fieldset", "legend", "ol", "time"}
SHOWN_ATTRIBUTES = {
    "aria-describedby",  # of a draft that cannot be approved
    "disabled",
    "open",
    "title",
    "datetime",
    "rows",
    "cols",
    "placeholder",
    "value",
    "selected",
    "colspan",
    "scope",
}


def _attacked(world: World, word: str) -> dict[str, str]:
    """A case, a mail, a draft, a note and a token that carry the words in all that a sender or a colleague may write."""
    stands = a_case(world, "s-1", "PO-8", "attacked")
    message = world.mail(
        word,
        sender='"<script>alert(1)</script>"@evil.example',
        new_text=word,
        quoted_text=word,
        evidence=[],
        defects=[word],
        case_id=stands.ids["case_id"],
        order_id=word[:60],
        action="review",
        why=word,
        **{"from": {"name": word, "address": '"><img src=x>@evil.example'}},
    )
    draft = world.draft(message, word, body=word, why=word, findings=(word,), case_id=stands.ids["case_id"])
    with world.store.transaction() as tx:
        tx.add_note(f"message {message}", word[:1000], by="alice")
        tx.add_token("ada", MORE_PAYLOADS[0], ["read"], 7, by="ada")
        tx.quarantine(message, mailbox=word[:60], step="parse", reason=word, traceback=word)
        tx.saw("ada", "view", word)
    return stands.ids | {"message_id": str(message), "draft_id": draft}


# -- sessions


def test_signing_in_gives_a_new_session_and_ends_the_planted_one(world: World) -> None:
    planted = world.app.state.console.sessions.begin("bob")
    with world.browser() as client:
        client.cookies.set("supportbot", planted, domain="127.0.0.1")
        client.post("/login", data={"name": "alice", "password": PASSWORD})
        now = client.cookies["supportbot"]
    with world.browser() as other:
        other.cookies.set("supportbot", planted)
        outside = other.get("/overview").url.path
    assert now != planted
    assert outside == "/login"


def test_sealed_words_of_one_purpose_open_no_other_door(world: World) -> None:
    console = world.app.state.console
    session = console.sessions.begin("alice")
    with world.browser() as client:
        for name in ("supportbot-second", "supportbot-openid"):
            client.cookies.set(name, session)
        assert client.get("/login/second").url.path == "/login"
    payload = console.vault.seal_words("openid", {"name": "alice", "target": "/"}, timedelta(minutes=5))
    with world.browser() as client:
        client.cookies.set("supportbot-second", payload)
        client.cookies.set("supportbot", payload)
        assert client.get("/login/second").url.path == "/login"
        assert client.get("/overview").url.path == "/login"


def test_cookies_are_for_no_script_and_no_other_site(world: World) -> None:
    with world.browser() as client:
        said = client.post("/login", data={"name": "bob", "password": PASSWORD}, follow_redirects=False).headers["set-cookie"]
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip().casefold() for part in said.split(";")}


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "javascript:1"]
)
def test_signing_in_leads_nowhere_else(world: World, target: str) -> None:
    with world.browser() as client:
        answer = client.post("/login", data={"name": "bob", "password": PASSWORD, "next": target}, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_guessing_a_password_has_to_wait_and_says_nothing_of_who_there_is(world: World) -> None:
    with world.browser() as client:
        known = client.post("/login", data={"name": "vera", "password": "wrong password"})
        unknown = client.post("/login", data={"name": "nobody", "password": "wrong password"})
        for _ in range(FAILURES_PER_KEY - 1):
            client.post("/login", data={"name": "vera", "password": "wrong password"})
        waits = client.post("/login", data={"name": "vera", "password": PASSWORD})
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert waits.status_code == 429


def test_a_disabled_person_is_out_at_once_here_and_at_the_api(world: World) -> None:
    with world.store.transaction() as tx:
        tx.add_user("leaver", "approver", by="ada")
    with world.signed_in("leaver") as client, program(world, token_for(world, "leaver")) as machine:
        before = (client.get("/overview").url.path, machine.get("/me").status_code)
        with world.store.transaction() as tx:
            tx.disable_user("leaver", by="ada")
        after = (client.get("/overview").url.path, machine.get("/me").status_code)
    assert (before, after) == (("/overview", 200), ("/login", 401))


def test_the_api_takes_no_cookie_and_no_form_of_another_site(world: World) -> None:
    draft = world.draft(world.mail("Cancel it"))
    sha256 = world.read_draft(draft).content_sha256
    with world.signed_in() as client:
        refused = client.post(f"/api/drafts/{draft}/approve", json={"sha256": sha256})
    with program(world, token_for(world)) as machine:
        form = machine.post(f"/drafts/{draft}/approve", data={"sha256": sha256})
        large = machine.post(f"/drafts/{draft}/approve", json={"sha256": "x" * 600_000})
    assert (refused.status_code, form.status_code, large.status_code) == (401, 422, 413)
    assert world.read_draft(draft).state == "draft"
