"""The command line keeps its contract (docs/spec/cli.md): commands, fields, exit statuses, and what is made of real files."""

import json
import mailbox
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from supportbot import cli
from supportbot.cli import reading
from supportbot.post.reading import GuardedReader
from tests.mail_files import (
    BOTH,
    BUYER,
    KEYS,
    NOTICE,
    NOW,
    ORDER,
    SELLER,
    TRACKING,
    amazon_order,
    iso,
    mail,
    member_order,
    notice,
    sign,
)
from tests.stories.office import shipped_house

CONTRACT = (Path(__file__).parent.parent / "docs" / "spec" / "cli.md").read_text("utf-8")
TOKEN_ADDRESS = f"support+{'0f' * 16}@club.example"
AMAZON = "112-7654321-7654321"
RELAY = "kim7x@marketplace.amazon.com"
STANDARD = "Order cancellation request from Amazon customer Kim"
RETAIL = {
    "marketplace": "retail_platform",
    "order_id": "R-5500123",
    "status": "open",
    "seller": {"id": "s-3", "addresses": [SELLER]},
    "lines": [{"line": "1", "sku": "X", "quantity": 1}],
}
BRICK = {
    "marketplace": "brick_market",
    "order_id": "18277345",
    "status": "NPB",
    "placed_at": iso(days=-30),
    "buyer": {"name": "B", "address": "b@builder.example"},
    "seller": {"id": "s-4", "addresses": [SELLER]},
    "lines": [{"line": "1", "sku": "X", "quantity": 1}],
}


