"""Hostile words in a real Chromium: nothing that a mail says runs, loads, submits, hides or leads away on any page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Request

from tests.web_world import World, open_world

HOSTILE = (
    "<script>window.hit=1</script>",
    "</title><script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    "<svg/onload=window.hit=1>",
    "\"><iframe srcdoc='<script>parent.hit=1</script>'>",
    "' autofocus onfocus=window.hit=1 x='",
    '" onmouseover=window.hit=1 "',
    "javascript:window.hit=1",
    "</textarea><script>window.hit=1</script>",
    "<style>*{background:url(//evil.example/x)}</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<form action=//evil.example/><input name=q>",
    "<math><mtext></mtext><mglyph><svg><mtext><style><img src=x onerror=window.hit=1></style>",
    "{{7*7}}{% raw %}",
    "%(x)s %s %%",
    "\u202egnp.exe",
    "<a href=//evil.example/ style=position:fixed;inset:0>x</a>",
    "]]><!--<script>window.hit=1</script>-->",
)


OUTSIDE = """[...document.querySelectorAll("script,iframe,object,embed,base,style,meta[http-equiv],link")]
  .filter((one) => !(one.src || one.href || "").startsWith(location.origin + "/static/"))"""
HANDLERS = """[...document.querySelectorAll("*")]
  .filter((one) => [...one.attributes].some((attribute) => /^on|^style$/i.test(attribute.name)))"""
FOREIGN = """[...document.querySelectorAll("a[href],form[action]")]
  .filter((one) => new URL(one.href || one.action, location).origin !== location.origin)"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("hostile"), demo_users=("alice", "bob")) as world:
        yield world


@pytest.fixture(scope="module")
def addresses(world: World) -> list[str]:
    """Every page that shows such a mail: its list, itself, its draft, its thread, its corrections, the quarantine."""
    words = "\n".join(HOSTILE)
    with world.store.transaction() as tx:
        thread = tx.open_thread(words)
    message = world.mail(
        words,
        sender="'\"><script>window.hit=1</script>@evil.example",
        new_text=words,
        quoted_text=words,
        attachments=list(HOSTILE),
        evidence=[{"fact": "kind", "text": words[:60], "start": 0, "end": 60, "rule": words}],
        defects=list(HOSTILE),
        why=words,
        thread_id=thread,
        action="review",
        rule=words[:200],
        **{"from": {"name": words, "address": '"><svg onload=window.hit=1>@evil.example'}},
    )
    draft = world.draft(message, " ".join(HOSTILE)[:900], body=words, why=words, findings=HOSTILE)
    with world.store.transaction() as tx:
        tx.add_note(f"message {message}", words, by="alice")
        tx.quarantine(message, mailbox=words[:80], step="parse", reason=words, traceback=words)
        tx.save_view("alice", HOSTILE[2][:40], "?tab=all")
    mail = f"/messages/{message}"
    lists = [f"/?tab={tab}" for tab in ("needs", "drafts", "read", "quarantine", "done", "all")]
    return [
        *lists,
        mail,
        f"{mail}/correct",
        f"{mail}/ask",
        f"/drafts/{draft}",
        f"/threads/{thread}",
        "/quarantine",
        "/overview",
    ]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_nothing_that_a_mail_says_comes_to_life(chromium: Browser, world: World, addresses: list[str], scripts: bool) -> None:
    context = chromium.new_context(java_script_enabled=scripts)
    context.add_cookies([{"name": "supportbot", "value": world.app.state.console.sessions.begin("alice"), "url": world.url}])
    page = context.new_page()
    told: list[str] = []
    page.on("dialog", lambda dialog: told.append(f"dialog {dialog.message}"))
    page.on("pageerror", lambda error: told.append(f"error {error}"))
    page.on(
        "console", lambda said: told.append(said.text) if said.type in {"error", "warning"} and "404" not in said.text else None
    )

    def elsewhere(request: Request) -> None:
        if not request.url.startswith(world.url):
            told.append(f"asked {request.url}")

    page.on("request", elsewhere)
    for address in addresses:
        page.goto(world.url + address)
        assert page.url.startswith(world.url + address.partition("?")[0]), address
        if scripts:
            page.mouse.move(200, 300)
            page.keyboard.press("Tab")
            assert page.evaluate("window.hit") is None, address
            outside, handlers, foreign = (page.evaluate(f"{one}.length") for one in (OUTSIDE, HANDLERS, FOREIGN))
            assert (outside, handlers, foreign) == (0, 0, 0), address
    context.close()
    assert told == []
