"""Writes docs/console.png and docs/pictures/: every page of the demo's console, light, dark and as a phone shows it."""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from supportbot.console import open_console
from supportbot.demo.people import FOR_YOU, REVIEWERS, STORIES
from supportbot.demo.samples import sample_mails
from supportbot.store import Transaction
from supportbot.tour import Tour

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
DOCS = Path(__file__).parent.parent / "docs"
TRIED = "How do I cancel an order that has not shipped yet? Our number is PO-771200."


def addresses(tx: Transaction) -> dict[str, str]:
    """Every page worth a picture, by name."""
    notice = next(draft for draft in tx.drafts() if draft.order_id == FOR_YOU)
    case = notice.case_id or next(iter(tx.cases())).id
    message = notice.message_id or 1
    memo = next(ticket for ticket in tx.tickets() if ticket.type == "credit_memo")
    row = tx.message(message)
    return {
        "queue": "/",
        "drafts": "/?tab=drafts",
        "draft": f"/drafts/{notice.id}",
        "case": f"/cases/{case}",
        "cases": "/cases",
        "message": f"/messages/{message}",
        "correct": f"/messages/{message}/correct",
        "ask": f"/messages/{message}/ask",
        "thread": f"/threads/{row.thread_id if row else ''}",
        "memo": f"/tickets/{memo.id}",
        "tickets": "/tickets",
        "quarantine": "/quarantine",
        "overview": "/overview",
        "rules": "/rules",
        "policy": "/rules/member_club",
        "templates": "/templates",
        "template": "/templates/m_rebill_notice",
        "try": "/try",
        "replay": "/replay",
        "account": "/account",
    }


def take(browser: Browser, url: str, pages: dict[str, str], folder: Path) -> None:
    """One picture a page: wide, light and English; some dark, some as on a phone, and one in German."""
    for name, suffix, scheme, width, spoken in (
        *((name, "", "light", 1280, "en") for name in pages),
        *((name, "-dark", "dark", 1280, "en") for name in ("queue", "draft")),
        *((name, "-phone", "light", 390, "en") for name in ("queue", "draft", "correct", "account")),
        ("draft", "-german", "light", 1280, "de"),
    ):
        page = browser.new_page(viewport={"width": width, "height": 840}, color_scheme=scheme, locale=spoken)  # type: ignore[arg-type]
        page.goto(f"{url}/login?next={pages[name]}")
        page.get_by_role("button", name=REVIEWERS[0]).click()
        page.wait_for_load_state()
        if name == "try":
            page.wait_for_url("**/try")
            page.locator("input[name=sender]").fill("shop@seller.example")
            page.locator("textarea[name=text]").fill(TRIED)
            page.get_by_role("button", name="Decide it").click()
            page.wait_for_load_state()
        page.screenshot(path=folder / f"{name}{suffix}.png")
        if name == "draft" and not suffix:
            page.screenshot(path=DOCS / "console.png")
        if name == "memo":
            page.emulate_media(media="print")
            page.set_viewport_size({"width": 794, "height": 1123})
            page.screenshot(path=folder / "memo-print.png", full_page=True)
        page.close()


def main(folder: Path = DOCS / "pictures") -> None:
    """Play the demo's stories, open its console, and take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        tour = Tour(stack, Path(stack.enter_context(tempfile.TemporaryDirectory())), port=0)
        tour.fetch(sample_mails())
        for _ in tour.work():
            pass
        for story in STORIES:
            for _ in tour.play(story):
                pass
        with tour.app.store.snapshot() as tx:
            pages = addresses(tx)
        console = open_console(tour.app, "127.0.0.1", 0, demo_users=REVIEWERS)
        stack.callback(console.stop)
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        take(browser, f"http://127.0.0.1:{console.port}", pages, folder)
        browser.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
