"""A person with an odd name goes through the whole house, is erased, and no octet of them is found; the proofs stand."""

import gzip
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from supportbot.clock import SystemClock
from supportbot.errors import StoreRefusal, UsageError
from supportbot.mail.mentions import mentions
from supportbot.privacy import Privacy
from supportbot.store import Store, backup, copy, restore
from supportbot.testing import FixedClock
from tests.databases import PostgresqlCluster
from tests.stories.office import Office, rebill_order

CANARY = b"zq7x"
BUYER = "Zq7xella.Canary@birds.example"
NAME = "Zq7xella Canaryson"
TRACKING = b"1Z999AA10123456784"


def octets_that_betray(folder: Path) -> list[str]:
    """Every file below a folder that holds the canary, in whatever case, packed or not."""
    found = []
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            octets = file.read_bytes()
            octets = gzip.decompress(octets) if file.suffix == ".gz" else octets
            if CANARY in octets.lower() or TRACKING in octets or CANARY in octets.replace(b"\0", b"").lower():
                found.append(file.name)
    return found


def whole_story(office: Office) -> None:
    """The seller reports, the buyer accepts, the memo is issued; then the buyer writes once more, with a picture."""
    order = rebill_order(buyer=BUYER)
    order["buyer"] = {"name": NAME, "address": BUYER}
    office.import_orders(order)
    office.add_people()
    office.write(
        "post@shop.example",
        "Order PO-771200 cancelled but already shipped",
        "Hello Seller Support,\n\norder PO-771200 shows as cancelled, but we had already shipped it with UPS, tracking "
        "1Z999AA10123456784, to Zq7xella. How do we get paid for it?\n\nThe Shop\n",
    )
    office.work()
    office.approve("m_rebill_notice")
    (notice,) = office.received_by(BUYER)
    office.write(
        f"{NAME} <{BUYER}>", f"Re: {notice['Subject']}", "I accept the item and the re-billing.", answers=notice,
        message_id="<zq7x.1@mobile.birds.example>",
    )  # fmt: skip
    office.work()
    case_id = office.sql("select id from cases")[0][0]
    office.app.desk.money.confirm_direct_proof(case_id, by="alice")
    office.approve("m_request_billing")
    ticket = office.ticket()
    office.app.desk.money.confirm_rebill(ticket.id, by="alice", reference="B-17")
    office.app.desk.money.enter_memo(ticket.id, amount=Decimal("99.80"), by="alice")
    office.app.desk.money.issue_memo(ticket.id, by="bob")
    office.write("friend@else.example", "A friend asks", f"My friend {BUYER} of 7 Zq7xstreet says hello to you all.\n")
    office.work()


@pytest.fixture
def told(open_office: Callable[..., Office], tmp_path: Path) -> Office:
    """An office after the whole story, with logs, labelled mail and a backup that know the person."""
    logs, corpus, backups = tmp_path / "logs", tmp_path / "corpus", tmp_path / "backups"
    for folder in (logs, corpus, backups):
        folder.mkdir()
    office = open_office(
        retention={"backups": str(backups), "logs": [str(logs / "supportbot.log")], "corpus": str(corpus), "raw_days": 0}
    )
    whole_story(office)
    (logs / "supportbot.log").write_bytes(b"one line\n" + b"fault of ZQ7XELLA.canary@birds.example here\n" * 40)
    (logs / "supportbot.log.1.gz").write_bytes(gzip.compress(b"Zq7xella Canaryson was here\n"))
    (corpus / "corrected.jsonl").write_text('{"text": "hello"}\n{"text": "I am Zq7xella Canaryson"}\n')
    backup(office.settings.database, backups / "monday.db")
    return office


def privacy_of(office: Office) -> Privacy:
    return Privacy(office.app.store, office.settings, SystemClock())


