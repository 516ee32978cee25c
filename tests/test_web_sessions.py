"""Who is signed in, for how long, and how often one may guess."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from supportbot.console import secret_of
from supportbot.errors import UsageError
from supportbot.settings import Settings
from supportbot.store import Store
from supportbot.web.factor import seal_factors
from supportbot.web.passwords import hash_password, password_fits
from supportbot.web.room import safe_path
from supportbot.web.sessions import FAILURES_PER_ADDRESS, FAILURES_PER_KEY, Session, Sessions, SignInBrake
from supportbot.web.vault import Vault
from tests.web_world import MovableClock


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def store(tmp_path: Path, clock: MovableClock) -> Iterator[Store]:
    with closing(Store.open(f"sqlite:///{tmp_path}/supportbot.db", clock=clock)) as store:
        with store.transaction() as tx:
            for name in ("alice", "bob"):
                tx.add_user(name, "approver")
        yield store


def read(store: Store, clock: MovableClock, secret: str) -> Session | None:
    """As another console of the same database reads it."""
    with store.snapshot() as tx:
        return Sessions(store, clock).read(tx, secret)


def test_every_console_of_a_database_knows_who_signed_in_at_another(store: Store, clock: MovableClock) -> None:
    one, other = (read(store, clock, Sessions(store, clock).begin("alice")) for _ in range(2))

    assert one is not None
    assert other is not None
    assert (one.name, other.name) == ("alice", "alice")
    assert one.id != other.id
    assert one.form_token != other.form_token


def test_the_database_holds_nothing_that_opens_a_session(store: Store, clock: MovableClock) -> None:
    secret = Sessions(store, clock).begin("alice")
    with store.snapshot() as tx:
        (row,) = tx.sessions_of("alice")

    assert secret not in repr(row)
    assert read(store, clock, row.digest) is None


@pytest.mark.parametrize("spoil", ["", "x", ".", "a.b", "é", "\udcff"])
def test_what_we_did_not_give_out_is_nobody(store: Store, clock: MovableClock, spoil: str) -> None:
    Sessions(store, clock).begin("alice")

    assert read(store, clock, spoil) is None


def test_a_session_ends_when_nobody_used_it_for_an_hour(store: Store, clock: MovableClock) -> None:
    secret = Sessions(store, clock).begin("alice")

    clock.forward(minutes=61)

    assert read(store, clock, secret) is None


def test_a_session_in_use_goes_on_but_ends_after_twelve_hours(store: Store, clock: MovableClock) -> None:
    house, hours = Sessions(store, clock), 0.0
    secret = house.begin("alice")
    while (session := read(store, clock, secret)) is not None:
        house.touch(session)
        clock.forward(minutes=30)
        hours += 0.5

    assert hours == 12.5


def test_a_session_that_was_signed_out_is_over_everywhere(store: Store, clock: MovableClock) -> None:
    house = Sessions(store, clock)
    secret, kept = house.begin("alice"), house.begin("alice")
    session = read(store, clock, secret)
    assert session is not None

    house.end(session)

    assert read(store, clock, secret) is None
    assert not house.stands(session)
    assert read(store, clock, kept) is not None


def test_signing_in_ends_the_session_that_the_browser_had(store: Store, clock: MovableClock) -> None:
    house = Sessions(store, clock)
    planted = house.begin("bob")

    house.begin("alice", earlier=planted)

    assert read(store, clock, planted) is None


def test_old_sessions_are_swept_away_when_somebody_signs_in(store: Store, clock: MovableClock) -> None:
    Sessions(store, clock).begin("alice")
    clock.forward(hours=13)
    Sessions(store, clock).begin("alice")

    with store.snapshot() as tx:
        assert len(tx.sessions_of("alice")) == 1


# -- the vault


def test_only_the_same_secret_and_purpose_open_what_was_sealed(clock: MovableClock) -> None:
    vault = Vault(b"s" * 32, clock)
    sealed = vault.seal("second factor of alice", "ABCDEF")

    assert "ABCDEF" not in sealed
    assert Vault(b"s" * 32, clock).open("second factor of alice", sealed) == "ABCDEF"
    assert vault.seal("second factor of alice", "ABCDEF") != sealed
    with pytest.raises(UsageError, match="changed"):
        vault.open("second factor of bob", sealed)
    with pytest.raises(UsageError, match="another secret"):
        Vault(b"t" * 32, clock).open("second factor of alice", sealed)
    for spoiled in (sealed[:-4], f"{sealed[:-4]}AAAA", f"{sealed}é"):
        with pytest.raises(UsageError):
            vault.open("second factor of alice", spoiled)


def test_words_kept_by_a_browser_are_over_after_a_while(clock: MovableClock) -> None:
    vault = Vault(b"s" * 32, clock)
    sealed = vault.seal_words("second step", {"name": "alice"}, timedelta(minutes=5))

    assert vault.open_words("second step", sealed) == {"name": "alice"}
    assert vault.open_words("openid", sealed) is None
    clock.forward(minutes=6)
    assert vault.open_words("second step", sealed) is None
    assert [vault.open_words("second step", nothing) for nothing in (None, "", "v1..", "x")] == [None] * 4


def test_a_short_secret_is_refused(clock: MovableClock) -> None:
    with pytest.raises(UsageError, match="32 characters"):
        Vault(b"short", clock)


def test_a_factor_kept_plain_by_an_older_version_is_sealed_and_one_of_another_secret_is_told(
    store: Store, clock: MovableClock
) -> None:
    vault = Vault(b"s" * 32, clock)
    with store.transaction() as tx:
        tx.propose_second_factor("alice", "JBSWY3DPEHPK3PXP")

    seal_factors(store, vault)
    seal_factors(store, vault)

    with store.snapshot() as tx:
        (factor,) = tx.second_factors()
    assert "JBSWY3DPEHPK3PXP" not in factor.secret
    assert vault.open("second factor of alice", factor.secret) == "JBSWY3DPEHPK3PXP"
    with pytest.raises(UsageError, match="another secret"):
        seal_factors(store, Vault(b"t" * 32, clock))


def test_without_a_secret_one_is_made_beside_a_sqlite_database_and_asked_for_with_postgresql(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/supportbot.db")
    made = secret_of(settings)

    assert len(made) == 64
    assert secret_of(settings) == made
    assert (tmp_path / "supportbot.db.secret").stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match=r"console\.secret"):
        secret_of(Settings(database="postgresql://supportbot@localhost/supportbot"))


# -- the brake


def test_guessing_a_password_has_to_wait_and_may_go_on_later(store: Store, clock: MovableClock) -> None:
    brakes = SignInBrake(store, clock), SignInBrake(store, clock)  # of two consoles
    for number in range(FAILURES_PER_KEY):
        assert brakes[number % 2].take("Alice", "192.0.2.1") == 0

    assert brakes[0].take("alice", "192.0.2.1") == 15 * 60 + 1
    assert brakes[1].take("alice", "192.0.2.2") == 0

    clock.forward(minutes=16)
    assert brakes[1].take("alice", "192.0.2.1") == 0


def test_guessing_many_names_from_one_address_has_to_wait(store: Store, clock: MovableClock) -> None:
    brake = SignInBrake(store, clock)
    for number in range(FAILURES_PER_ADDRESS):
        assert brake.take(f"name{number}", "192.0.2.1") == 0

    assert brake.take("somebody", "192.0.2.1") > 0


def test_good_tries_make_nobody_wait(store: Store, clock: MovableClock) -> None:
    brake = SignInBrake(store, clock)
    for _ in range(FAILURES_PER_ADDRESS + 1):
        assert brake.take("alice", "192.0.2.1") == 0
        brake.succeeded("alice", "192.0.2.1")


def test_of_many_guesses_at_one_moment_no_more_are_made_than_in_a_row(store: Store, clock: MovableClock) -> None:
    brake = SignInBrake(store, clock)
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: brake.take("alice", "192.0.2.1"), range(40)))

    assert waits.count(0) == FAILURES_PER_KEY


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
