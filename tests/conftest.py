"""What every test stands on: real servers, real databases, golden files, and no way out of this machine."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

pytest_plugins = ["tests.databases", "tests.browser", "tests.golden_support", "tests.servers", "tests.stories.office"]


LONG = (
    "test_patterns_linear",
    "test_understanding",
    "test_bad_input",
    "test_service",
    "test_rollout",
    "test_post_reading",
    "test_idempotence",
    "test_sixth_marketplace",
    "test_faults",
    "test_tour",
    "test_kill",
)
"""Modules that take half a minute and more: begun first, so that no core waits at the end for the last of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long modules first, each as a whole, in the order of `LONG`."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONG)))


@pytest.fixture(scope="session", autouse=True)
def nothing_leaves_this_machine() -> Iterator[None]:
    """A connection to anywhere but this machine is a defect: supportbot fetches nothing that a mail names."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not _local(str(address[0])):
            raise AssertionError(f"a test tried to connect to {address}")
        connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


@pytest.fixture
def soak_minutes() -> float:
    """How long each of the long runs takes: `make soak MINUTES=30`."""
    return float(os.environ.get("SOAK_MINUTES", "10"))


@pytest.fixture(autouse=True)
def no_test_logs_to_the_one_before() -> Iterator[None]:
    """A command sends its log to the standard error of its time, which ends with the test."""
    yield
    structlog.reset_defaults()


def _local(host: str) -> bool:
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
