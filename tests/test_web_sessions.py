"""Who is signed in, for how long, and how often one may guess."""

import pytest

from supportbot.errors import UsageError
from supportbot.web.passwords import hash_password, password_fits
from supportbot.web.room import safe_path
from supportbot.web.sessions import FAILURES_PER_ADDRESS, FAILURES_PER_KEY, Sessions, SignInBrake
from tests.web_world import MovableClock


def sessions(clock: MovableClock, secret: bytes = b"s" * 32) -> Sessions:
    return Sessions(secret, clock)


def test_a_token_names_the_person_who_signed_in() -> None:
    house = sessions(MovableClock())

    session = house.read(house.begin("alice"))

    assert session is not None
    assert session.name == "alice"


def test_each_sign_in_gets_a_session_of_its_own() -> None:
    house = sessions(MovableClock())

    one, other = house.read(house.begin("alice")), house.read(house.begin("alice"))

    assert one is not None
    assert other is not None
    assert one.id != other.id
    assert house.csrf_token(one) != house.csrf_token(other)


@pytest.mark.parametrize("spoil", ["", "x", ".", "a.b", "é.é", "changed"])
def test_a_token_that_we_did_not_sign_is_nobody(spoil: str) -> None:
    clock = MovableClock()
    token = sessions(clock, b"another secret, long").begin("alice") if spoil == "changed" else spoil

    assert sessions(clock).read(token) is None


def test_a_session_ends_when_nobody_used_it_for_an_hour() -> None:
    clock = MovableClock()
    house = sessions(clock)
    token = house.begin("alice")

    clock.forward(minutes=61)

    assert house.read(token) is None


def test_a_session_in_use_goes_on_but_ends_after_twelve_hours() -> None:
    clock = MovableClock()
    house = sessions(clock)
    token, hours = house.begin("alice"), 0.0
    while (session := house.read(token)) is not None:
        token = house.renew(session) or token
        clock.forward(minutes=30)
        hours += 0.5

    assert hours == 12.5


def test_a_session_that_was_signed_out_is_over_everywhere() -> None:
    house = sessions(MovableClock())
    token = house.begin("alice")
    session = house.read(token)
    assert session is not None

    house.end(session)

    assert house.read(token) is None


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        sessions(MovableClock(), b"short")


def test_guessing_a_password_has_to_wait_and_may_go_on_later() -> None:
    clock = MovableClock()
    brake = SignInBrake(clock)
    for _ in range(FAILURES_PER_KEY):
        assert brake.wait_seconds("alice", "192.0.2.1") == 0
        brake.failed("Alice", "192.0.2.1")

    assert brake.wait_seconds("alice", "192.0.2.1") == 15 * 60 + 1
    assert brake.wait_seconds("alice", "192.0.2.2") == 0

    clock.forward(minutes=16)
    assert brake.wait_seconds("alice", "192.0.2.1") == 0


def test_guessing_many_names_from_one_address_has_to_wait() -> None:
    brake = SignInBrake(MovableClock())
    for number in range(FAILURES_PER_ADDRESS):
        brake.failed(f"name{number}", "192.0.2.1")

    assert brake.wait_seconds("somebody", "192.0.2.1") > 0


def test_a_password_fits_its_own_hash_only() -> None:
    stored = hash_password("a long enough password")

    assert password_fits(stored, "a long enough password")
    assert not password_fits(stored, "a long enough passwore")
    assert not password_fits(None, "the password of nobody")
    assert not password_fits("not a hash", "x")


def test_a_short_password_is_refused_when_it_is_set() -> None:
    with pytest.raises(UsageError, match="12 to 256"):
        hash_password("short")


@pytest.mark.parametrize(
    ("asked", "safe"),
    [
        ("/drafts/x?approved=y", "/drafts/x?approved=y"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https:evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\tevil", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_one_stays_at_this_console(asked: str, safe: str) -> None:
    assert safe_path(asked) == safe
