"""The API's description holds: whatever is sent, nothing fails on our side and nothing is answered that is not described."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.test_web_api import token_for
from tests.test_web_console import open_memo
from tests.web_world import World, open_world

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("api")
    with open_world(folder) as world:
        message = world.mail("Cancel", action="review")
        world.draft(message)
        open_memo(world)
        yield world


def ask_everything(world: World, examples: int) -> int:
    """Send made-up requests to every operation; how many were sent. Raises what does not fit the description."""
    schema = schemathesis.openapi.from_url(f"{world.url}/api/openapi.json")
    headers = {"authorization": f"Bearer {token_for(world)}"}
    with world.store.snapshot() as tx:
        known = {
            "draft_id": tx.drafts(state=None)[0].id,
            "case_id": tx.cases(open_only=False)[0].id,
            "ticket_id": tx.tickets()[0].id,
            "message_id": 1,
            "entry_id": 1,
            "subject": "message-1",
        }
    sent = 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case[Any]) -> None:
            nonlocal sent
            sent += 1
            if sent % 2 and case.path_parameters:  # half of them about what there is
                case.path_parameters = {name: known[name] for name in case.path_parameters}
            case.call_and_validate(base_url=f"{world.url}/api", headers=headers, checks=CHECKS)

        ask()
    return sent


def test_no_request_fails_on_our_side_or_is_answered_otherwise_than_described(world: World) -> None:
    assert ask_everything(world, 6) > 100


@pytest.mark.soak
def test_the_same_for_long(world: World) -> None:
    assert ask_everything(world, 300) > 5000
