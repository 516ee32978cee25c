"""I3, I5, I6, I7, I8, I9, I10, I11, I16: mail in and mail out, against what the servers say themselves."""

import email
import email.policy
import hashlib
import re
from collections import Counter
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from tests.auditor.facts import Database, Findings, World, as_it_came, as_json, as_time, canonical, header, message_id_of

_LINK = re.compile(r"https?:|ftp:|mailto:|www\.|href", re.IGNORECASE)
_WENT = ("sending", "sent", "uncertain")


def audit_mail_in(db: Database, world: World, found: Findings) -> None:
    """Nothing of the mailbox is lost, nothing is counted twice, and each message is worked or visibly held."""
    stored = {row["sha256"]: bytes(row["bytes"]) for row in db.rows("select sha256, bytes from raw_mail")}
    raws = {name: as_it_came(world, name, octets) for name, octets in stored.items()}
    if world.mail_key:
        plain = [name for name, octets in stored.items() if octets and octets == raws[name]]
        found.check(not plain, "privacy", f"{len(plain)} mails are kept in the plain, though there is a key")
    emptied = bool(db.rows("select id from erasures"))
    for name, raw in raws.items():
        whole = hashlib.sha256(raw).hexdigest() == name or (not raw and emptied)
        found.check(whole, "I6", f"the stored bytes of {name[:12]} are not those that came")
    messages = db.rows("select * from messages")
    fetched = db.rows("select * from fetched")
    entries = db.rows("select * from quarantine")
    by_id = {row["id"]: row for row in messages}
    parked = {row["fetched_id"] for row in entries}
    for name, times in Counter(row["sha256"] for row in messages).items():
        found.check(times == 1, "I3", f"the same bytes {name[:12]} are {times} messages")
    for row in fetched:
        known = row["message_id"] in by_id or row["id"] in parked
        found.check(known, "I6", f"UID {row['uid']} of {row['folder']} was fetched and is neither message nor held")
    held = {row["message_id"] for row in entries if row["state"] == "held"}
    seen_to = {row["message_id"] for row in entries}
    for row in messages:
        if row["state"] == "quarantined":
            found.check(row["id"] in seen_to, "I7", f"message {row['id']} is quarantined, and nobody is shown why")
        if row["state"] == "new" and world.at_rest:
            found.add("I7", f"message {row['id']} was left unworked")
        if row["state"] == "done":
            found.check(row["id"] not in held, "I7", f"message {row['id']} is done and held at once")
            visible = row["action"] is not None and row["needs_person"] is not None
            found.check(visible, "I14", f"message {row['id']} is done without a decision")
    if world.mailbox is not None:
        _audit_mailbox(db, world, found, fetched, by_id, entries)


def _audit_mailbox(
    db: Database,
    world: World,
    found: Findings,
    fetched: list[dict[str, Any]],
    by_id: dict[int, dict[str, Any]],
    entries: list[dict[str, Any]],
) -> None:
    assert world.mailbox is not None
    rows = {(row["mailbox"], row["folder"], row["uidvalidity"], row["uid"]): row for row in fetched}
    positions = db.rows("select * from folder_positions")
    high = {(row["mailbox"], row["folder"], row["uidvalidity"]): row["uid"] for row in positions}
    kept = {row["sha256"] for row in by_id.values()}
    unread = {row["fetched_id"] for row in entries if row["cause"] == "too-large"}
    for mail in world.mailbox:
        name = f"UID {mail.uid} of {mail.folder} of {mail.mailbox}"
        row = rows.get((mail.mailbox, mail.folder, mail.uidvalidity, mail.uid))
        stored = mail.sha256 in kept or (row is not None and row["id"] in unread)
        below = mail.uid <= high.get((mail.mailbox, mail.folder, mail.uidvalidity), 0)
        if world.at_rest or below or "\\Seen" in mail.flags:
            found.check(stored, "I6", f"{name} is lost: neither stored nor held")
        if below:
            found.check(row is not None, "I6", f"{name} lies below the high-water mark and was never fetched")
        if row is None:
            continue
        message = by_id.get(row["message_id"])
        if message is not None:
            found.check(message["sha256"] == mail.sha256, "I6", f"{name} counts as a message of other bytes")
        same = abs(as_time(row["received"]) - mail.received) < timedelta(seconds=1)
        found.check(same, "I16", f"{name} counts as received at another time than the server says")
    here = Counter(mail.sha256 for mail in world.mailbox)
    for name, times in Counter(hashlib.sha256(raw).hexdigest() for raw in world.delivered).items():
        found.check(here[name] >= times, "I6", f"a mail {name[:12]} was removed from the mailbox")