def test_after_an_erasure_no_octet_of_the_person_is_left_and_money_and_record_still_prove(told: Office) -> None:
    folder = told.database.parent
    assert {"office.db-wal", "monday.db", "supportbot.log", "supportbot.log.1.gz", "corrected.jsonl"} <= set(
        octets_that_betray(folder)
    )
    log = folder / "logs" / "supportbot.log"
    length, inode = log.stat().st_size, log.stat().st_ino
    before = told.sql("select id, item, rebill, verified, grade, order_key, case_id, message_id from acceptances")
    memo = told.sql("select id, acceptance_id, rebill_id, status, amount, entered_by, approved_by from credit_memos")
    arrows = told.sql("select case_id, number, at, actor, event, from_state, to_state, message_id from case_events")

    done = privacy_of(told).erase(BUYER, by="alice", basis="request 12")

    (folder / "office.orders.json").unlink()  # what the test imported; the receipt says to leave them out of the next one
    assert done.erased.left == []
    assert octets_that_betray(folder) == []
    assert (log.stat().st_size, log.stat().st_ino) == (length, inode)
    assert (folder / "corpus" / "corrected.jsonl").read_text() == '{"text": "hello"}\n'
    assert told.sql("select id, item, rebill, verified, grade, order_key, case_id, message_id from acceptances") == before
    assert told.sql("select id, acceptance_id, rebill_id, status, amount, entered_by, approved_by from credit_memos") == memo
    assert told.sql("select case_id, number, at, actor, event, from_state, to_state, message_id from case_events") == arrows
    assert told.sql("pragma integrity_check") == [("ok",)]
    assert told.sql("pragma foreign_key_check") == []
    with told.app.store.snapshot() as tx:
        assert tx.verify_audit() == []
    assert any("Sent" in sentence for sentence in done.by_hand)


def test_on_postgresql_no_octet_of_an_erased_person_is_left_in_the_files_of_the_database(
    told: Office, postgresql: PostgresqlCluster
) -> None:
    name = postgresql.new_database()
    url, clock = postgresql.url(name), SystemClock()
    settings = told.settings.model_copy(
        update={
            "database": url,
            "retention": told.settings.retention.model_copy(update={"backups": None, "logs": (), "corpus": None}),
        }
    )
    try:
        with closing(Store.open(url, clock=clock)) as store:
            copy(told.app.store, store)
            with store.snapshot() as tx:
                (oid,) = tx.connection.exec_driver_sql("select oid from pg_database where datname = current_database()").one()
            files = postgresql.folder / "base" / str(oid)
            postgresql.execute("CHECKPOINT")
            assert octets_that_betray(files)

            done = Privacy(store, settings, clock).erase(BUYER, by="alice", basis="request 12")

            postgresql.execute("CHECKPOINT")
            assert done.erased.left == []
            assert octets_that_betray(files) == []
            assert any("PostgreSQL" in sentence for sentence in done.by_hand)
            with store.snapshot() as tx:
                assert tx.verify_audit() == []
                assert tx.violations() == []
    finally:
        postgresql.drop(name)


def test_the_same_mail_fetched_again_is_known_and_not_kept_again(told: Office) -> None:
    privacy_of(told).erase(BUYER, by="alice", basis="request 12")
    count = told.sql("select count(*) from messages")
    with closing(sqlite3.connect(told.database)) as connection:
        connection.execute("update folder_positions set uidvalidity = uidvalidity - 1")
        connection.commit()

    told.work()

    assert told.sql("select count(*) from messages") == count
    (told.database.parent / "office.orders.json").unlink()
    assert [name for name in octets_that_betray(told.database.parent) if "office" in name] == []