@dataclass(frozen=True)
class Ran:
    """What one command came to."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def row(self) -> dict[str, Any]:
        (row,) = self.rows
        return row


Command = Callable[..., Ran]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Runs one command in this process, in an empty folder; the shipped rules are loaded once for all."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reading, "build_house", lambda settings: replace(shipped_house(), settings=settings))

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["supportbot", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def about(command: Command, tmp_path: Path) -> Command:
    """`about("decide", mail, orders, sent=[...])`: verify or decide on files."""

    def run(
        what: str,
        raw: bytes,
        orders: Sequence[dict[str, Any]],
        *,
        sent: Sequence[bytes] = (),
        keys: dict[str, str] | None = KEYS,
        received: str = iso(),
        more: Sequence[object] = (),
    ) -> Ran:
        (tmp_path / "mail.eml").write_bytes(raw)
        (tmp_path / "orders.json").write_text(json.dumps(list(orders)))
        (tmp_path / "keys.json").write_text(json.dumps(keys))
        (tmp_path / "sent").mkdir(exist_ok=True)
        for number, one in enumerate(sent):
            (tmp_path / "sent" / f"{number}.eml").write_bytes(one)
        files = ("--orders", tmp_path / "orders.json", "--sent", tmp_path / "sent", "--dkim-keys", tmp_path / "keys.json")
        return command(what, tmp_path / "mail.eml", *files, "--received", received, "--json", *more)

    return run


def fields_of(name: str) -> set[str]:
    """The top-level fields that the contract lists for a command, read from its own example."""
    block = re.search(rf"## `{name} --json`\n```\n\{{(.*?)\}}\n```", CONTRACT, re.DOTALL)
    assert block is not None
    text, depth, found = block[1], 0, set()
    for token in re.finditer(r'[\[{]|[\]}]|"(\w+)"', text):
        if token[1]:
            before = text[: token.start()].rstrip()
            if depth == 0 and (not before or before.endswith(",")):
                found.add(token[1])
        else:
            depth += 1 if token[0] in "[{" else -1
    return found


# -- commands ----------------------------------------------------------------------------------------------------------

COMMANDS = [
    "demo", "init", "run", "poll", "ingest", "parse", "classify", "verify", "decide", "rules check", "replay",
    "drafts list", "drafts show", "drafts approve", "drafts edit", "drafts reject", "cases list", "cases show",
    "tickets list", "tickets show", "quarantine list", "quarantine show", "quarantine retry", "orders import",
    "db upgrade", "db backup", "db restore", "audit verify", "erase", "doctor", "train", "evaluate",
]  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_contract_exists_and_explains_itself(command: Command, name: str) -> None:
    ran = command(*name.split(), "--help")

    assert (ran.status, ran.err) == (0, "")
    assert f"supportbot {name}" in ran.out


def test_the_list_of_commands_above_is_that_of_the_contract() -> None:
    rows = re.findall(r"^\| (`supportbot .*?) \| ", CONTRACT, re.MULTILINE)
    named = {word for row in rows for word in re.findall(r"`(?:supportbot )?([a-z]+)", row)}

    assert named == {name.split()[0] for name in COMMANDS} | {"db", "audit"}


def test_the_program_itself_runs_as_a_module(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail(BUYER, "Hello"))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "COLUMNS": "80"}

    ran = subprocess.run(
        [sys.executable, "-m", "supportbot", "parse", "a.eml", "nothing.eml", "--json"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (ran.returncode, ran.stderr) == (1, "")
    assert [(row["new_text"], row["error"]) for row in rows] == [("Hello", None), (None, "No such file or directory")]


# -- exit statuses -----------------------------------------------------------------------------------------------------


def test_0_done_and_1_done_but_something_needs_a_person(command: Command, tmp_path: Path) -> None:
    (tmp_path / "clear.eml").write_bytes(
        mail(BUYER, f"Please cancel my order {ORDER}, I ordered it by mistake.", subject="cancel")
    )
    (tmp_path / "odd.eml").write_bytes(mail(BUYER, "The pears over there like Tuesday."))

    assert command("classify", "clear.eml", "--json").status == 0
    assert command("classify", "clear.eml", "odd.eml", "--json").status == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["parse", "a.eml", "--config", "no.yaml"], "no.yaml"),
        (["parse", "a.eml", "--config", "bad.yaml"], "bad.yaml:2"),
        (["parse"], "Missing argument"),
        (["parse", "a.eml", "--frobnicate"], "No such option"),
        (["frobnicate"], "No such command"),
        (["verify", "a.eml"], "--orders"),
        (["decide", "a.eml", "--orders", "no.json"], "no.json"),
        (["decide", "a.eml", "--orders", "bad.json"], "bad.json"),
        (["decide", "a.eml", "--orders", "orders.json", "--sent", "nowhere"], "nowhere"),
        (["decide", "a.eml", "--orders", "orders.json", "--dkim-keys", "list.json"], "list.json"),
        (["decide", "a.eml", "--orders", "orders.json", "--received", "yesterday"], "--received yesterday"),
        (["decide", "nothing.eml", "--orders", "orders.json"], "nothing.eml"),
        (["decide", "empty", "--orders", "orders.json"], "no mail found"),
        (["retention", "lift", "PO-1"], "no legal hold stands on po-1"),
        (["replay", "--since", "soon"], "--since soon"),
    ],
)
def test_2_wrong_use_or_configuration(command: Command, tmp_path: Path, arguments: list[str], says: str) -> None:
    (tmp_path / "a.eml").write_bytes(mail(BUYER, "Hello"))
    (tmp_path / "orders.json").write_text(json.dumps([member_order()]))
    (tmp_path / "bad.json").write_text('[{"marketplace": "flea_market"}]')
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "bad.yaml").write_text("team_name: Us\nfrobnicate: 1\n")
    (tmp_path / "empty").mkdir()

    ran = command(*arguments)

    assert (ran.status, ran.out) == (2, "")
    assert says in " ".join(ran.err.split())
    assert "Traceback" not in ran.err


def test_a_failure_of_verify_and_decide_is_a_row_too(command: Command, tmp_path: Path) -> None:
    (tmp_path / "orders.json").write_text("[]")

    for name in ("verify", "decide"):
        ran = command(name, "nothing.eml", "--orders", "orders.json", "--json")
        assert ran.status == 2
        assert (ran.row["path"], ran.row["error"]) == ("nothing.eml", "nothing.eml: No such file or directory")
        assert fields_of(name) <= ran.row.keys()


def test_3_something_outside_failed(command: Command, tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(f"database: sqlite:///{tmp_path}/folder\n")
    (tmp_path / "folder").mkdir()

    ran = command("cases", "list", "--config", "db.yaml")

    assert (ran.status, ran.out) == (3, "")
    assert "Traceback" not in ran.err


# -- many files --------------------------------------------------------------------------------------------------------


def test_files_folders_maildirs_and_mbox_files_are_read_in_order(command: Command, tmp_path: Path) -> None:
    texts = iter(f"text {number}" for number in range(20))
    (tmp_path / "1.eml").write_bytes(mail(BUYER, next(texts)))
    (tmp_path / "2" / "deep").mkdir(parents=True)
    (tmp_path / "2" / "a.eml").write_bytes(mail(BUYER, next(texts)))
    (tmp_path / "2" / "deep" / "b.eml").write_bytes(mail(BUYER, next(texts)))
    (tmp_path / "2" / ".hidden").write_bytes(b"no mail")
    for kind in ("cur", "new", "tmp"):
        (tmp_path / "3" / kind).mkdir(parents=True)
    (tmp_path / "3" / "cur" / "1.host:2,S").write_bytes(mail(BUYER, next(texts)))
    (tmp_path / "3" / "new" / "2.host").write_bytes(mail(BUYER, next(texts)))
    (tmp_path / "3" / "tmp" / "3.host").write_bytes(b"half a mail")
    box = mailbox.mbox(str(tmp_path / "4.mbox"))
    for _ in range(2):
        box.add(mail(BUYER, next(texts)))
    box.close()

    ran = command("parse", "1.eml", "2", "3", "4.mbox", "--json")

    assert [row["new_text"] for row in ran.rows] == [f"text {number}" for number in range(7)]
    assert [row["path"] for row in ran.rows][-2:] == ["4.mbox#1", "4.mbox#2"]
    assert ran.status == 0


def test_a_bad_file_gets_its_own_row_and_the_next_is_taken(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.eml").write_bytes(mail(BUYER, "before"))
    (tmp_path / "b.eml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "c.eml").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "d.eml").write_bytes(b"")
    (tmp_path / "e.eml").write_bytes(b"Subject: do raise\r\n\r\npoison")
    (tmp_path / "f.eml").write_bytes(mail(BUYER, "after"))

    def fails(raw: bytes, defect: str) -> Any:
        raise RuntimeError("a defect of the plain reader too")

    monkeypatch.setattr(reading, "open_reader", lambda: GuardedReader(module="tests.scripted_parser", plainly=fails))

    for name in ("parse", "classify"):
        ran = command(name, *(f"{letter}.eml" for letter in "abcdef"), "--json")
        errors = {row["path"]: row["error"] for row in ran.rows}
        assert list(errors) == [f"{letter}.eml" for letter in "abcdef"]
        assert errors["b.eml"] == "No such file or directory"
        assert errors["e.eml"].startswith("UnreadableMail: parser-failed: ValueError; ")
        assert [errors[f"{letter}.eml"] for letter in "acdf"] == [None] * 4
        assert ran.status == 1
        assert all(fields_of(name) <= row.keys() for row in ran.rows)


def test_a_mail_that_brings_the_parser_down_is_for_a_person_and_the_next_is_taken(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.eml").write_bytes(b"From: a@b.example\r\nSubject: do crash\r\n\r\nWhere is my order?\r\n")
    (tmp_path / "b.eml").write_bytes(mail(BUYER, "after"))
    (tmp_path / "orders.json").write_text("[]")
    monkeypatch.setattr(reading, "open_reader", lambda: GuardedReader(module="tests.scripted_parser"))

    ran = command("parse", "a.eml", "b.eml", "--json")
    assert [row["error"] for row in ran.rows] == [None, None]
    assert ran.rows[0]["defects"][:2] == ["parser-killed: SIGSEGV", "read-plainly"]
    assert [row["new_text"] for row in ran.rows] == ["Where is my order?", "after"]
    assert ran.status == 1

    ran = command("classify", "a.eml", "b.eml", "--json")
    assert ran.rows[0]["needs_person"] is True
    assert ran.status == 1

    ran = command("decide", "a.eml", "--orders", "orders.json", "--json")
    assert (ran.row["action"], ran.row["needs_person"], ran.status) == ("review", True, 1)
    assert "parser-killed: SIGSEGV" in ran.row["why"]


def test_a_file_name_that_is_no_text_can_be_printed(command: Command, tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.eml")).write_bytes(mail(BUYER, "Hello"))

    assert command("parse", tmp_path, "--json").row["new_text"] == "Hello"


# -- fields ------------------------------------------------------------------------------------------------------------


def test_parse_prints_the_fields_of_the_contract(command: Command, tmp_path: Path) -> None:
    inner = mail(BUYER, BOTH, to=SELLER, at=NOW - timedelta(days=1))
    (tmp_path / "a.eml").write_bytes(mail(f"The Shop <{SELLER}>", "See below.", attach=(inner,), subject="Chain"))

    row = command("parse", "a.eml", "--json").row

    assert set(row) == fields_of("parse") | {"answers", "boundary"}
    assert row["from"] == {"name": "The Shop", "address": SELLER}
    assert (row["automated"], row["automated_reason"], row["bounce"], row["error"]) == (False, None, None, None)
    (found,) = row["forwarded"]
    assert {name: found[name] for name in ("depth", "from", "to", "body", "how")} == {
        "depth": 1,
        "from": {"name": "", "address": BUYER},
        "to": [SELLER],
        "body": BOTH,
        "how": "attached",
    }
    assert set(row["attachments"][0]) == {"name", "type", "size"}


def test_parse_says_what_machine_wrote(command: Command, tmp_path: Path) -> None:
    away = mail(BUYER, "I am out of the office.", headers={"Auto-Submitted": "auto-replied"})
    (tmp_path / "a.eml").write_bytes(away)

    row = command("parse", "a.eml", "--json").row

    assert (row["automated"], row["automated_reason"]) == (True, "auto-submitted")


def test_classify_prints_the_fields_of_the_contract(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail(BUYER, f"Please cancel my order {AMAZON}.", subject="cancel"))

    row = command("classify", "a.eml", "--json").row

    assert set(row) - fields_of("classify") == {"particulars"}  # more fields are welcome, none may be missing
    assert fields_of("classify") <= set(row)
    assert set(row["facts"]) == set(reading.FACTS)
    assert row["kind"] == "cancel_nonstandard"
    assert row["facts"]["order_ids"] == [AMAZON]
    for evidence in row["evidence"]:
        assert set(evidence) == {"fact", "text", "start", "end", "rule"}


def test_verify_prints_the_fields_of_the_contract(about: Command) -> None:
    row = about("verify", chain(answer()), [member_order()], sent=[notice()]).row

    assert set(row) == {*fields_of("verify"), "signatures"}
    checked = [(one["place"], one["dkim"], one["domain"], one["aligned"], one["arc"]) for one in row["signatures"]]
    assert checked[-1] == (1, "pass", "buyer.example", True, "none")
    (evidence,) = row["evidence"]
    assert set(evidence) == {"message_id", "from", "how", "dkim", "aligned", "text", "start", "end"}
    assert (evidence["from"], evidence["how"], evidence["dkim"], evidence["aligned"]) == (BUYER, "attached", "pass", True)
    assert evidence["text"] == BOTH.rstrip(".") == BOTH[evidence["start"] : evidence["end"]]


def test_decide_prints_the_fields_of_the_contract_and_writes_nothing(about: Command, tmp_path: Path) -> None:
    ran = about("decide", chain(answer()), [member_order()], sent=[notice()])

    assert set(ran.row) == fields_of("decide")
    assert set(ran.row["draft"]) >= {"template", "to", "subject", "body", "language"}
    assert ran.row["tickets"][0].keys() == {"type", "status", "order_id", "fields"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keys.json", "mail.eml", "orders.json", "sent"]


# -- grades and verdicts -----------------------------------------------------------------------------------------------

SENT = notice()


def answer(text: str = BOTH, *, signed: bool | str = True, to: str = TOKEN_ADDRESS, **more: Any) -> bytes:
    """The buyer's reply to our notice."""
    return mail(BUYER, text, to=to, answers=SENT, subject=f"Re: Your order {ORDER} was cancelled", signed=signed, **more)


