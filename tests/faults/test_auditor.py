"""The auditor sees what it should: each damage, done to a database that was whole, is named by its invariant."""

import ast
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.auditor.audit import audit
from tests.auditor.facts import Taken, World
from tests.crash.conftest import Nursery, SlowSmtp
from tests.faults.run import Depth, Run
from tests.servers import PrivateDovecot

ROOT = Path(__file__).parent.parent.parent

SENT = "(select id from outbox where state = 'sent' limit 1)"
SENT_DRAFT = "(select draft_id from outbox where state = 'sent' limit 1)"
NOTICE = "(select draft_id from outbox o join drafts d on d.id = o.draft_id where d.template = 'm_rebill_notice' limit 1)"
DONE = "(select min(id) from messages where state = 'done')"

DAMAGE: tuple[tuple[str, str, str], ...] = (
    ("I1", "an acceptance that is not verified", "update acceptances set verified = 0"),
    ("I1", "an acceptance of the item alone", "update acceptances set rebill = 0"),
    ("I1", "a memo of another case's acceptance", "update acceptances set case_id = 'c-other'"),
    ("I1", "an amount above the cap", "update credit_memos set amount = '99999999.00'"),
    ("I1", "a cap that is not the worth of the lines", "update credit_memos set cap = '5.00'"),
    ("I1", "one person alone issues", "update credit_memos set approved_by = entered_by"),
    ("I1", "a seller's user issues", "update users set seller_id = 's-1'"),
    ("I1", "issued before the re-bill", "update rebills set state = 'requested'"),
    ("I1", "a ticket without its memo", "update tickets set status = 'awaiting_rebill' where type = 'credit_memo'"),
    ("I2", "verified by the seller's word", "update acceptances set grade = 'E'"),
    ("I2", "revoked before it was issued", "update acceptances set revoked_at = '2000-01-01 00:00:00'"),
    ("I2", "received before the notice", "update messages set received = '2000-01-01 00:00:00'"),
    ("I2", "by somebody who is not the buyer", "update acceptances set buyer_address = 'x@evil.example'"),
    ("I2", "proved by no words", "update acceptances set evidence = '[]'"),
    ("I2", "an answer without its token", "update drafts set token = 'f00' where token is not null"),
    ("I2", "an answer to no notice of ours", "update acceptances set notice_message_id = '<other@x.example>'"),
    ("I3", "a second case for one order",
     "insert into cases select 'c-2', order_key, type, state, version, thread_id, opened_at,"
     " null, null, held_from from cases where closed_at is null limit 1"),
    ("I3", "one message decided twice",
     "insert into audit select (select max(number) + 1 from audit), at, actor, action, subject,"
     " data, previous, hash from audit where action = 'decide' limit 1"),
    ("I3", "two drafts for one message",
     "insert into drafts select 'd-2', message_id, case_id, order_id, template, rule, language,"
     f" \"to\", version, state, created_at, why, null, in_reply_to, \"references\", 'x' from drafts where id = {SENT_DRAFT}"),
    ("I4", "two memos for one order", "insert into credit_memos select 'm-2', 't-2', 'c-2', order_key, 'a-2', 1, 1, 1, 'r-2',"
     " memo_gate, status, currency, cap, amount, entered_by, approved_by, opened_at, issued_at from credit_memos limit 1"),
    ("I5", "a mail sent that the outbox calls approved", f"update outbox set state = 'approved' where id = {SENT}"),
    ("I5", "a mail sent that the outbox calls failed", f"update outbox set state = 'failed' where id = {SENT}"),
    ("I5", "for ever in sending", f"update outbox set state = 'sending' where id = {SENT}"),
    ("I5", "a mail the outbox does not know", f"update outbox set header_message_id = '<else@x.example>' where id = {SENT}"),
    ("I6", "bytes that are gone", f"delete from messages where id = {DONE}"),
    ("I6", "bytes that were changed", "update raw_mail set bytes = x'00'"),
    ("I6", "a UID that was skipped", "delete from fetched where id = (select min(id) from fetched)"),
    ("I6", "fetched and forgotten", "update fetched set message_id = null where id = (select min(id) from fetched)"),
    ("I6", "a UID that counts as another message", "update fetched set message_id = (select max(message_id) from fetched)"),
    ("I7", "a message left unworked", f"update messages set state = 'new' where id = {DONE}"),
    ("I7", "quarantined, and nobody is shown why", f"update messages set state = 'quarantined' where id = {DONE}"),
    ("I8", "an answer to a machine",
     "update raw_mail set bytes = cast('Auto-Submitted: auto-replied' || x'0d0a' || bytes as blob)"),
    ("I8", "a mail to ourselves", f"update drafts set \"to\" = json_array('{{user}}') where id = {SENT_DRAFT}"),
    ("I9", "approved by nobody", f"delete from reviews where draft_id = {SENT_DRAFT}"),
    ("I9", "rejected, and sent", f"update reviews set decision = 'rejected' where draft_id = {SENT_DRAFT}"),
    ("I9", "other words than approved", f"update draft_versions set body = body || ' more' where draft_id = {SENT_DRAFT}"),
    ("I9", "other octets than approved",
     f"update outbox set raw = cast(replace(raw, 'Seller', 'Stranger') as blob) where id = {SENT}"),
    ("I9", "alone, though not on the list", f"update reviews set reviewer = 'autopilot' where draft_id = {SENT_DRAFT}"),
    ("I10", "a notice with a link", f"update draft_versions set body = body || ' https://x.example' where draft_id = {NOTICE}"),
    ("I10", "approved with findings", f"update draft_versions set findings = '[\"a link\"]' where draft_id = {SENT_DRAFT}"),
    ("I11", "to somebody who is no party", "delete from order_addresses"),
    ("I12", "assigned to a seller's user", "update users set seller_id = 's-1' where name = 'alice'; insert into desk_marks"
     f" values ('draft ' || {SENT_DRAFT}, 'alice', null, 'bob', '2026-01-01 00:00:00')"),
    ("I13", "a link that was changed", "update audit set actor = 'mallory' where number = 3"),
    ("I13", "a link that was taken out", "delete from audit where number = 3"),
    ("I13", "the last link taken off", "delete from audit where number = (select max(number) from audit)"),
    ("I13", "a case that is somewhere else", "update cases set state = 'MEMO_ISSUED' where state <> 'MEMO_ISSUED'"),
    ("I13", "an event that was taken out", "delete from case_events where number = 2"),
    ("I14", "failed, and nobody is told", f"update outbox set state = 'failed' where id = {SENT}"),
    ("I14", "done without a decision", f"update messages set action = null where id = {DONE}"),
    ("I15", "decided by rules nobody can name", "update audit set data = json_remove(data, '$.rules') where action = 'decide'"),
    ("I15", "decided upon other bytes", "update audit set data = json_set(data, '$.sha256', 'f') where action = 'decide'"),
    ("I16", "received when the Date header says", "update fetched set received = '2001-01-01 00:00:00'"),
    ("I17", "an erasure that was never finished", "insert into erasures values ('e-1', 'retention', 'x', 'x', null, null,"
     " '2026-01-01 00:00:00', null, '{{}}')"),
)  # fmt: skip


