"""Mail is read in a child process: the reading is the parser's own, and no mail takes the service or the next mail with it."""

import base64
import email.policy
import gc
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from email.message import EmailMessage
from encodings.aliases import aliases
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.corpus import BEGIN, build_corpus
from supportbot.app import App, build_app
from supportbot.demo.samples import sample_mails
from supportbot.errors import ReaderError, UnreadableMail
from supportbot.mail.message import InboundMessage, Mailbox
from supportbot.mail.parse import MAX_SIZE, read_message, relabel
from supportbot.mail.plainly import READ_PLAINLY, read_plainly
from supportbot.mail.signature import KeyOf
from supportbot.post.reading import GuardedReader, Limits
from supportbot.settings import Settings
from tests.mail_files import sign
from tests.stories.office import shipped_house

ROOT = Path(__file__).parent.parent
SCRIPTED = "tests.scripted_parser"
TIGHT = Limits(memory_octets=400 * 1024**2, processor_seconds=1, wall_seconds=4.0)
HASTY = replace(TIGHT, wall_seconds=1.0)
HONEST = b"From: Ann <ann@buyer.example>\r\nTo: support@example.test\r\nSubject: hello\r\n\r\nWhere is my order?\r\n"


def told(deed: str) -> bytes:
    """A mail over which the scripted parser does something."""
    return (
        f"From: Bea <bea@example.test>\r\nTo: us+{'0f' * 16}@example.test\r\nSubject: do {deed}\r\n"
        f"Message-ID: <1@example.test>\r\nIn-Reply-To: <0@example.test>\r\n\r\n"
        f"I accept the item and the re-billing, {deed}.\r\n"
    ).encode()


@pytest.fixture(scope="module")
def reader() -> Iterator[GuardedReader]:
    with GuardedReader() as found:
        yield found


@pytest.fixture
def scripted() -> Iterator[Callable[..., GuardedReader]]:
    """`scripted(limits)`: a reader whose parser does what a subject says; no child of it is left afterwards."""
    readers: list[GuardedReader] = []

    def make(limits: Limits = TIGHT, **changes: object) -> GuardedReader:
        readers.append(GuardedReader(limits, module=SCRIPTED, **changes))  # type: ignore[arg-type]
        return readers[-1]

    before = children()
    yield make
    for found in readers:
        found.close()
    assert children() <= before


def children() -> set[int]:
    """Processes that this one has started and not yet seen end, zombies too."""
    listed = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {int(number) for path in listed for number in path.read_text().split()}


def pid_of(reader: GuardedReader) -> int:
    return int(reader.read(told("tell")).body.split()[0])


def is_gone(pid: int, seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        state = Path(f"/proc/{pid}/stat")
        with suppress(FileNotFoundError, ProcessLookupError):
            if state.read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.02)
                continue
        return True
    return False


# -- the same reading ------------------------------------------------------------------------------------------------------


def in_every_codec() -> list[bytes]:
    text = "Grüße, Привет, こんにちは, 안녕, שלום: order PO-771200 costs 10 €"
    head = "From: a@b.example\r\nSubject: =?{0}?b?yfk=?=\r\nContent-Type: text/plain; charset={0}\r\n\r\n"
    found = []
    for codec in sorted(set(aliases.values())):
        with suppress(LookupError, UnicodeError, TypeError):
            found.append(head.format(codec).encode() + text.encode(codec, "replace"))
    return found


def structured(text: str = "Hello\n\nOn Monday, Bob <bob@x.example> wrote:\n> I accept.\n") -> list[bytes]:
    """Mails with everything that an `InboundMessage` can hold."""
    inner = EmailMessage(policy=email.policy.SMTP)
    inner["From"], inner["To"], inner["Subject"] = "Cy <cy@x.example>", "d@x.example", "Inside"
    inner["Date"], inner["Message-ID"] = "Mon, 04 May 2026 12:00:00 +0530", "<in@x.example>"
    inner.set_content(text)
    outer = EmailMessage(policy=email.policy.SMTP)
    outer["From"], outer["To"], outer["Cc"] = "Ann <a@x.example>", "b@x.example", "c@x.example"
    outer["Reply-To"], outer["Date"] = "r@x.example", "Fri, 31 Dec 9999 23:59:59 -1100"
    outer.set_content(text)
    outer.add_alternative(f"<p>{text}</p>", subtype="html")
    outer.add_attachment(inner)
    outer.add_attachment(bytes(range(256)) * 20, maintype="image", subtype="png", filename="ü.png")
    bounce = (
        b"From: MAILER-DAEMON@x.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\n\r\nNo.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
        b"Final-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        + inner.as_bytes()
        + b"\r\n--b--\r\n"
    )
    return [outer.as_bytes(), inner.as_bytes(), bounce, b"", b"\r\n", b"\0" * 3000, b"From: a@b\rSubject: x\r\rold\r"]


