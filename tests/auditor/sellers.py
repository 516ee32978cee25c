"""I12: a seller sees only its own: at the console, by the record of who opened what; in mails, by the orders they name."""

import re
from collections import defaultdict
from typing import Any

from tests.auditor.facts import Database, Findings, World, as_it_came, as_json

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{4,}")


def audit_sellers(db: Database, world: World, found: Findings) -> None:
    """What anybody of a seller was shown, assigned or written, against whose it is."""
    sellers = {
        row["name"]: row["seller_id"] for row in db.rows("select name, seller_id from users where seller_id is not null")
    }
    owners = _owners(db)
    for row in db.rows("select subject, assigned_to from desk_marks where assigned_to is not null"):
        found.check(
            row["assigned_to"] not in sellers, "I12", f"{row['subject']} is assigned to somebody who works for a seller"
        )
    for row in db.rows("select name, what, subject from views_seen"):
        seller = sellers.get(row["name"])
        if seller is not None:
            own = seller in owners.get(row["subject"], set())
            found.check(own, "I12", f"{row['name']} of seller {seller} was shown {row['subject']}, which is not theirs")
    for who in ("author", "changed_by", "owner"):
        table = {"author": "notes", "changed_by": "desk_marks", "owner": "api_tokens"}[who]
        for row in db.rows(f"select {who} as name from {table}"):
            found.check(
                row["name"] not in sellers or table == "api_tokens", "I12", f"{row['name']} of a seller wrote into {table}"
            )
    for shown in world.shown:
        _audit_page(db, shown.seller, shown.path, shown.body, found)
    _audit_mails(db, world, found)


def _owners(db: Database) -> dict[str, set[str]]:
    """Whose each thing is, by the words in which a view of it is kept."""
    owners: dict[str, set[str]] = defaultdict(set)
    for row in db.rows("select c.id, o.seller_id from cases c join orders o on o.key = c.order_key"):
        owners[f"case {row['id']}"].add(row["seller_id"])
    for kind, table in (("message", "messages"), ("ticket", "tickets")):
        query = f"select t.id, o.seller_id from {table} t join cases c on c.id = t.case_id join orders o on o.key = c.order_key"
        for row in db.rows(query):
            owners[f"{kind} {row['id']}"].add(row["seller_id"])
    return owners


def _audit_page(db: Database, seller: str, path: str, body: str, found: Findings) -> None:
    """A page that was served to a seller's user names no order, case or buyer of another seller."""
    for row in db.rows("select key, order_id, seller_id, buyer_address from orders"):
        if row["seller_id"] == seller:
            continue
        for word in (row["order_id"], row["buyer_address"]):
            named = word and re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", body)
            found.check(not named, "I12", f"{path} shows {word} of another seller to somebody of {seller}")
    for row in db.rows("select c.id, o.seller_id from cases c join orders o on o.key = c.order_key"):
        if row["seller_id"] != seller:
            found.check(
                row["id"] not in body, "I12", f"{path} shows case {row['id']} of another seller to somebody of {seller}"
            )


def _audit_mails(db: Database, world: World, found: Findings) -> None:
    """A mail of ours to a seller names only orders that are theirs, or that they named themselves."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for row in db.rows("select order_id, seller_id from orders"):
        numbers[str(row["order_id"]).casefold()].add(row["seller_id"])
    sellers: dict[str, set[str]] = defaultdict(set)
    for row in db.rows("select seller_id, seller_addresses from orders"):
        for address in as_json(row["seller_addresses"]):
            sellers[str(address).casefold()].add(row["seller_id"])
    asked = {
        row["id"]: as_it_came(world, row["sha256"], row["bytes"])
        for row in db.rows("select m.id, m.sha256, r.bytes from messages m join raw_mail r on r.sha256 = m.sha256")
    }
    query = (
        'select o.id, d.message_id, d."to" as draft_to, v.subject, v.body from outbox o join drafts d on d.id = o.draft_id'
        " join draft_versions v on v.draft_id = d.id and v.version = d.version"
    )
    for row in db.rows(query):
        mine = {seller for one in as_json(row["draft_to"]) for seller in sellers.get(str(one).casefold(), ())}
        if mine:
            _audit_mail(row, mine, numbers, asked.get(row["message_id"], b"").decode("latin-1").casefold(), found)


def _audit_mail(row: dict[str, Any], mine: set[str], numbers: dict[str, set[str]], asked: str, found: Findings) -> None:
    for word in _WORD.findall(f"{row['subject']} {row['body']}"):
        whose = numbers.get(word.strip("._-").casefold())
        if whose and not whose & mine:
            said = word.strip("._-").casefold() in asked
            found.check(said, "I12", f"outbox {row['id']} tells a seller of order {word}, which is another's")