def test_a_backup_that_was_kept_elsewhere_forgets_the_person_when_it_is_restored(told: Office, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    backup(told.settings.database, elsewhere)
    privacy_of(told).erase(BUYER, by="alice", basis="request 12")
    told.close()

    restored = restore(told.settings.database, elsewhere, clock=SystemClock())

    assert restored.erased == 1
    elsewhere.unlink()
    (tmp_path / "office.orders.json").unlink()
    assert octets_that_betray(tmp_path) == []
    told.app = told.start()


def test_a_dry_run_says_what_would_go_and_changes_nothing(told: Office) -> None:
    before = Path(shutil.copy(told.database, told.database.with_suffix(".copy")))

    done = privacy_of(told).erase(BUYER.lower(), by="alice", basis="request 12", dry_run=True)

    assert done.erased.counts["raw mail"] >= 3
    assert told.sql("select count(*) from erasures") == [(0,)]
    assert before.read_bytes() == told.database.read_bytes()


def test_an_open_case_and_a_legal_hold_stand_in_the_way_and_are_named(office: Office) -> None:
    office.write("post@shop.example", "Order PO-771200 cancelled but already shipped",
                 "order PO-771200 shows as cancelled, but we had already shipped it.")  # fmt: skip
    office.work()
    with office.app.store.transaction() as tx:
        tx.place_hold("po-771200", reason="lawsuit 4", by="alice")

    with pytest.raises(UsageError, match=r"case \S+ is open.*a legal hold on po-771200 stands since .*: lawsuit 4"):
        privacy_of(office).erase("ann.buyer@example.com", by="alice", basis="request 12")

    assert office.sql("select count(*) from erasures") == [(0,)]


def test_words_can_be_taken_away_within_an_erasure_only(told: Office) -> None:
    for statement in (
        "update case_events set reason = ''",
        "update draft_versions set body = 'I owe you a million'",
        "update outbox set raw = x''",
        "update acceptances set buyer_address = 'me@else.example'",
        "update erasures set counts = '{}'",
        "delete from erasures",
    ):
        privacy_of(told).erase("nobody@else.example", by="alice", basis="none")
        with closing(sqlite3.connect(told.database)) as connection, pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)


def test_retention_empties_what_is_old_and_never_what_waits_or_is_held(told: Office) -> None:
    later = FixedClock(SystemClock().now() + timedelta(days=2 * 366))
    store = Store.open(told.settings.database, clock=later)
    privacy = Privacy(store, told.settings, later)
    with store.transaction() as tx:
        tx.place_hold("PO-771200", reason="lawsuit 4", by="alice")
    held = privacy.retain(by="supportbot", dry_run=True)
    assert held.held > 0
    assert privacy.retain(by="supportbot") == held
    assert told.sql("select count(*) from raw_mail r join messages m on m.sha256 = r.sha256 where m.order_id = 'PO-771200'"
                    " and length(bytes) = 0") == [(0,)]  # fmt: skip
    with store.transaction() as tx:
        tx.lift_hold("po-771200", by="alice")

    done = privacy.retain(by="supportbot")

    assert {"raw mail", "drafts"} <= done.counts.keys()
    assert told.sql("select count(*) from outbox where length(raw) > 0") == [(0,)]
    assert told.sql("select count(*) from messages m join raw_mail r on r.sha256 = m.sha256 where length(bytes) > 0") == [
        (told.sql("select count(*) from messages where needs_person = true and handled_at is null and case_id is null")[0][0],)
    ]
    assert told.sql("select buyer_name from orders") == [(None,)]
    assert privacy.retain(by="supportbot").counts == {}
    with store.snapshot() as tx:
        assert tx.verify_audit() == []
        assert len(tx.erasures(kind="retention")) >= 3
    with pytest.raises(StoreRefusal), store.transaction() as tx:
        tx._connection.exec_driver_sql("delete from erasures")
    store.close()


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"Content-Transfer-Encoding: base64", b"bXkgYWRkcmVzcyBpcyBaUTdYQGJpcmRzLmV4YW1wbGU="),
        (b"Content-Transfer-Encoding: quoted-printable", b"my address is zq=\r\n7x@bir=64s.example"),
        (b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64",
         b"RnJvbTogYUBiLmMKQ29udGVudC1UcmFuc2Zlci1FbmNvZGluZzogYmFzZTY0CgplbkUzZUVCaWFYSmtjeTVsZUdGdGNHeGwK"),
    ],
)  # fmt: skip
def test_a_name_is_found_under_every_encoding(head: bytes, body: bytes) -> None:
    raw = b"From: a@b.example\r\n" + head + b"\r\n\r\n" + body + b"\r\n"
    assert mentions(raw, ["zq7x@birds.example"])
    assert not mentions(raw, ["zq8x@birds.example"])