def test_every_field_of_every_kind_of_mail_comes_back_as_the_parser_made_it(reader: GuardedReader) -> None:
    mails = [*structured(), *in_every_codec(), *build_corpus(120).mails, *(mail.raw for mail in sample_mails())]
    mails += [path.read_bytes() for path in sorted((ROOT / "training").rglob("*.eml"))]
    readings = list(reader.read_all(mails))

    assert readings == [read_message(raw) for raw in mails]
    first = readings[0]
    assert isinstance(first, InboundMessage)
    assert first.date is not None
    assert first.date.isoformat() == "9999-12-31T23:59:59-11:00"
    assert first.forwarded[0].date is not None
    assert first.forwarded[0].date.isoformat() == "2026-05-04T12:00:00+05:30"
    assert (first.forwarded[0].raw or b"").startswith(b"From: Cy")
    assert relabel(first, ["I accept."]) == relabel(read_message(mails[0]), ["I accept."])


@given(st.binary(max_size=600) | st.builds(lambda body: HONEST + body, st.binary(max_size=600)))
@settings(max_examples=400, deadline=None)
def test_any_octets_are_read_as_the_parser_reads_them(reader: GuardedReader, raw: bytes) -> None:
    assert reader.read(raw) == read_message(raw)


@given(st.text(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_text_is_read_as_the_parser_reads_it(reader: GuardedReader, text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    raw = f"From: {text[:40]} <a@b.example>\nSubject: {text[:60]}\nContent-Type: text/html; charset=utf-8\n\n{text}".encode()
    assert reader.read(raw) == read_message(raw)


def test_a_mail_larger_than_every_pipe_and_one_larger_than_the_limit(reader: GuardedReader) -> None:
    large, huge = HONEST + b"word " * 2_000_000, HONEST + b"\r\n" * MAX_SIZE
    small, after = list(reader.read_all([large, huge, HONEST]))[:2], reader.read(HONEST)

    assert small == [read_message(large), read_message(huge)]
    assert isinstance(small[1], InboundMessage)
    assert (small[1].size, "too-large" in small[1].defects) == (len(huge), True)
    assert after == read_message(HONEST)


def test_large_answers_and_large_mails_do_not_wait_for_each_other(reader: GuardedReader) -> None:
    """Both pipes are full at once when the attached mails, of 200 KB each, come back as they went in."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = "a@b.example"
    mail.set_content("see below")
    inner = EmailMessage(policy=email.policy.SMTP)
    inner["From"] = "c@d.example"
    inner.set_content("x" * 60 + "\n" + "words and words\n" * 12_000)
    mail.add_attachment(inner)
    raw = mail.as_bytes()

    assert list(reader.read_all([raw] * 12)) == [read_message(raw)] * 12


def test_a_reader_that_dawdles_loses_nothing() -> None:
    """The wall clock runs while somebody waits for the child, never while the child waits for somebody."""
    mails, readings = [*structured(), HONEST], []
    with GuardedReader(HASTY) as hasty:
        for message in hasty.read_all(mails):
            readings.append(message)
            time.sleep(HASTY.wall_seconds + 0.1 if len(readings) < 3 else 0)
    assert readings == [read_message(raw) for raw in mails]


def test_several_threads_read_at_once(reader: GuardedReader) -> None:
    mails = build_corpus(40).mails
    wanted = [read_message(raw) for raw in mails]
    results: list[bool] = []
    threads = [
        threading.Thread(target=lambda: results.append([reader.read(raw) for raw in mails] == wanted), daemon=True)
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == [True] * 4


# -- mails that go wrong ---------------------------------------------------------------------------------------------------

DEEDS = {
    "sleep": "parser-killed: wall-clock",
    "burn": "parser-killed: cpu",
    "eat": "parser-out-of-memory",
    "exit": "parser-killed: status 0",
    "crash": "parser-killed: SIGSEGV",
    "raise": "parser-failed: ValueError",
    "recurse": "parser-failed: RecursionError",
    "open": "parser-reached-out",
    "connect": "parser-reached-out",
    "chatter": "parser-answer-too-large",
    "nonsense": "parser-answer-unreadable",
    "drip": "parser-killed: wall-clock",
    "mute": "parser-answer-unreadable",
    "lie": "parser-answer-unreadable",
    "surrogate": "parser-failed: UnicodeEncodeError",
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_mail_that_brings_the_parser_down_is_read_plainly_and_the_mails_around_it_as_ever(
    scripted: Callable[..., GuardedReader], deed: str
) -> None:
    reader = scripted(HASTY if "wall" in DEEDS[deed] else TIGHT)
    began = time.monotonic()
    readings = list(reader.read_all([HONEST, told(deed), HONEST, told(deed), HONEST, HONEST]))

    plain, honest = read_plainly(told(deed), DEEDS[deed]), read_message(HONEST)
    assert readings == [honest, plain, honest, plain, honest, honest]
    assert reader.read(HONEST) == honest
    assert time.monotonic() - began < 20
    assert plain.defects[:2] == (DEEDS[deed], READ_PLAINLY)
    assert "nobody may read" not in repr(readings)


def test_a_stray_print_is_no_answer(scripted: Callable[..., GuardedReader]) -> None:
    assert scripted().read(told("print")) == read_message(told("print"))


def test_a_child_killed_between_two_mails_is_replaced_and_no_mail_is_blamed(scripted: Callable[..., GuardedReader]) -> None:
    reader = scripted()
    for _ in range(3):
        os.kill(pid_of(reader), signal.SIGKILL)
        assert reader.read(HONEST) == read_message(HONEST)


def test_a_child_killed_by_somebody_over_a_mail_reads_that_mail_again(scripted: Callable[..., GuardedReader]) -> None:
    reader = scripted(replace(TIGHT, wall_seconds=3.0))
    pid = pid_of(reader)
    threading.Timer(0.5, os.kill, (pid, signal.SIGKILL)).start()
    began = time.monotonic()
    sleeper = reader.read(told("sleep"))  # killed at half a second, then given its whole time in the second child

    assert sleeper.defects[0] == "parser-killed: wall-clock"
    assert time.monotonic() - began > 3.0


def test_a_child_is_renewed_after_its_number_of_mails(scripted: Callable[..., GuardedReader]) -> None:
    reader = scripted(recycle_after=3)
    bodies = [m.body for m in reader.read_all([told("tell")] * 8) if isinstance(m, InboundMessage)]
    pids = [body.split()[0] for body in bodies]

    assert [pids.index(pid) for pid in pids] == [0, 0, 0, 3, 3, 3, 6, 6]


def test_a_processor_limit_counts_one_mail_not_the_life_of_the_child(scripted: Callable[..., GuardedReader]) -> None:
    """Honest mails may together take longer than one may."""
    slow = HONEST + b"> a line\r\n> and another, with words\r\n" * 4_000
    began = time.process_time()
    wanted = read_message(slow)
    rounds = int(4 / (time.process_time() - began)) + 1  # more than one mail may take, by far
    with GuardedReader(replace(TIGHT, processor_seconds=1)) as reader:
        assert list(reader.read_all([slow] * rounds)) == [wanted] * rounds


def test_where_no_child_starts_no_mail_is_blamed() -> None:
    with (
        GuardedReader(replace(TIGHT, memory_octets=1), module=SCRIPTED) as reader,
        pytest.raises(ReaderError, match="status 9"),
    ):
        reader.read(HONEST)
    with GuardedReader(module="tests.no_such_module") as reader, pytest.raises(ReaderError, match="does not start"):
        reader.read(HONEST)
    with pytest.raises(ReaderError, match="closed"):
        reader.read(HONEST)


def test_a_mail_that_nobody_can_read_has_its_reason_and_the_next_is_read(scripted: Callable[..., GuardedReader]) -> None:
    def fails(raw: bytes, defect: str) -> InboundMessage:
        raise KeyError(defect)

    reader = scripted(plainly=fails)
    first, second = reader.read_all([told("raise"), HONEST])
    assert isinstance(first, UnreadableMail)
    assert "parser-failed: ValueError" in str(first)
    assert second == read_message(HONEST)
    with pytest.raises(UnreadableMail):
        reader.read(told("raise"))


# -- what the child may do -------------------------------------------------------------------------------------------------


def test_the_child_has_no_descriptor_no_environment_and_a_session_of_its_own(
    scripted: Callable[..., GuardedReader], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MAILBOX_PASSWORD", "secret")
    with (tmp_path / "ours").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        body = scripted().read(told("tell")).body
    pid, session, rest = body.split(" ", 2)

    assert pid == session
    assert rest.startswith(("[] ['LC_CTYPE', 'PYTHONPATH']", "[] ['PYTHONPATH']"))  # Python itself sets the first
    assert "secret" not in rest
    assert rest.endswith(" /")


def test_a_reader_that_is_closed_or_forgotten_leaves_no_child(scripted: Callable[..., GuardedReader]) -> None:
    before = children()
    closed = GuardedReader()
    closed.warm()
    assert len(children() - before) == 1
    closed.close()
    assert children() <= before

    forgotten = GuardedReader()
    forgotten.read(HONEST)
    rest = forgotten.read_all([HONEST] * 3)
    next(rest)
    assert len(children() - before) == 1
    del rest, forgotten
    gc.collect()
    assert children() <= before


@pytest.mark.parametrize("deed", ["read", "sleep"])
def test_the_child_ends_when_the_service_is_killed(deed: str, tmp_path: Path) -> None:
    """Idle, at once; over a mail, when its own alarm rings."""
    program = (
        "import sys, threading, time\n"
        "from supportbot.post.reading import GuardedReader, Limits\n"
        "from tests.test_post_reading import told\n"
        f"reader = GuardedReader(Limits(wall_seconds=1.0), module={SCRIPTED!r})\n"
        "print(reader.read(told('tell')).body.split()[0], flush=True)\n"
        f"threading.Thread(target=reader.read, args=(told({deed!r}),), daemon=True).start()\n"
        "time.sleep(30)\n"
    )
    service = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    with service:
        assert service.stdout is not None
        pid = int(service.stdout.readline())
        time.sleep(0.3)
        service.kill()
    assert is_gone(pid, 6.0)


def test_a_command_ends_its_child_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_bytes(HONEST)
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-m", "supportbot", "parse", str(tmp_path), "--json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert '"new_text": "Where is my order?"' in done.stdout


# -- bombs -----------------------------------------------------------------------------------------------------------------


def nested(depth: int, kind: bytes) -> bytes:
    if kind == b"rfc822":
        return b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n" * depth + b"x"
    parts = [b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth)]
    return b"From: a@b.example\r\n" + b"".join(parts) + b"\r\nx"


BOMBS = {
    "32 000 parameters": b"From: a@b\r\nContent-Type: text/plain"
    + b"".join(b";\r\n a%d=b" % n for n in range(32_000))
    + b"\r\n\r\nx",
    "16 000 encoded words": b"From: a@b\r\nSubject:" + b" =?utf-8?q?a?=\r\n" * 16_000 + b"\r\nx",
    "8 000 addresses": b"From: a@b\r\nTo: " + b",\r\n ".join(b"a%d@b.example" % n for n in range(8_000)) + b"\r\n\r\nx",
    "nested comments": b"From: " + b"(" * 5_000 + b"a@b.example" + b")" * 5_000 + b"\r\n\r\nx",
    "multipart nest": nested(1_000, b"multipart"),
    "rfc822 nest": nested(1_000, b"rfc822"),
    "open comments in HTML": b"From: a@b\r\nContent-Type: text/html\r\n\r\n" + b"<!--" * 20_000,
    "open tags in HTML": b"From: a@b\r\nContent-Type: text/html\r\n\r\n" + b"<a " * 20_000,
    "deep HTML": b"From: a@b\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 100_000 + b"x",
    "20 MB of one line": b"From: a@b\r\n\r\n" + b"a" * 20_000_000,
    "20 MB of quotes": b"From: a@b\r\n\r\n" + b"> > >\r\n" * 2_800_000,
    "20 MB of base64": b"From: a@b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(b"I accept. " * 1_500_000),
    "1 MB of header": b"From: a@b\r\n" + b"X: y\r\n" * 200_000 + b"\r\nx",
    "parts without end": b"From: a@b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000,
    "20 nested mails of 20 MB": b"From: a@b\r\nContent-Type: message/rfc822\r\n\r\n" * 18
    + b"From: a@b\r\n\r\n"
    + b"w " * 10_000_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_within_the_limits_and_the_next_mail_is_read(reader: GuardedReader, name: str) -> None:
    began = time.monotonic()
    message, after = reader.read_all([BOMBS[name], HONEST])
    seconds = time.monotonic() - began

    assert seconds < 12
    assert isinstance(message, InboundMessage)
    assert message.size == len(BOMBS[name])
    assert after == read_message(HONEST)


# -- the plain reading -----------------------------------------------------------------------------------------------------


def test_the_plain_reading_names_the_sender_the_thread_and_the_words_and_proves_nothing() -> None:
    message = read_plainly(
        'From: "Doe, Jörg" <Joerg@Buyer.Example>\r\nTo: a@x.example, B <b@x.example>\r\nSubject: Größe\r\n'
        "Message-ID: <1@b>\r\nIn-Reply-To: <0@x>\r\nReferences: <r@x>\r\n <0@x>\r\n"
        "\r\nI accept.\u202e\r\n> quoted\r\n".encode(),
        "parser-killed: cpu",
    )

    assert message.sender == Mailbox("", "Joerg@buyer.example")
    assert [box.address for box in message.to] == ["a@x.example", "b@x.example"]
    assert (message.subject, message.new_text) == ("Größe", "I accept.\n> quoted")
    assert (message.message_id, message.in_reply_to, message.references) == ("<1@b>", "<0@x>", ("<r@x>", "<0@x>"))
    assert (message.boundary_certain, message.defects) == (False, ("parser-killed: cpu", READ_PLAINLY))
    assert relabel(message, ["I accept."]) is message


@pytest.mark.parametrize(
    "value",
    ["a@good.example <b@evil.example>", "<a@b.example><c@d.example>", "a@b.example, c@d.example", "=?utf-8?q?a=40b?=", ""],
)
def test_the_plain_reading_names_nobody_where_readers_could_disagree(value: str) -> None:
    assert read_plainly(f"From: {value}\r\n\r\nx".encode(), "x").sender is None
    assert read_plainly(b"From: a@b.example\r\nfrom: c@d.example\r\n\r\nx", "x").sender is None


@given(st.binary(max_size=2000))
@settings(max_examples=300, deadline=None)
def test_the_plain_reading_reads_any_octets(raw: bytes) -> None:
    message = read_plainly(raw, "x")
    assert (message.size, message.boundary_certain, message.forwarded) == (len(raw), False, ())
    assert "".join(message.body[part.start : part.end] for part in message.segments) == message.body
    message.body.encode("utf-8")


@pytest.mark.parametrize("name", BOMBS)
def test_the_plain_reading_takes_a_moment_whatever_it_is_given(name: str) -> None:
    began = time.process_time()
    message = read_plainly(BOMBS[name], "x")
    assert time.process_time() - began < 0.5
    assert len(message.body) <= 64 * 1024


# -- through the desk ------------------------------------------------------------------------------------------------------


def test_the_desk_keeps_a_poison_mail_for_a_person_and_decides_the_mail_after_it(tmp_path: Path) -> None:
    settings = Settings.model_validate({"database": f"sqlite:///{tmp_path / 'desk.db'}"})
    mails = [told("burn"), told("raise"), build_corpus(1).mails[0]]
    with GuardedReader(TIGHT, module=SCRIPTED) as reader:
        app = build_app(settings, house=replace(shipped_house(), settings=settings), reader=reader, key_of=lambda _: None)
        try:
            with app.store.transaction() as tx:
                for raw in mails:
                    tx.keep_file("in", raw, BEGIN)
            worked = app.desk.work_pending()
            with app.store.snapshot() as tx:
                rows = [tx.message(found.message_id) for found in worked]
                kept = [tx.raw(row.sha256) for row in rows if row]
        finally:
            app.close()

    assert kept == mails
    assert [found.quarantined for found in worked] == [False, False, False]
    assert [found.action for found in worked[:2]] == ["review", "review"]
    assert "parser-killed: " in worked[0].why  # by the CPU limit, or on a busy machine by the clock
    assert [row.needs_person for row in rows[:2] if row] == [True, True]
    assert [row.details["defects"][0] for row in rows[:2] if row] == ["parser-killed: cpu", "parser-failed: ValueError"]
    assert worked[2].kind is not None
    assert "parser" not in worked[2].why
    assert worked[2].draft_id is not None


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Callable[..., App]]:
    """`desk(mails, reader, key_of)`: a desk on which these mails lie."""
    apps: list[App] = []

    def make(mails: Sequence[bytes], reader: GuardedReader, key_of: KeyOf = lambda _: None) -> App:
        settings = Settings.model_validate({"database": f"sqlite:///{tmp_path / 'desk.db'}"})
        app = build_app(settings, house=replace(shipped_house(), settings=settings), reader=reader, key_of=key_of)
        apps.append(app)
        with app.store.transaction() as tx:
            for raw in mails:
                tx.keep_file("in", raw, BEGIN)
        return app

    yield make
    for app in apps:
        app.close()


def test_the_child_reads_the_next_mails_while_the_desk_decides_on_one_and_may_die_of_them(
    desk: Callable[..., App], scripted: Callable[..., GuardedReader]
) -> None:
    before, died = children(), list[bool]()

    def key_of(_: str) -> None:
        """Asked for in the middle of the first mail: waits until the child has met the second."""
        (child,) = children() - before
        died.append(is_gone(child))

    worked = desk([sign(HONEST, "buyer.example", at=BEGIN), told("crash"), HONEST], scripted(), key_of).desk.work_pending()

    assert died == [True]
    assert [(found.message_id, found.quarantined) for found in worked] == [(1, False), (2, False), (3, False)]
    assert ["parser" in found.why for found in worked] == [False, True, False]


def test_every_mail_is_read_once_in_the_order_in_which_it_came(
    desk: Callable[..., App], scripted: Callable[..., GuardedReader]
) -> None:
    read: list[bytes] = []

    def plainly(raw: bytes, defect: str) -> InboundMessage:
        read.append(raw)
        return read_plainly(raw, defect)

    mails = [told("raise") + f"{number}\r\n".encode() for number in range(15)]
    worked = desk(mails, scripted(plainly=plainly)).desk.work_pending()

    assert read == mails
    assert [found.message_id for found in worked] == list(range(1, 16))


def test_a_mail_whose_octets_are_lost_stops_none_around_it(desk: Callable[..., App], tmp_path: Path) -> None:
    app = desk([HONEST, HONEST + b"2", HONEST + b"3"], GuardedReader())
    with closing(sqlite3.connect(tmp_path / "desk.db", isolation_level=None)) as connection:
        connection.execute("delete from raw_mail where sha256 = (select sha256 from messages where id = 2)")
    app.desk.work_pending()
    with app.store.snapshot() as tx:
        assert tx.pending_messages(10) == []
    with closing(sqlite3.connect(tmp_path / "desk.db")) as connection:
        assert connection.execute("select message_id, cause from quarantine").fetchall() == [(2, "bytes-missing")]


def test_the_desk_puts_a_mail_that_nobody_can_read_into_quarantine_and_blames_none_for_a_child_that_does_not_start(
    tmp_path: Path,
) -> None:
    def fails(raw: bytes, defect: str) -> InboundMessage:
        raise KeyError(defect)

    settings = Settings.model_validate({"database": f"sqlite:///{tmp_path / 'desk.db'}"})
    house = replace(shipped_house(), settings=settings)
    with GuardedReader(TIGHT, module=SCRIPTED, plainly=fails) as reader, GuardedReader(module="tests.no_such") as broken:
        app = build_app(settings, house=house, reader=reader, key_of=lambda _: None)
        try:
            with app.store.transaction() as tx:
                for raw in (told("raise"), HONEST):
                    tx.keep_file("in", raw, BEGIN)
            app.desk.reader = broken
            with pytest.raises(ReaderError):
                app.desk.work_pending()
            app.desk.reader = reader
            first, second = app.desk.work_pending()
        finally:
            app.close()

    assert (first.quarantined, second.quarantined) == (True, False)
    assert "parser-failed: ValueError" in first.why