def chain(*attached: bytes, text: str | None = None, sender: str = SELLER) -> bytes:
    """The seller's mail that passes the buyer's on."""
    words = text or f"Hello, the customer's confirmation for {ORDER} is attached. Please issue our credit memo."
    return mail(sender, words, subject=f"Customer confirmation {ORDER}", attach=attached, signed=True)


def inline(words: str = BOTH) -> bytes:
    """The seller's mail with the buyer's words pasted in."""
    return chain(
        text=f"Please create the credit memo for {ORDER}.\n\n-----Original Message-----\nFrom: Ann Buyer <{BUYER}>\n"
        f"Sent: {NOW:%A, %B %d, %Y %I:%M %p}\nTo: The Shop <{SELLER}>\nSubject: RE: {ORDER}\n\n{words}\n"
    )


ATTACKER = sign(answer(signed=False), "attacker.example")
ALTERED = answer("I do not accept the item and the re-billing.").replace(b"do not accept", b"do accept")
DOUBLED = b"Subject: I accept everything\r\n" + answer()
NO_KEYS: dict[str, str] = {"s1._domainkey.shop.example": KEYS["s1._domainkey.shop.example"]}

PROOFS: list[tuple[str, bytes, dict[str, Any], tuple[str, str, list[str]]]] = [
    ("the buyer writes to us", answer(), {}, ("verified", "A", [])),
    ("the buyer's original attached", chain(answer()), {}, ("verified", "B", [])),
    ("without the quote", chain(answer(quote="")), {}, ("verified", "B", [])),
    ("the relay vouches", chain(sign(answer(signed=False), "marketplace.amazon.com")), {}, ("claimed", "C", ["RELAY_ONLY"])),
    ("pasted", inline(), {}, ("claimed", "D", ["INLINE_ONLY"])),
    ("nobody has the key", chain(answer()), {"keys": NO_KEYS}, ("claimed", "D", ["KEY_UNAVAILABLE"])),
    ("unsigned", chain(answer(signed=False)), {}, ("claimed", "D", ["UNSIGNED"])),
    ("direct but not proved", answer(signed=False), {}, ("claimed", "D", ["UNAUTHENTICATED"])),
    ("signed by somebody else", chain(ATTACKER), {}, ("rejected", "E", ["CONTRADICTORY"])),
    ("a word changed", chain(ALTERED), {}, ("rejected", "E", ["ALTERED"])),
    ("a second subject", chain(DOUBLED), {}, ("rejected", "E", ["CONTRADICTORY"])),
    ("too old", chain(answer()), {"received": iso(days=20)}, ("claimed", "D", ["TOO_OLD"])),
    ("without our token", chain(answer(to=SELLER)), {}, ("claimed", "B", ["ANSWER_NOT_LINKED"])),
    ("older than the notice", chain(answer(at=NOW - timedelta(days=3))), {}, ("rejected", "B", ["ANSWER_BEFORE_NOTICE"])),
    ("declined", chain(answer("No, I do not accept it. Do not charge me.")), {}, ("insufficient", "B", ["ITEM_NOT_ACCEPTED"])),
    ("item only", chain(answer("I'll keep it.")), {}, ("insufficient", "B", ["REBILL_NOT_ACCEPTED"])),
    ("bare", answer("OK"), {}, ("claimed", "A", ["CONSENT_BARE"])),
    ("no notice", chain(answer(quote="")), {"sent": []}, ("insufficient", "B", ["NOTICE_MISSING"])),
    ("nothing inside", chain(), {}, ("insufficient", "D", ["ANSWER_MISSING"])),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "more", "expected"), [row[1:] for row in PROOFS], ids=[row[0] for row in PROOFS])
