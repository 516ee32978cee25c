"""Writes docs/console.png: the draft of a re-bill notice beside the mail it answers, as the demo's console shows it."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import sync_playwright

from supportbot.console import open_console
from supportbot.demo.people import FOR_YOU, REVIEWERS, STORIES
from supportbot.demo.samples import sample_mails
from supportbot.tour import Tour

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
PICTURE = Path(__file__).parent.parent / "docs" / "console.png"


def main() -> None:
    """Play the demo's stories, open its console, and take the picture."""
    with ExitStack() as stack:
        tour = Tour(stack, Path(stack.enter_context(tempfile.TemporaryDirectory())), port=0)
        tour.fetch(sample_mails())
        for _ in tour.work():
            pass
        for story in STORIES:
            for _ in tour.play(story):
                pass
        with tour.app.store.snapshot() as tx:
            notice = next(draft for draft in tx.drafts() if draft.order_id == FOR_YOU)
        console = open_console(tour.app, "127.0.0.1", 0, demo_users=REVIEWERS)
        stack.callback(console.stop)
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1280, "height": 840}, color_scheme="light")
        page.goto(f"http://127.0.0.1:{console.port}/login?next=/drafts/{notice.id}")
        page.get_by_role("button", name=f"Continue as {REVIEWERS[0]}").click()
        page.wait_for_url(f"**/drafts/{notice.id}")
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
