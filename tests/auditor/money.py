"""I1, I2, I4: no money without proof, no line twice."""

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal

from tests.auditor.facts import Database, Findings, World, as_it_came, as_json, as_money, as_time, header

_SKEW = timedelta(minutes=5)


def audit_money(db: Database, world: World, found: Findings) -> None:
    """Every credit memo from its proof to its amount, by rows alone."""
    acceptances = {row["id"]: row for row in db.rows("select * from acceptances")}
    rebills = {row["id"]: row for row in db.rows("select * from rebills")}
    users = {row["name"]: row for row in db.rows("select * from users")}
    lines = defaultdict(list)
    for row in db.rows("select * from credit_memo_lines"):
        lines[row["memo_id"]].append(row)
    memos = db.rows("select * from credit_memos")
    for memo in memos:
        name = f"credit memo {memo['id']}"
        proof, rebill = acceptances.get(memo["acceptance_id"]), rebills.get(memo["rebill_id"])
        found.check(
            proof and proof["item"] and proof["rebill"] and proof["verified"] and proof["case_id"] == memo["case_id"]
            and proof["order_key"] == memo["order_key"],
            "I1", f"{name} stands on no verified acceptance of item and re-billing for its own order and case",
        )  # fmt: skip
        found.check(rebill and rebill["case_id"] == memo["case_id"], "I1", f"{name} has no re-bill of its own case")
        worth = sum((row["units"] * as_money(row["unit_price"]) for row in lines[memo["id"]]), Decimal(0))
        found.check(
            lines[memo["id"]] and as_money(memo["cap"]) == worth, "I1", f"the cap of {name} is not the worth of its lines"
        )
        if memo["amount"] is not None:
            found.check(0 < as_money(memo["amount"]) <= as_money(memo["cap"]), "I1", f"{name} pays more than its cap")
        gate = ("confirmed",) if memo["memo_gate"] == "rebill_confirmed" else ("confirmed", "requested")
        if memo["status"] != "awaiting_rebill":
            found.check(rebill and rebill["state"] in gate, "I1", f"{name} is past its gate, its re-bill is not")
        if memo["status"] == "issued":
            people = (users.get(memo["entered_by"]), users.get(memo["approved_by"]))
            found.check(
                memo["amount"] is not None and all(people) and memo["entered_by"] != memo["approved_by"]
                and all(one["seller_id"] is None for one in people if one),
                "I1", f"{name} was issued without two people of the team",
            )  # fmt: skip
            if proof and proof["revoked_at"] is not None:
                late = as_time(proof["revoked_at"]) >= as_time(memo["issued_at"])
                found.check(late, "I2", f"{name} was issued after the buyer took the acceptance back")
    tickets = db.rows("select * from tickets where type = 'credit_memo'")
    states = {memo["ticket_id"]: memo["status"] for memo in memos}
    for ticket in tickets:
        same = states.get(ticket["id"]) == ticket["status"]
        found.check(same, "I1", f"ticket {ticket['id']} says credit memo {ticket['status']}, and no memo does")
    for table in ("credit_memo_lines", "rebill_lines"):
        for line, times in Counter((row["order_key"], row["line"]) for row in db.rows(f"select * from {table}")).items():
            found.check(times == 1, "I4", f"line {line[1]} of order {line[0]} stands {times} times in {table}")
    for what, times in Counter(memo["order_key"] for memo in memos).items():
        found.check(times == 1, "I4", f"order {what} has {times} credit memos")
    _audit_proofs(db, world, found)


def _audit_proofs(db: Database, world: World, found: Findings) -> None:
    proofs = db.rows(
        "select a.*, m.received, m.state, m.sender, m.sha256, r.bytes, o.buyer_address as order_buyer,"
        " o.buyer_relay_address as relay"
        " from acceptances a join messages m on m.id = a.message_id join orders o on o.key = a.order_key"
        " join raw_mail r on r.sha256 = m.sha256"
    )
    notices = {
        row["header_message_id"]: row
        for row in db.rows(
            "select o.header_message_id, o.state, o.claimed_at, o.recipients, d.template, d.token from outbox o"
            " join drafts d on d.id = o.draft_id where o.state in ('sending', 'sent', 'uncertain')"
        )
    }
    for proof in proofs:
        name = f"acceptance {proof['id']}"
        if proof["verified"]:
            two = proof["confirmed_by"] and proof["second_person"] and proof["confirmed_by"] != proof["second_person"]
            grade = proof["grade"] in ("A", "B") or (proof["grade"] in ("C", "D") and two and (proof["reason"] or "").strip())
            found.check(grade, "I2", f"{name} is verified without grade A or B, and without two people and a reason")
            found.check(proof["state"] == "done", "I2", f"{name} is proved by a message that was never worked")
            found.check(as_json(proof["evidence"]), "I2", f"{name} names no words of the buyer")
        notice = notices.get(proof["notice_message_id"])
        if notice is not None:
            late = as_time(proof["received"]) >= as_time(notice["claimed_at"]) - _SKEW
            found.check(late, "I2", f"{name} was received before the notice that it answers went out")
        raw = as_it_came(world, proof["sha256"], proof["bytes"])
        if proof["verified"] and proof["grade"] == "A" and raw:
            found.check(notice is not None, "I2", f"{name} answers no notice of ours that went out")
            token = (notice or {}).get("token")
            found.check(token and token.encode() in raw.lower(), "I2", f"{name} does not carry the token of its notice")
            submitted = [one.lower() for one in header(raw, "Auto-Submitted")]
            found.check(all(one == "no" for one in submitted), "I2", f"{name} was written by a machine")
            if world.provider and not header(raw, "DKIM-Signature"):
                said = next(iter(header(raw, "Authentication-Results")), "").lower()
                domain = proof["buyer_address"].rpartition("@")[2].lower()
                proved = said.startswith(world.provider.lower()) and "dmarc=pass" in said and f"header.from={domain}" in said
                found.check(proved, "I2", f"nobody vouches for the sender of {name}")
        if proof["verified"] and proof["grade"] == "A":
            mine = {(proof[name] or "").casefold() for name in ("order_buyer", "relay")} - {""}
            erased = (proof["buyer_address"] or "").startswith("erased-")
            found.check(erased or proof["buyer_address"].casefold() in mine, "I2", f"{name} is not by the buyer of its order")
    for message, times in Counter(proof["message_id"] for proof in proofs if proof["revoked_at"] is None).items():
        found.check(times == 1, "I3", f"message {message} proves {times} acceptances")