def test_a_chain_is_graded_from_files(
    about: Command, raw: bytes, more: dict[str, Any], expected: tuple[str, str, list[str]]
) -> None:
    ran = about("verify", raw, [member_order()], **{"sent": [SENT], **more})
    verdict, grade, codes = expected

    assert (ran.row["verdict"], ran.row["grade"]) == (verdict, grade)
    found = {defect["code"] for defect in ran.row["defects"]}
    assert found >= set(codes) if codes else not found
    assert ran.status == (0 if verdict == "verified" else 1)


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (member_order(marketplace="amazon"), "ORDER_NOT_REBILLABLE"),
        (member_order("PO-999999"), "ORDER_UNKNOWN"),
        (member_order(seller={"addresses": ["other@rival.example"]}), "SELLER_MISMATCH"),
        (member_order(buyer={"address": "somebody@else.example"}), "ANSWER_NOT_BUYER"),
        (
            member_order(lines=[{"line": "1", "quantity": 2, "cancelled_quantity": 2, "left_warehouse_quantity": 0}]),
            "NOT_CANCELLED_AND_SHIPPED",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_chain_must_fit_the_order_on_record(about: Command, order: dict[str, Any], code: str) -> None:
    row = about("verify", chain(answer()), [order], sent=[SENT]).row

    assert row["verdict"] in ("rejected", "insufficient")
    assert code in [defect["code"] for defect in row["defects"]]


def test_order_numbers_are_found_with_and_without_their_leading_letters(about: Command) -> None:
    report = mail(SELLER, f"PO# 771200 was cancelled but has shipped already, UPS {TRACKING}.", subject="cancelled, shipped")

    assert about("decide", report, [member_order("PO-771200", seller={})]).row["order_id"] == "PO-771200"


# -- decisions on files: docs/spec/policies.md section 8 ---------------------------------------------------------------

TWO_QUESTIONS = notice(
    NOTICE.replace(
        "Please reply to this message and confirm that you accept the item and the re-billing of your account. You can simply\n"
        "answer with this sentence:\n\nI accept the item and the re-billing.",
        "Do you accept the item?\n\nDo you accept the re-billing of your account?",
    )
)
OTHER = member_order("PO-771201")
GERMAN = (
    f"No.\n\nVon: Shop <support@club.example>\nGesendet: Montag, 4. Mai 2026 10:00\nAn: Ann Buyer <{BUYER}>\n"
    f"Betreff: Your order {ORDER}\n\nPlease confirm that you accept the item and the re-billing\n"
)


def short(left: int | None) -> dict[str, Any]:
    """Ten ordered, three on the ship notice, so seven cancelled; `left` have gone."""
    line = {"line": "1", "quantity": 10, "shipped_quantity": 3, "cancelled_quantity": 7, "left_warehouse_quantity": left}
    return member_order(status="Shipped", cancelled_by=None, cancelled_at=None, lines=[{**line, "unit_price": "5.00"}])


def asked(**order: Any) -> tuple[bytes, list[dict[str, Any]]]:
    """Amazon's official request by its relay, about an order."""
    text = f"You have received an order cancellation request from Amazon customer Kim for order {AMAZON}."
    return mail(RELAY, text, subject=f"Re: {STANDARD}", signed=True), [amazon_order(**order)]


def plain(**order: Any) -> tuple[bytes, list[dict[str, Any]]]:
    """The buyer's own words by the relay, about an order on Amazon."""
    return mail(RELAY, f"Hi, pls cancel order {AMAZON}, thanks", subject="my order", signed=True), [amazon_order(**order)]


def alert(days: int, *, responded: bool) -> dict[str, Any]:
    """An order with a Non-Paying Buyer alert filed so many days ago."""
    return {
        **BRICK,
        "alerts": [{"type": "NPB", "filed_by": "seller", "filed_at": iso(days=-days), "buyer_responded": responded}],
    }


NPB = mail(SELLER, "I filed an NPB alert for order 18277345. Can I cancel now?", subject="NPB order 18277345")
NSS = {
    **BRICK,
    "status": "Cancelled",
    "alerts": [{"type": "NSS", "filed_by": "buyer", "filed_at": iso(days=-20)}],
    "cancelled_by": "buyer",
    "cancelled_at": iso(days=-2),
}
BACKORDER = mail(
    SELLER,
    "Order R-5500123: the item cannot ship by its due date, it is on backorder. New expected ship date is 30 June.",
    subject="Backorder R-5500123",
)

Vector = tuple[bytes, list[dict[str, Any]], dict[str, Any]]
VECTORS: dict[str, Vector] = {
    "M quantity 10, ship notice 3": (
        mail(SELLER, f"Only 3 of 10 units of order {ORDER} were on the ASN, the rest was cancelled. Can you reopen it?"),
        [short(None)],
        {"action": "tell_new_order", "rule": "M-08", "template": "m_new_order_needed"},
    ),
    "M the same, but ten left": (
        mail(SELLER, f"Order {ORDER}: 7 units were cancelled but all 10 had already shipped with UPS.", subject="shipped"),
        [short(10)],
        {"kind": "shipped_cancelled_report", "action": "send_rebill_notice", "rule": "M-20", "template": "m_rebill_notice"},
    ),
    "M yes to both": (
        answer("Yes, I'll keep it and you can charge me again"),
        [member_order()],
        {"kind": "rebill_reply", "action": "record_acknowledgement", "rule": "M-24", "needs_person": False},
    ),
    "M item only": (answer("I'll keep it."), [member_order()], {"action": "clarify_acceptance"}),
    "M OK under one question": (answer("OK"), [member_order()], {"action": "review", "needs_person": True, "tickets": []}),
    "M a condition": (
        answer("I accept the charge if it comes by Friday"),
        [member_order()],
        {"action": "clarify_acceptance", "tickets": []},
    ),
    "M no above a German header block": (
        answer(GERMAN, quote=""),
        [member_order()],
        {"kind": "rebill_reply", "action": "close_no_memo", "rule": "M-28"},
    ),
    "M the seller says that the customer said yes": (
        inline(),
        [member_order()],
        {"kind": "confirmation_chain", "action": "ask_for_chain", "needs_person": True, "tickets": []},
    ),
    "M signed by an attacker": (
        chain(ATTACKER),
        [member_order()],
        {"kind": "confirmation_chain", "action": "reject_chain", "tickets": []},
    ),
    "M a proved chain": (
        chain(answer()),
        [member_order()],
        {"action": "open_credit_memo", "statuses": [("credit_memo", "awaiting_rebill"), ("rebill_request", "open")]},
    ),
    "M out of office": (
        answer(f"I am out of the office until Monday. {BOTH}", headers={"Auto-Submitted": "auto-replied"}),
        [member_order()],
        {"kind": "auto_reply", "action": "none", "tickets": []},
    ),
    "M the buyer cancels, nobody knows whether it shipped": (
        mail(BUYER, f"Please cancel my order {ORDER}", signed=True),
        [member_order(status=None, shipments=[], cancelled_by=None, cancelled_at=None, lines=[{"line": "1", "quantity": 2}])],
        {"action": "ask_for_facts", "rule": "M-02"},
    ),
    "A standard, unshipped": (
        *asked(),
        {"kind": "cancel_standard", "action": "advise_cancel", "rule": "A-06", "metric_effect": "does_not_count"},
    ),
    "A standard, label printed": (*asked(label_generated=True), {"action": "refuse_shipped_return", "rule": "A-05"}),
    "A standard, shipped": (*asked(status="Shipped"), {"action": "refuse_shipped_return", "rule": "A-04"}),
    "A standard, pending": (*asked(status="Pending"), {"action": "wait", "rule": "A-15"}),
    "A plain words, 3 hours old": (*plain(), {"kind": "cancel_nonstandard", "action": "ask_official_request", "rule": "A-09"}),
    "A plain words, 12 minutes old": (*plain(placed_at=iso(minutes=-12)), {"action": "tell_self_cancel", "rule": "A-02"}),
    "A plain words, pending": (*plain(status="Pending"), {"action": "wait", "rule": "A-15"}),
    "A the subject typed from a free-mail address": (
        mail("kim@gmail.com", f"Please cancel order {AMAZON}", subject=STANDARD, signed=True),
        [amazon_order(buyer={"name": "Kim", "address": "kim@gmail.com"})],
        {"action": "review", "needs_person": True, "template": None},
    ),
    "A FBA without an ASIN": (
        mail(SELLER, f"How can I cancel the FBA order {AMAZON}?", subject="cancel fba"),
        [amazon_order(channel="fba", lines=[{"line": "1", "title": "Mug"}])],
        {"kind": "seller_inquiry", "action": "ask_for_facts", "rule": "A-19"},
    ),
    "R the retailer cancels": (
        mail("vendor@retail.example", "The order R-5500123 was cancelled by the retailer in the platform. Please acknowledge."),
        [RETAIL],
        {"kind": "retailer_cancel", "action": "acknowledge_cancel", "rule": "R-05"},
    ),
    "R backorder, support unknown": (BACKORDER, [RETAIL], {"kind": "backorder", "action": "ask_retailer", "rule": "R-07"}),
    "R backorder, supported": (BACKORDER, [{**RETAIL, "supports_backorder": True}], {"action": "mark_backordered"}),
    "W sent, not despatched": (
        mail(SELLER, "How do I cancel order W-7700123?", subject="cancel W-7700123"),
        [
            {
                "marketplace": "fulfilment",
                "order_id": "W-7700123",
                "sent_to_warehouse": True,
                "despatched": False,
                "seller": {"addresses": [SELLER]},
                "lines": [{"line": "1", "quantity": 1}],
            }
        ],
        {"kind": "seller_inquiry", "action": "request_warehouse_cancel", "rule": "W-03"},
    ),
    "B alert, three days, silent": (NPB, [alert(3, responded=False)], {"action": "wait", "rule": "B-07"}),
    "B alert, eight days, silent": (NPB, [alert(8, responded=False)], {"action": "advise_cancel", "rule": "B-07"}),
    "B alert, eight days, answered": (NPB, [alert(8, responded=True)], {"action": "wait", "rule": "B-06"}),
    "B cancelled through NSS": (
        mail(SELLER, "Order 18277345 was cancelled by the buyer through NSS. Do I get items and fee back?", subject="NSS"),
        [NSS],
        {"action": "answer", "rule": "B-15"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_of_the_policies_hold_on_files(about: Command, name: str) -> None:
    raw, orders, expected = VECTORS[name]

    row = about("decide", raw, orders, sent=[SENT]).row

    row["template"] = row["draft"] and row["draft"]["template"]
    row["statuses"] = [(ticket["type"], ticket["status"]) for ticket in row["tickets"]]
    assert {field: row[field] for field in expected} == expected


def test_ok_under_two_questions_is_asked_again(about: Command) -> None:
    reply = mail(BUYER, "OK", to=TOKEN_ADDRESS, answers=TWO_QUESTIONS, signed=True)

    assert about("decide", reply, [member_order()], sent=[TWO_QUESTIONS]).row["action"] == "clarify_acceptance"


def test_several_orders_are_decided_one_by_one_for_a_person(about: Command) -> None:
    both = chain(answer(), text=f"The customer's confirmation for {ORDER} and PO-771201 is attached.")

    ran = about("decide", both, [member_order(), OTHER], sent=[SENT])

    assert (ran.status, ran.row["action"], ran.row["order_id"], ran.row["needs_person"]) == (1, "review", None, True)
    assert [one["order_id"] for one in ran.row["orders"]] == [ORDER, "PO-771201"]
    assert ran.row["orders"][0]["action"] == "open_credit_memo"
    assert ran.row["orders"][1]["action"] != "open_credit_memo"
    assert all(fields_of("decide") <= one.keys() for one in ran.row["orders"])


@pytest.mark.parametrize(
    ("sender", "words", "findings", "says"),
    [
        (SELLER, f"How can I cancel the FBA order {AMAZON}?", ["missing: decision.reason"], ""),
        (RELAY, f"Please cancel my order {AMAZON}.", [], "Reason: the buyer has asked to cancel the order"),
    ],
)
def test_amazon_is_given_a_reason_or_the_letter_is_not_written(
    about: Command, sender: str, words: str, findings: list[str], says: str
) -> None:
    order = amazon_order(channel="fba", lines=[{"line": "1", "title": "Mug", "asin": "B0CX23V2ZK", "quantity": 1}])
    row = about("decide", mail(sender, words, subject=f"Order {AMAZON}"), [order]).row

    assert (row["action"], row["draft"]["template"]) == ("contact_marketplace", "a_fba_contact")
    assert row["draft"]["findings"] == findings
    assert says in row["draft"]["body"]
    assert bool(row["draft"]["body"]) is not bool(findings)


def test_a_stranger_is_told_nothing_about_an_order(about: Command) -> None:
    row = about("decide", mail("nosy@else.example", f"Where is order {ORDER}?"), [member_order()]).row

    assert (row["action"], row["draft"]) == ("review", None)


def test_a_bare_yes_counts_where_the_owner_says_so(about: Command, tmp_path: Path) -> None:
    (tmp_path / "accept.yaml").write_text("money:\n  bare_assent: accept\n")

    row = about("decide", answer("OK"), [member_order()], sent=[SENT], more=["--config", "accept.yaml"]).row

    assert row["action"] == "record_acknowledgement"
