"""Logs name faults by kind and place; the words of a mail and secrets stay out."""

import io
import json
import sys
from collections.abc import Iterator

import pytest
import structlog

from supportbot.errors import StoreError, SupportbotError
from supportbot.logs import start_logging

WORDS, SECRET = "my card is 4111 1111 1111 1111", "hunter2"


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    start_logging()
    yield stream
    structlog.reset_defaults()


def fail(words: str, kind: type[Exception] = ValueError) -> None:
    password = SECRET
    try:
        int(words)
    except ValueError as error:
        raise kind(f"it is locked {len(password)}" if issubclass(kind, SupportbotError) else words) from error


def test_an_error_is_logged_without_its_words_and_without_local_variables(logged: io.StringIO) -> None:
    try:
        fail(WORDS)
    except ValueError:
        structlog.get_logger().exception("tick failed", tick="poll")

    line = json.loads(logged.getvalue())
    assert [fault["error"] for fault in line["fault"]] == ["ValueError", "ValueError"]
    assert line["fault"][0]["at"][-1].endswith(" fail")
    assert "4111" not in logged.getvalue()
    assert SECRET not in logged.getvalue()


def test_a_sentence_of_ours_is_logged(logged: io.StringIO) -> None:
    try:
        fail(WORDS, StoreError)
    except StoreError:
        structlog.get_logger().exception("tick failed")

    line = json.loads(logged.getvalue())
    assert line["fault"][0]["sentence"] == "it is locked 7"
    assert "4111" not in logged.getvalue()


def test_no_value_begins_a_line_of_its_own(logged: io.StringIO) -> None:
    structlog.get_logger().warning("mail", reason='x\n{"level": "info"}\x1b[2J')

    assert logged.getvalue().count("\n") == 1
    assert "\x1b" not in logged.getvalue()
    assert json.loads(logged.getvalue())["reason"].startswith("x\\x0a")