def audit_mail_out(db: Database, world: World, found: Findings) -> None:
    """Nothing goes out twice, unapproved, changed, with links, or to anybody who has no part in it."""
    sent = db.rows(
        'select o.*, d.template, d.rule, d.order_id, d.case_id, d.message_id, d."to" as draft_to, d.state as draft_state,'
        " v.subject, v.body, v.findings, v.content_sha256, r.decision, r.reviewer, r.content_sha256 as reviewed,"
        " r.at as reviewed_at"
        " from outbox o join drafts d on d.id = o.draft_id"
        " join draft_versions v on v.draft_id = d.id and v.version = d.version left join reviews r on r.draft_id = d.id"
    )
    by_message_id = {row["header_message_id"]: row for row in sent}
    for column in ("draft_id", "header_message_id"):
        for value, times in Counter(row[column] for row in sent).items():
            found.check(times == 1, "I5", f"{times} mails in the outbox have one {column} {value}")
    for row in sent:
        name = f"outbox {row['id']} ({row['state']})"
        found.check(row["state"] != "sending" or not world.at_rest, "I5", f"{name} is in the middle of being sent for ever")
        found.check(row["state"] != "approved" or not world.at_rest, "I5", f"{name} was never sent, and nobody was told")
        erased = not bytes(row["raw"])
        if erased:
            continue
        shown = hashlib.sha256(canonical([as_json(row["draft_to"]), row["subject"], row["body"]]).encode()).hexdigest()
        found.check(row["decision"] == "approved", "I9", f"{name} was approved by nobody")
        found.check(row["reviewed"] == row["content_sha256"] == shown, "I9", f"{name} is not what was approved")
        if row["reviewer"] == "autopilot":
            listed = f"{row['template']}/{row['rule']}" in world.automatic
            found.check(listed, "I9", f"{name} went out by itself, and {row['template']}/{row['rule']} is not on the list")
        found.check(as_json(row["findings"]) == [], "I10", f"{name} was approved with findings")
        _audit_words(row, name, found)
    if world.taken is not None:
        _audit_taken(world, found, by_message_id)
    _audit_parties(db, world, found, sent)
    _audit_loops(db, world, found, sent)
    failed = {row["business_key"] for row in db.rows("select business_key from tickets")}
    for row in sent:
        if row["state"] == "failed" and "settled by" not in row["detail"]:
            found.check(f"failed:{row['id']}" in failed, "I14", f"outbox {row['id']} failed, and nobody is told")


