"""What a monitor sees of a running service: figures that Prometheus reads, and which part fails."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from supportbot.console import open_console
from supportbot.web import ConsoleServer
from tests.servers import free_port
from tests.stories.office import SELLER, Office

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def watched(open_office: Callable[..., Office]) -> Iterator[tuple[Office, ConsoleServer]]:
    """A service with one mailbox that works and one whose server is not there, and a mail that nobody has worked."""
    office = open_office()
    box = office.settings.mailboxes[0]
    broken = box.model_copy(update={"name": "broken", "port": free_port()})
    office.close()
    office.settings = office.settings.model_copy(update={"mailboxes": (box, broken)})
    office.app = office.start()
    office.write(SELLER, "a question", "Where is the money for my order?")
    engine = office.app.engine()
    console = open_console(office.app, "127.0.0.1", 0, engine=engine)
    engine.start()
    yield office, console
    console.stop()
    engine.stop()


def get(console: ConsoleServer, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{console.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def figures(text: str) -> dict[tuple[str, str], float]:
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_monitor_reads_backlog_ages_and_which_mailbox_fails_and_no_word_of_a_mail(
    watched: tuple[Office, ConsoleServer],
) -> None:
    office, console = watched
    end = time.monotonic() + 60
    while time.monotonic() < end:
        status, told = get(console, "/readyz")
        found = figures(get(console, "/metrics")[1])
        if status == 503 and found[("supportbot_rows", "messages_done")] == 1:
            break
        time.sleep(0.2)

    assert (status, json.loads(told)) == (503, {"ready": False, "failing": ["mailbox broken"]})
    assert found[("supportbot_failing", "mailbox broken")] == 1
    assert found[("supportbot_failing", "mailbox support")] == 0
    assert found[("supportbot_since_fetch_seconds", "support")] < 60
    assert found[("supportbot_mailbox_lag", "support")] == 0
    assert found[("supportbot_oldest_seconds", "messages_new")] == 0
    assert found[("supportbot_database_up", "")] == 1
    text = get(console, "/metrics")[1]
    assert "shop.example" not in text
    assert office.user not in text


def test_the_alert_rules_ask_for_figures_that_there_are(watched: tuple[Office, ConsoleServer]) -> None:
    _, console = watched
    told = {name for name, _ in figures(get(console, "/metrics")[1])} | {"supportbot_since_fetch_seconds", "supportbot_trouble"}
    rules = (ROOT / "deploy" / "prometheus-rules.yaml").read_text()
    asked = {word for word in rules.replace("{", " ").replace("(", " ").split() if word.startswith("supportbot_")}
    assert asked
    assert asked <= told
    dashboard = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text())
    expressions = [one["expr"] for panel in dashboard["panels"] for one in panel["targets"]]
    shown = {name for one in expressions for name in re.findall(r"supportbot_\w+", one)}
    assert len(shown) >= 5
    assert shown <= told