@dataclass(frozen=True)
class Whole:
    """A database in which everything happened and nothing is wrong, and the world around it."""

    database: Path
    world: World


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, private_dovecot: PrivateDovecot, sqlite_template: Path
) -> Iterator[Whole]:
    """One quiet run up to issued credit memos."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copy(sqlite_template, folder / "whole.db")
    with SlowSmtp() as smtp:
        run = Run(1, Depth((6, 8), (3, 3), (1, 1)), folder, nursery, private_dovecot, smtp, f"sqlite:///{folder / 'whole.db'}")
        run.quiet_to_the_end()
        yield Whole(folder / "whole.db", run.world())


def damaged(whole: Whole, folder: Path, script: str) -> str:
    """A copy of the rows without any key, check or trigger, damaged; its URL."""
    path = folder / "damaged.db"
    with closing(sqlite3.connect(path)) as copy:
        copy.execute("attach ? as whole", (str(whole.database),))
        tables = copy.execute("select name from whole.sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            if not table.startswith(("sqlite_", "message_words")):
                copy.execute(f'create table main."{table}" as select * from whole."{table}"')
        copy.commit()
        copy.execute("detach whole")
        copy.executescript(script.format(user=whole.world.address))
        copy.commit()
    return f"sqlite:///{path}"


def test_a_quiet_run_breaks_nothing_and_ends_in_issued_memos(whole: Whole) -> None:
    url = f"sqlite:///{whole.database}"
    with closing(sqlite3.connect(whole.database)) as connection:
        assert connection.execute("select count(*) from credit_memos where status = 'issued'").fetchone()[0] >= 1
    assert audit(url, whole.world) == []


@pytest.mark.parametrize(("invariant", "what", "script"), DAMAGE, ids=[f"{one[0]} {one[1]}" for one in DAMAGE])
def test_every_damage_is_seen(invariant: str, what: str, script: str, whole: Whole, tmp_path: Path) -> None:
    seen = audit(damaged(whole, tmp_path, script), whole.world)
    assert invariant in {one.invariant for one in seen}, f"{what} was not seen as {invariant}: {seen}"


def test_a_mail_that_went_out_twice_is_seen(whole: Whole) -> None:
    taken = whole.world.taken or ()
    seen = audit(f"sqlite:///{whole.database}", replace(whole.world, taken=(*taken, taken[0])))
    assert {one.invariant for one in seen} == {"I5"}


def test_a_mail_that_went_to_somebody_else_is_seen(whole: Whole) -> None:
    first, *rest = whole.world.taken or ()
    elsewhere = Taken(first.envelope_from, ("x@evil.example",), first.raw)
    seen = audit(f"sqlite:///{whole.database}", replace(whole.world, taken=(elsewhere, *rest)))
    assert "I11" in {one.invariant for one in seen}


def test_a_mail_that_was_removed_from_the_mailbox_is_seen(whole: Whole) -> None:
    seen = audit(f"sqlite:///{whole.database}", replace(whole.world, mailbox=(whole.world.mailbox or ())[1:]))
    assert "I6" in {one.invariant for one in seen}


def test_two_answers_that_went_alone_within_a_day_are_seen(whole: Whole, tmp_path: Path) -> None:
    script = "update reviews set reviewer = 'autopilot'; update drafts set case_id = null, \"to\" = '[\"a@b.example\"]'"
    seen = audit(damaged(whole, tmp_path, script), whole.world)
    assert any(one.invariant == "I8" and "within a day" in one.sentence for one in seen)


def test_every_invariant_has_its_damage() -> None:
    assert {invariant for invariant, _, _ in DAMAGE} == {f"I{number}" for number in range(1, 18)}


def test_the_auditor_knows_nothing_of_the_product() -> None:
    imported = {
        name
        for path in (ROOT / "tests" / "auditor").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }
    assert {
        name for name in imported if name.startswith(("supportbot", "bench", "tests")) and not name.startswith("tests.auditor")
    } == set()


def test_nothing_in_the_product_can_switch_a_fault_point_on() -> None:
    called = []
    for path in (ROOT / "supportbot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = {getattr(node, "attr", ""), getattr(node, "id", "")} | {
                each.name for each in getattr(node, "names", ()) if isinstance(each, ast.alias)
            }
            if names & {"watched", "_reached"} and path.name != "fault.py":
                called.append(f"{path.name}:{getattr(node, 'lineno', 0)}")
    assert called == []


def test_every_fault_point_is_passed_somewhere_and_every_place_is_a_known_point() -> None:
    from supportbot.fault import POINTS

    passed = [
        name
        for path in (ROOT / "supportbot").rglob("*.py")
        for name in re.findall(r'fault\.point\("([^"]+)"\)', path.read_text("utf-8"))
    ]
    assert sorted(passed) == sorted(POINTS)