def _audit_words(row: dict[str, Any], name: str, found: Findings) -> None:
    """The octets carry what was approved: recipients, subject, words; and a notice its tracking and no link."""
    mail = email.message_from_bytes(bytes(row["raw"]), policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    to = sorted(
        address.addr_spec.casefold()
        for field in ("To", "Cc", "Bcc")
        for one in mail.get_all(field, [])
        for address in one.addresses
    )
    found.check(
        to == sorted(one.casefold() for one in as_json(row["draft_to"])), "I9", f"{name} has other recipients than approved"
    )
    found.check(
        sorted(as_json(row["recipients"])) == sorted(as_json(row["draft_to"])), "I9", f"{name} goes to others than approved"
    )
    body = mail.get_body(("plain",))
    said = " ".join(str(body.get_content()).split()) if body else ""
    found.check(said == " ".join(row["body"].split()), "I9", f"{name} says something else than what was approved")
    found.check(" ".join(str(mail["Subject"]).split()) == " ".join(row["subject"].split()), "I9", f"{name} has another subject")
    found.check(header(bytes(row["raw"]), "Auto-Submitted"), "I8", f"{name} does not say that a program wrote it")
    if row["template"] == "m_rebill_notice":
        found.check(not _LINK.search(row["body"]), "I10", f"{name} is a notice with a link")
        found.check(re.search(r"(?=\w*\d)[A-Z0-9]{8,}", row["body"]), "I10", f"{name} is a notice without a tracking number")


def _audit_taken(world: World, found: Findings, rows: dict[str, dict[str, Any]]) -> None:
    assert world.taken is not None
    times = Counter(message_id_of(one.raw) for one in world.taken)
    for name, count in times.items():
        found.check(count == 1, "I5", f"{name} was taken over {count} times")
    drafts = Counter(rows[name]["draft_id"] for name in times if name in rows)
    for name, count in drafts.items():
        found.check(count == 1, "I5", f"draft {name} went out as {count} mails")
    for one in world.taken:
        name = message_id_of(one.raw)
        row = rows.get(name)
        if row is None:
            found.add("I5", f"{name} went out, and the outbox knows nothing of it")
            continue
        possible = _WENT if not world.at_rest else ("sent", "uncertain")
        by_hand = row["state"] == "failed" and "settled by" in row["detail"]
        found.check(row["state"] in possible or by_hand, "I5", f"{name} went out, and the outbox says {row['state']}")
        found.check(
            sorted(one.recipients) == sorted(as_json(row["recipients"])), "I11", f"{name} went to others than it should"
        )
        same = _lines(one.raw) == _lines(bytes(row["raw"])) or not bytes(row["raw"])
        found.check(same, "I9", f"{name} went out with other octets than were approved")
    for name, row in rows.items():
        if row["state"] == "sent" and "settled by" not in row["detail"]:
            found.check(times[name], "I5", f"{name} counts as sent, and no server took it over")


def _lines(raw: bytes) -> list[bytes]:
    return re.split(rb"\r?\n", raw.rstrip(b"\r\n"))


def _audit_parties(db: Database, world: World, found: Findings, sent: list[dict[str, Any]]) -> None:
    """I11: who is written to is a party of the order, by the order's own data; without an order, who wrote."""
    parties: dict[str, set[str]] = {}
    for row in db.rows("select o.order_id, a.address from orders o join order_addresses a on a.order_key = o.key"):
        parties.setdefault(row["order_id"], set()).add(row["address"].casefold())
    senders = {row["id"]: (row["sender"] or "").casefold() for row in db.rows("select id, sender from messages")}
    for row in sent:
        allowed = parties.get(row["order_id"], set()) | {one.casefold() for one in world.correspondents}
        if row["order_id"] is None or row["order_id"] not in parties:
            allowed |= {senders.get(row["message_id"], "")}
        for one in as_json(row["draft_to"]):
            known = one.casefold() in allowed or one.startswith("erased-")
            found.check(known, "I11", f"outbox {row['id']} goes to somebody who is no party of order {row['order_id']}")


def _audit_loops(db: Database, world: World, found: Findings, sent: list[dict[str, Any]]) -> None:
    """I8: no answer to a machine, to ourselves; of itself at most one a day to one address about one case."""
    raws = {
        row["id"]: as_it_came(world, row["sha256"], row["bytes"])
        for row in db.rows("select m.id, m.sha256, r.bytes from messages m join raw_mail r on r.sha256 = m.sha256")
    }
    for row in sent:
        raw = raws.get(row["message_id"], b"")
        to = {one.casefold() for one in as_json(row["draft_to"])}
        sender = "".join(header(raw, "From")).casefold()
        answers = any(one in sender for one in to)
        found.check(not (answers and _automatic(raw)), "I8", f"outbox {row['id']} answers a machine")
        found.check(world.address.casefold() not in to, "I8", f"outbox {row['id']} is written to ourselves")
    alone = sorted((row for row in sent if row["reviewer"] == "autopilot"), key=lambda row: as_time(row["reviewed_at"]))
    for number, row in enumerate(alone):
        for later in alone[number + 1 :]:
            near = as_time(later["reviewed_at"]) - as_time(row["reviewed_at"]) < timedelta(days=1)
            same = row["case_id"] == later["case_id"] and set(as_json(row["draft_to"])) & set(as_json(later["draft_to"]))
            found.check(not (near and same), "I8", f"outbox {row['id']} and {later['id']} went out alone within a day")


def _automatic(raw: bytes) -> bool:
    submitted = [one.split(";")[0].strip().lower() for one in header(raw, "Auto-Submitted")]
    precedence = {one.lower() for one in header(raw, "Precedence")} & {"bulk", "junk", "list", "auto_reply"}
    report = any(one.lower().startswith("multipart/report") for one in header(raw, "Content-Type"))
    listed = any(header(raw, name) for name in ("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond"))
    return any(one != "no" for one in submitted) or bool(precedence) or report or listed or "<>" in header(raw, "Return-Path")
