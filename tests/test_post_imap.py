"""Mail in over IMAP: against a real Dovecot, through a faulty wire, and against a server that records every byte."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from supportbot.demo.servers import EmbeddedImap
from supportbot.errors import FetchError, UsageError
from supportbot.mail.message import UidPosition
from supportbot.ports import Fetched, MailSource, Mark, ReadUpTo
from supportbot.post.imap import ImapSource
from supportbot.settings import LimitSettings, MailboxSettings
from tests.servers import Action, Direction, FaultProxy, PrivateDovecot, RecordingImap, make_certificate

LIMITS = LimitSettings()
MakeProxy = Callable[..., FaultProxy]
MakeSource = Callable[..., ImapSource]


def mail(number: int, octets: int = 0) -> bytes:
    text = b"x" * 70 + b"\r\n"
    head = f"From: buyer@example.test\r\nSubject: mail {number}\r\nMessage-ID: <{number}@example.test>\r\n\r\n".encode()
    return head + b"Hello.\r\n" + text * (octets // len(text))


@pytest.fixture
def source() -> Iterator[MakeSource]:
    """Makes sources that are closed at the end."""
    made: list[ImapSource] = []

    def make(settings: MailboxSettings, limits: LimitSettings = LIMITS, **seconds: float) -> ImapSource:
        made.append(ImapSource(settings, limits, **{"connect_seconds": 5.0, "read_seconds": 10.0, **seconds}))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def user(private_dovecot: PrivateDovecot) -> str:
    return private_dovecot.fresh_user()


def fetch(source: MailSource, after: Mapping[str, UidPosition] | None = None) -> list[Fetched]:
    return [fetched for batch in source.fetch_new(after or {}) for fetched in batch]


def numbers(fetched: list[Fetched]) -> list[int]:
    return [each.position.uid for each in fetched]


# -- fetching


def test_mails_come_oldest_first_with_their_exact_bytes_size_and_time(
    private_dovecot: PrivateDovecot, source: MakeSource, user: str
) -> None:
    received = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    raws = [mail(1), b"Subject: 8 bit \xe4\xf6\r\n\r\nNUL-free {12}\r\n* 1 EXISTS\r\n)\r\n", mail(3)]
    uids = private_dovecot.append_all(raws, user=user, received=received)

    got = fetch(source(private_dovecot.settings(user=user)))

    validity = private_dovecot.uidvalidity(user=user)
    assert got == [
        Fetched("INBOX", UidPosition(validity, uid), received, len(raw), raw) for uid, raw in zip(uids, raws, strict=True)
    ]


def test_fetching_sets_no_flag(private_dovecot: PrivateDovecot, source: MakeSource, user: str) -> None:
    uid = private_dovecot.append(mail(1), user=user)

    fetch(source(private_dovecot.settings(user=user)))

    assert private_dovecot.flags(user=user) == {uid: set()}


def test_only_mails_past_the_position_come_even_where_the_server_repeats_the_last(
    private_dovecot: PrivateDovecot, source: MakeSource, user: str
) -> None:
    first, second = private_dovecot.append_all([mail(1), mail(2)], user=user)
    poller = source(private_dovecot.settings(user=user))
    validity = private_dovecot.uidvalidity(user=user)

    assert numbers(fetch(poller, {"INBOX": UidPosition(validity, first)})) == [second]
    assert numbers(fetch(poller, {"INBOX": UidPosition(validity, second)})) == []
    third = private_dovecot.append(mail(3), user=user)
    assert numbers(fetch(poller, {"INBOX": UidPosition(validity, second)})) == [third]


def test_batches_are_no_larger_than_configured(private_dovecot: PrivateDovecot, source: MakeSource, user: str) -> None:
    private_dovecot.append_all([mail(number) for number in range(7)], user=user)

    batches = list(source(private_dovecot.settings(user=user, batch=3)).fetch_new({}))

    assert [len(batch) for batch in batches] == [3, 3, 1]


def test_every_configured_folder_is_read(private_dovecot: PrivateDovecot, source: MakeSource, user: str) -> None:
    extra = private_dovecot.fresh_folder(user)
    private_dovecot.append(mail(1), user=user)
    private_dovecot.append(mail(2), user=user, folder=extra)

    got = fetch(source(private_dovecot.settings(user=user, folders=("INBOX", extra))))

    assert [(each.folder, each.raw) for each in got] == [("INBOX", mail(1)), (extra, mail(2))]


def test_a_folder_made_anew_under_its_old_uidvalidity_is_read_from_its_beginning(
    source: MakeSource, private_dovecot: PrivateDovecot, user: str
) -> None:
    private_dovecot.append_all([b"Subject: %d\r\n\r\n" % number for number in range(5)], user=user)
    first = fetch(source(private_dovecot.settings(user=user)))
    position = first[-1].position
    private_dovecot.expunge(private_dovecot.uids(user=user)[:-1], user=user)
    private_dovecot.renumber(user=user)
    new = b"Subject: came since\r\n\r\n"
    private_dovecot.append(new, user=user)

    got = fetch(source(private_dovecot.settings(user=user)), {"INBOX": position})

    assert (numbers(got), [each.anew for each in got]) == ([1, 2], [True, True])
    assert got[-1].raw == new


def test_a_folder_made_anew_that_has_grown_past_the_old_numbers_is_known_by_its_mails(
    source: MakeSource, private_dovecot: PrivateDovecot, user: str
) -> None:
    private_dovecot.append_all([b"Subject: %d\r\n\r\n" % number for number in range(3)], user=user)
    first = fetch(source(private_dovecot.settings(user=user)))
    marks = tuple(Mark(each.position.uid, each.size, each.received) for each in first)
    same = ReadUpTo(first[-1].position.uidvalidity, 3, marks)
    assert fetch(source(private_dovecot.settings(user=user)), {"INBOX": same}) == []
    private_dovecot.expunge([1, 2, 3], user=user)
    private_dovecot.renumber(user=user)
    private_dovecot.append_all([b"Subject: other %d\r\n\r\n" % number for number in range(4)], user=user)

    got = fetch(source(private_dovecot.settings(user=user)), {"INBOX": same})

    assert (numbers(got), {each.anew for each in got}) == ([1, 2, 3, 4], {True})


def test_a_server_that_does_not_know_its_own_next_number_is_not_read_anew(source: MakeSource) -> None:
    server = RecordingImap({"SEARCH": b"* SEARCH 5\r\n", "FETCH": b""})  # says UIDNEXT 2
    assert fetch(source(recorded(server)), {"INBOX": UidPosition(1, 5)}) == []
    server.stop()
    assert not any(b"1:*" in line for line in server.lines)


def test_a_changed_uidvalidity_reads_the_folder_from_its_beginning(
    private_dovecot: PrivateDovecot, source: MakeSource, user: str
) -> None:
    private_dovecot.append_all([mail(1), mail(2)], user=user)
    poller = source(private_dovecot.settings(user=user))
    before = fetch(poller)

    validity = private_dovecot.change_uidvalidity(user=user)
    with pytest.raises(FetchError):  # Dovecot's word on files that change under a session
        fetch(poller, {"INBOX": before[-1].position})
    after = fetch(poller, {"INBOX": before[-1].position})

    assert {each.position.uidvalidity for each in after} == {validity}
    assert [hashlib.sha256(each.raw or b"").digest() for each in after] == [
        hashlib.sha256(each.raw or b"").digest() for each in before
    ]


def test_a_folder_replaced_behind_an_open_session_is_read_anew(
    private_dovecot: PrivateDovecot, source: MakeSource, user: str
) -> None:
    folder = private_dovecot.fresh_folder(user)
    private_dovecot.append_all([mail(1), mail(2), mail(3)], user=user, folder=folder)
    poller = source(private_dovecot.settings(user=user, folders=(folder,), batch=1))
    batches = poller.fetch_new({})
    before = next(batches)

    validity = private_dovecot.recreate(folder, user)
    private_dovecot.append(mail(4), user=user, folder=folder)
    poller.mark_done(folder, [before[0].position])

    assert list(batches) == []
    assert [(each.position, each.raw) for each in fetch(poller, {folder: before[0].position})] == [
        (UidPosition(validity, 1), mail(4))
    ]
    assert private_dovecot.flags(folder, user) == {1: set()}


def test_a_mail_over_the_limit_comes_without_its_bytes(private_dovecot: PrivateDovecot, source: MakeSource, user: str) -> None:
    raws = [mail(1), mail(2, octets=20_000), mail(3)]
    private_dovecot.append_all(raws, user=user)

    got = fetch(source(private_dovecot.settings(user=user), LimitSettings(message_bytes=10_000)))

    assert [(each.size, each.raw) for each in got] == [(len(raws[0]), raws[0]), (len(raws[1]), None), (len(raws[2]), raws[2])]


def test_a_mail_that_vanishes_between_search_and_fetch_is_passed_over(
    private_dovecot: PrivateDovecot, source: MakeSource, user: str
) -> None:
    uids = private_dovecot.append_all([mail(number) for number in range(4)], user=user)
    batches = source(private_dovecot.settings(user=user, batch=1)).fetch_new({})

    first = next(batches)
    private_dovecot.expunge(uids[1:3], user=user)
    rest = [each for batch in batches for each in batch]

    assert numbers([*first, *rest]) == [uids[0], uids[3]]


def test_marking_between_the_batches_of_a_fetch_loses_nothing(
    private_dovecot: PrivateDovecot, source: MakeSource, user: str
) -> None:
    private_dovecot.append_all([mail(number) for number in range(5)], user=user)
    poller = source(private_dovecot.settings(user=user, batch=2, done="move"))
    got: list[Fetched] = []
    for batch in poller.fetch_new({}):
        got += batch
        poller.mark_done("INBOX", [each.position for each in batch])

    assert [each.raw for each in got] == [mail(number) for number in range(5)]
    assert private_dovecot.uids(user=user) == []
    assert sorted(private_dovecot.raws("Processed", user).values()) == sorted(mail(number) for number in range(5))


# -- marking


def test_stored_mails_are_flagged_seen(private_dovecot: PrivateDovecot, source: MakeSource, user: str) -> None:
    first, second = private_dovecot.append_all([mail(1), mail(2)], user=user)
    poller = source(private_dovecot.settings(user=user))
    got = fetch(poller)

    poller.mark_done("INBOX", [got[0].position])

    assert private_dovecot.flags(user=user) == {first: {"\\Seen"}, second: set()}


def test_stored_mails_are_moved_to_a_folder_that_is_made_when_missing(
    private_dovecot: PrivateDovecot, source: MakeSource, user: str
) -> None:
    private_dovecot.append_all([mail(1), mail(2)], user=user)
    poller = source(private_dovecot.settings(user=user, done="move", done_folder="Erledigt/Geprüft"))
    got = fetch(poller)

    poller.mark_done("INBOX", [got[0].position])

    assert list(private_dovecot.raws(user=user).values()) == [mail(2)]
    assert list(private_dovecot.raws('"Erledigt/Gepr&APw-ft"', user).values()) == [mail(1)]


def test_leave_changes_nothing(private_dovecot: PrivateDovecot, source: MakeSource, user: str) -> None:
    uid = private_dovecot.append(mail(1), user=user)
    poller = source(private_dovecot.settings(user=user, done="leave"))

    poller.mark_done("INBOX", [each.position for each in fetch(poller)])

    assert private_dovecot.flags(user=user) == {uid: set()}


def test_positions_of_an_earlier_uidvalidity_mark_nothing(
    private_dovecot: PrivateDovecot, source: MakeSource, user: str
) -> None:
    private_dovecot.append(mail(1), user=user)
    poller = source(private_dovecot.settings(user=user))
    got = fetch(poller)
    private_dovecot.change_uidvalidity(user=user)
    poller.close()

    source(private_dovecot.settings(user=user)).mark_done("INBOX", [got[0].position])

    assert list(private_dovecot.flags(user=user).values()) == [set()]


def test_a_folder_that_is_not_configured_is_never_touched(private_dovecot: PrivateDovecot, source: MakeSource) -> None:
    with pytest.raises(ValueError, match="not a configured folder"):
        source(private_dovecot.settings()).mark_done("Sent", [UidPosition(1, 1)])


MOVERS = {
    "MOVE": [b"UID MOVE 1 Processed"],
    "UIDPLUS": [b"UID COPY 1 Processed", b"UID STORE 1 +FLAGS.SILENT (\\Deleted)", b"UID EXPUNGE 1"],
}


@pytest.mark.parametrize("capability", MOVERS)
def test_a_move_uses_the_one_command_or_copy_and_an_expunge_of_just_that_mail(source: MakeSource, capability: str) -> None:
    server = RecordingImap(capabilities=f"IMAP4rev1 {capability}")
    source(recorded(server, done="move")).mark_done("INBOX", [UidPosition(1, 1)])
    server.stop()

    assert [command.replace(b'"', b"") for command in commands(server) if b" 1" in command] == MOVERS[capability]


def test_a_server_that_can_remove_no_single_mail_is_not_asked_to_move(source: MakeSource) -> None:
    server = RecordingImap()
    with pytest.raises(FetchError, match="set `done: flag`"):
        source(recorded(server, done="move")).mark_done("INBOX", [UidPosition(1, 1)])
    server.stop()

    assert not any(word in command for command in commands(server) for word in (b"EXPUNGE", b"COPY", b"CLOSE"))


# -- waiting


def test_new_mail_ends_the_wait(private_dovecot: PrivateDovecot, source: MakeSource, user: str) -> None:
    poller = source(private_dovecot.settings(user=user))
    fetch(poller)
    threading.Timer(0.3, lambda: private_dovecot.append(mail(1), user=user)).start()

    begun = time.monotonic()
    assert poller.wait(20) is True

    assert time.monotonic() - begun < 10
    assert len(fetch(poller)) == 1


def test_mail_that_came_between_fetch_and_wait_is_not_slept_over(
    private_dovecot: PrivateDovecot, source: MakeSource, user: str
) -> None:
    poller = source(private_dovecot.settings(user=user))
    private_dovecot.append(mail(1), user=user)
    poller.mark_done("INBOX", [each.position for each in fetch(poller)])
    private_dovecot.append(mail(2), user=user)

    begun = time.monotonic()
    assert poller.wait(20) is True
    assert time.monotonic() - begun < 5


def test_a_quiet_wait_lasts_its_time_and_leaves_the_connection_usable(
    private_dovecot: PrivateDovecot, source: MakeSource, user: str
) -> None:
    poller = source(private_dovecot.settings(user=user))
    fetch(poller)

    begun = time.monotonic()
    assert poller.wait(1.3) is False

    assert 1.2 < time.monotonic() - begun < 6
    private_dovecot.append(mail(1), user=user)
    assert len(fetch(poller)) == 1


def test_idle_is_renewed_before_a_middlebox_forgets_the_connection(
    private_dovecot: PrivateDovecot, fault_proxy: MakeProxy, source: MakeSource, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []

    def record(direction: Direction, _octets: int, chunk: bytes, _connection: int) -> Action:
        if direction == "up":
            sent.append(chunk)
        return "pass"

    monkeypatch.setattr("supportbot.post.imap._IDLE_FIRST_SECONDS", 0.1)
    monkeypatch.setattr("supportbot.post.imap._IDLE_RENEW_SECONDS", 0.1)
    source(private_dovecot.settings(user=user, port=fault_proxy(private_dovecot.port, record).port)).wait(1)

    assert b"".join(sent).count(b" IDLE\r\n") >= 4


@pytest.mark.parametrize("idle", [True, False])
def test_a_wait_is_interrupted_from_another_thread(
    private_dovecot: PrivateDovecot, source: MakeSource, user: str, idle: bool
) -> None:
    poller = source(private_dovecot.settings(user=user, idle=idle))
    threading.Timer(0.3, poller.interrupt).start()

    begun = time.monotonic()
    assert poller.wait(20) is False
    assert time.monotonic() - begun < 5


def test_an_interrupt_before_the_wait_is_not_forgotten(private_dovecot: PrivateDovecot, source: MakeSource) -> None:
    poller = source(private_dovecot.settings(idle=False))
    poller.interrupt()

    begun = time.monotonic()
    poller.wait(20)
    poller.wait(0.2)
    assert 0.2 <= time.monotonic() - begun < 5


def test_a_server_without_idle_is_waited_for_by_sleeping(source: MakeSource) -> None:
    server = RecordingImap()
    poller = source(recorded(server))

    begun = time.monotonic()
    assert poller.wait(0.3) is False
    server.stop()

    assert time.monotonic() - begun >= 0.3
    assert not any(b"IDLE" in command for command in commands(server))


def test_the_embedded_server_is_polled_and_announces_mail_like_a_real_one(source: MakeSource) -> None:
    received = datetime(2026, 1, 2, tzinfo=UTC)
    with EmbeddedImap("support@example.test", "secret") as server:
        server.append(mail(1), received)
        poller = source(mailbox(server.port))
        got = fetch(poller)
        poller.mark_done("INBOX", [each.position for each in got])
        threading.Timer(0.2, lambda: server.append(mail(2))).start()
        assert poller.wait(20) is True
        more = fetch(poller, {"INBOX": got[0].position})
        poller.close()

    assert [(each.raw, each.received) for each in got] == [(mail(1), received)]
    assert [each.raw for each in more] == [mail(2)]


# -- what goes wrong is said in one sentence


def mailbox(port: int, **changes: Any) -> MailboxSettings:
    given = {"name": "support", "address": "support@example.test", "host": "127.0.0.1", "port": port, "security": "none"}
    return MailboxSettings.model_validate({**given, "user": "support@example.test", "password": "secret", **changes})


def failure(source: ImapSource) -> str:
    with pytest.raises(FetchError) as caught:
        fetch(source)
    return str(caught.value)


def test_a_wrong_password_is_named_without_being_shown(private_dovecot: PrivateDovecot, source: MakeSource) -> None:
    said = failure(source(private_dovecot.settings(password=SecretStr("hunter2"))))

    assert "refused the login of 'support@example.test'" in said
    assert "check `user` and `password`" in said
    assert "hunter2" not in said


def test_an_unreachable_server_is_named(source: MakeSource, private_dovecot: PrivateDovecot) -> None:
    assert "127.0.0.1:1 refused the connection: check `host` and `port`" in failure(source(mailbox(1)))
    assert "no server named 'nowhere.invalid'" in failure(source(mailbox(143, host="nowhere.invalid")))


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_trusted_certificate_is_accepted(
    private_dovecot: PrivateDovecot, source: MakeSource, user: str, security: str
) -> None:
    private_dovecot.append(mail(1), user=user)
    port = private_dovecot.tls_port if security == "tls" else private_dovecot.port
    secured = private_dovecot.settings(user=user, port=port, security=security, ca_file=private_dovecot.ca_file)
    poller = source(secured)

    assert len(fetch(poller)) == 1
    threading.Timer(0.3, lambda: private_dovecot.append(mail(2), user=user)).start()
    assert poller.wait(20) is True


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("authority", ["of the system", "of somebody else"])
def test_a_certificate_that_is_not_trusted_is_refused_before_the_password(
    private_dovecot: PrivateDovecot, source: MakeSource, tmp_path: Path, security: str, authority: str
) -> None:
    port = private_dovecot.tls_port if security == "tls" else private_dovecot.port
    ca_file = make_certificate(tmp_path)[0] if authority == "of somebody else" else None

    said = failure(source(private_dovecot.settings(port=port, security=security, ca_file=ca_file)))

    assert f"the certificate of 127.0.0.1:{port} is not trusted" in said
    assert "set `ca_file`" in said


def test_tls_on_a_plain_port_is_explained(private_dovecot: PrivateDovecot, source: MakeSource) -> None:
    assert "check that `port` and `security` belong together" in failure(source(private_dovecot.settings(security="tls")))


def test_a_server_without_starttls_never_sees_the_password(source: MakeSource) -> None:
    server = RecordingImap(capabilities="IMAP4rev1 AUTH=PLAIN")
    said = failure(source(recorded(server, security="starttls")))
    server.stop()

    assert "offers no STARTTLS: set `security: tls`" in said
    assert not any(word in line for line in server.lines for word in (b"LOGIN", b"AUTHENTICATE"))


def test_a_missing_folder_is_named_after_the_others_have_been_read(
    private_dovecot: PrivateDovecot, source: MakeSource, user: str
) -> None:
    private_dovecot.append(mail(1), user=user)
    poller = source(private_dovecot.settings(user=user, folders=("Missing", "INBOX")))
    batches = poller.fetch_new({})

    assert numbers(list(next(batches))) == [1]
    with pytest.raises(FetchError, match=r"folder 'Missing' cannot be opened .*: check `folders`"):
        next(batches)


def test_a_failing_server_is_left_alone_for_longer_and_longer(fault_proxy: MakeProxy, source: MakeSource) -> None:
    proxy = fault_proxy(1)  # nobody listens there: every connection is reset
    poller = source(mailbox(proxy.port))
    begun = time.monotonic()
    said = ""
    while "the next try is in" not in said:
        said = failure(poller)

    assert 2 <= proxy.connections <= 4
    assert time.monotonic() - begun > 1


def test_after_a_failure_the_next_try_works(
    private_dovecot: PrivateDovecot, fault_proxy: MakeProxy, source: MakeSource
) -> None:
    def first_dies(direction: Direction, _octets: int, _chunk: bytes, connection: int) -> Action:
        return "reset" if direction == "down" and connection == 1 else "pass"

    poller = source(private_dovecot.settings(port=fault_proxy(private_dovecot.port, first_dies).port))

    failure(poller)
    fetch(poller)


# -- a faulty wire


@pytest.mark.parametrize("kind", ["reset", "close"])
@pytest.mark.parametrize("octets", [1, 400, 700, 1200, 3000, 9000])
def test_a_link_cut_at_any_octet_loses_nothing(
    private_dovecot: PrivateDovecot, fault_proxy: MakeProxy, source: MakeSource, user: str, octets: int, kind: Action
) -> None:
    raws = [mail(number, octets=2000) for number in range(6)]
    private_dovecot.append_all(raws, user=user)

    def cut(direction: Direction, so_far: int, _chunk: bytes, connection: int) -> Action:
        return kind if direction == "down" and connection == 1 and so_far >= octets else "pass"

    poller = source(private_dovecot.settings(user=user, port=fault_proxy(private_dovecot.port, cut).port, batch=2))
    stored: dict[str, UidPosition] = {}
    kept: list[bytes | None] = []
    failures = 0
    for _ in range(3):
        try:
            for batch in poller.fetch_new(stored):
                kept += [each.raw for each in batch]
                stored["INBOX"] = batch[-1].position
        except FetchError:
            failures += 1

    assert failures == 1
    assert kept == raws


@pytest.mark.parametrize("kind", ["reset", "close"])
def test_a_link_that_dies_during_idle_is_noticed_at_once(
    private_dovecot: PrivateDovecot, fault_proxy: MakeProxy, source: MakeSource, user: str, kind: Action
) -> None:
    dead = threading.Event()

    def cut(direction: Direction, _octets: int, chunk: bytes, connection: int) -> Action:
        return kind if direction == "down" and dead.is_set() and connection == 1 else "pass"

    poller = source(private_dovecot.settings(user=user, port=fault_proxy(private_dovecot.port, cut).port))
    fetch(poller)

    def kill() -> None:
        dead.set()
        private_dovecot.append(mail(1), user=user)  # makes the server speak, which the proxy answers with the cut

    threading.Timer(0.3, kill).start()
    begun = time.monotonic()
    with pytest.raises(FetchError, match=r"broke off|failed"):
        poller.wait(30)

    assert time.monotonic() - begun < 10
    assert len(fetch(poller)) == 1


def test_a_silent_link_is_given_up_after_the_read_timeout(
    private_dovecot: PrivateDovecot, fault_proxy: MakeProxy, source: MakeSource, user: str
) -> None:
    private_dovecot.append(mail(1), user=user)

    def hang(direction: Direction, octets: int, _chunk: bytes, connection: int) -> Action:
        return "hang" if direction == "down" and connection == 1 and octets > 300 else "pass"

    poller = source(
        private_dovecot.settings(user=user, port=fault_proxy(private_dovecot.port, hang).port),
        connect_seconds=0.5,
        read_seconds=0.5,
    )

    assert "did not answer in time" in failure(poller)
    assert len(fetch(poller)) == 1


def test_a_server_that_drips_octets_is_ended(source: MakeSource) -> None:
    def drip() -> Iterator[bytes]:
        while True:
            time.sleep(0.05)
            yield b"* OK still busy\r\n"

    server = RecordingImap({"SEARCH": drip()})
    poller = source(recorded(server), read_seconds=0.4)

    begun = time.monotonic()
    said = failure(poller)
    server.stop()

    assert "broke off" in said
    assert time.monotonic() - begun < 5


# -- a hostile server, and what reaches the wire


def recorded(server: RecordingImap, **changes: Any) -> MailboxSettings:
    return mailbox(server.port, **changes)


def commands(server: RecordingImap) -> list[bytes]:
    """What the client sent, without tags."""
    return [line.rstrip(b"\r\n").partition(b" ")[2] for line in server.lines]


def test_a_message_nobody_asked_for_is_dropped(source: MakeSource) -> None:
    body = b"Subject: x\r\n\r\nhi"
    row = b'* %d FETCH (UID %d RFC822.SIZE 16 INTERNALDATE "01-Mar-2026 10:00:00 +0000" BODY[] {16}\r\n' + body + b")\r\n"
    server = RecordingImap({"SEARCH": b"* SEARCH 3 7\r\n", "FETCH": b"".join(row % (uid, uid) for uid in (2, 3, 7, 9))})
    got = fetch(source(recorded(server)), {"INBOX": UidPosition(1, 5)})
    server.stop()

    assert [(each.position, each.raw) for each in got] == [(UidPosition(1, 7), body)]


def test_a_body_that_the_server_withholds_leaves_a_trace(source: MakeSource) -> None:
    row = b'* 1 FETCH (UID 1 RFC822.SIZE 16 INTERNALDATE "01-Mar-2026 10:00:00 +0000" BODY[] NIL)\r\n'
    server = RecordingImap({"FETCH": row})
    got = fetch(source(recorded(server)))
    server.stop()

    assert got == [Fetched("INBOX", UidPosition(1, 1), datetime(2026, 3, 1, 10, tzinfo=UTC), 16, None)]


@pytest.mark.parametrize(
    "answer",
    [
        b"* 1 FETCH (UID 1 RFC822.SIZE 16 BODY[] {2000000000}\r\n",
        b"* 1 FETCH (UID 1 RFC822.SIZE x)\r\n",
        b"* 1 FETCH (UID x RFC822.SIZE 5)\r\n",
        b"* 1 FETCH (UID 1 RFC822.SIZE\r\n",
        b"* 1 FETCH " + b"(" * 5000 + b"\r\n",
        b"* 1 FETCH ((UID 1) 3)\r\n",
        b"* 1 FETCH (UID 1 BODY[] {5}\r\nab)\r\n",
        b"* BYE going down\r\n",
        b"\xff\xfe\r\n",
        b"A1 OK somebody else's answer\r\n",
        b"* OK " + b"x" * 17_000_000 + b"\r\n",
    ],
    ids=["giant", "size", "uid", "cut", "deep", "odd", "short", "bye", "noise", "tag", "long"],
)
def test_a_hostile_answer_is_a_fetch_error_and_nothing_worse(source: MakeSource, answer: bytes) -> None:
    server = RecordingImap({"FETCH": answer})
    poller = source(recorded(server), read_seconds=1.0)

    assert "mailbox 'support': 127.0.0.1" in failure(poller)
    server.stop()


def test_only_integers_constants_and_configured_names_reach_the_server(source: MakeSource) -> None:
    hostile = b'x"\r\nX1 UID STORE 1:* +FLAGS (\\Deleted)\r\nX2 EXPUNGE\r\n'
    raw = b"Message-ID: <" + hostile + b">\r\nSubject: " + hostile + b"\r\n\r\n" + hostile
    row = b'* 1 FETCH (UID 1 RFC822.SIZE %d INTERNALDATE "01-Mar-2026 10:00:00 +0000" FLAGS (ok) BODY[] {%d}\r\n%s)\r\n'
    server = RecordingImap({"FETCH": row % (len(raw), len(raw), raw)}, capabilities="IMAP4rev1 MOVE")
    poller = source(recorded(server, done="move"))
    got = fetch(poller)
    poller.mark_done("INBOX", [each.position for each in got])
    poller.close()
    server.stop()

    assert [each.raw for each in got] == [raw]
    assert [command.replace(b'"', b"") for command in commands(server)] == [
        b"CAPABILITY",
        b"LOGIN support@example.test secret",
        b"CAPABILITY",
        b"EXAMINE INBOX",
        b"UID SEARCH UID 1:*",
        b"UID FETCH 1 (RFC822.SIZE INTERNALDATE)",
        b"UID FETCH 1 (BODY.PEEK[])",
        b"SELECT INBOX",
        b"UID MOVE 1 Processed",
        b"LOGOUT",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"folders": ("INBOX\r\nX1 EXPUNGE",)},
        {"done_folder": "Done\nX1 EXPUNGE"},
        {"user": "support\r\nX1 EXPUNGE"},
        {"password": "secret\x7f"},
        {"host": "localhost\0"},
    ],
)
def test_control_characters_in_the_configuration_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="control characters"):
        ImapSource(mailbox(143, **changes), LIMITS)


@pytest.mark.parametrize("uid", [0, -1, 2**32, True, "1:*", b"1\r\nX1 EXPUNGE"])
def test_something_other_than_a_uid_never_reaches_the_server(source: MakeSource, uid: Any) -> None:
    server = RecordingImap()
    with pytest.raises(RuntimeError, match="other than a UID"):
        source(recorded(server)).mark_done("INBOX", [UidPosition(1, uid)])
    server.stop()

    assert not any(b"STORE" in command for command in commands(server))


# -- probing


def test_a_probe_opens_every_folder_and_changes_nothing(private_dovecot: PrivateDovecot, source: MakeSource, user: str) -> None:
    extra = private_dovecot.fresh_folder(user)
    uid = private_dovecot.append(mail(1), user=user)
    settings = private_dovecot.settings(user=user, folders=("INBOX", extra))

    source(settings).probe()

    assert private_dovecot.flags(user=user) == {uid: set()}
    with pytest.raises(FetchError, match=r"folder 'Missing' cannot be opened"):
        source(settings.model_copy(update={"folders": ("INBOX", "Missing")})).probe()
    with pytest.raises(FetchError, match="refused the login"):
        source(settings.model_copy(update={"password": SecretStr("wrong")})).probe()
