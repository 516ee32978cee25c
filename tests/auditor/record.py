"""I3, I13, I14, I17: the record is whole, each effect stands once, and what was erased left the proofs standing."""

import hashlib
import itertools
from collections import Counter, defaultdict

from tests.auditor.facts import Database, Findings, as_json, as_time, canonical


def audit_record(db: Database, found: Findings) -> None:
    """The hash chain link by link, the cases event by event, and every effect counted."""
    for problem in db.integrity():
        found.add("I13", f"the database is damaged: {problem}")
    links = db.rows("select * from audit order by number")
    previous = ""
    for number, link in enumerate(links, 1):
        stamp = as_time(link["at"]).isoformat(timespec="microseconds")
        data = as_json(link["data"])
        made = canonical([number, stamp, link["actor"], link["action"], link["subject"], data, previous])
        expected = hashlib.sha256(made.encode()).hexdigest()
        found.check(link["number"] == number, "I13", f"link {number} of the audit log is missing")
        found.check(
            link["previous"] == previous and link["hash"] == expected, "I13", f"link {number} of the audit log was changed"
        )
        found.check(link["actor"] and link["subject"], "I13", f"link {number} of the audit log names nobody or nothing")
        previous = link["hash"]
    (head,) = db.rows("select number, hash from audit_head")
    found.check(
        (head["number"], head["hash"]) == (len(links), previous), "I13", "the head of the audit log is not its last link"
    )
    _audit_cases(db, found)
    _audit_effects(db, found)
    for row in db.rows("select id from erasures where finished_at is null"):
        found.add("I17", f"erasure {row['id']} was never finished")
    named = {link["subject"] for link in links}
    for row in db.rows("select id from erasures where kind = 'person'"):
        found.check(f"erasure {row['id']}" in named, "I17", f"erasure {row['id']} is not in the audit log")


def _audit_cases(db: Database, found: Findings) -> None:
    events = defaultdict(list)
    for row in db.rows("select * from case_events order by case_id, number"):
        events[row["case_id"]].append(row)
    for case in db.rows("select * from cases"):
        life, name = events[case["id"]], f"case {case['id']}"
        found.check(life, "I13", f"{name} has no beginning")
        found.check([row["number"] for row in life] == list(range(1, len(life) + 1)), "I13", f"an event of {name} is missing")
        for before, after in itertools.pairwise(life):
            found.check(after["from_state"] == before["to_state"], "I13", f"event {after['number']} of {name} begins elsewhere")
        found.check(not life or life[-1]["to_state"] == case["state"], "I13", f"{name} is not where its events lead")
        found.check(all(row["actor"] and row["at"] for row in life), "I13", f"an event of {name} has no actor or time")


def _audit_effects(db: Database, found: Findings) -> None:
    for key in ("drafts", "tickets"):
        for row in db.rows(f"select business_key from {key} group by business_key having count(*) > 1"):
            found.add("I3", f"two {key} have the business key {row['business_key']}")
    drafts = [row for row in db.rows("select * from drafts") if not row["business_key"].startswith("again:")]
    for (message, template, about), times in Counter(
        (row["message_id"], row["template"], row["case_id"] or row["order_id"])
        for row in drafts
        if row["message_id"] is not None
    ).items():
        found.check(times == 1, "I3", f"message {message} led to {times} drafts of {template} about {about}")
    open_cases = Counter((row["order_key"], row["type"]) for row in db.rows("select * from cases where closed_at is null"))
    for (order, kind), times in open_cases.items():
        found.check(times == 1, "I3", f"order {order} has {times} open cases of {kind}")
    messages = {f"message {row['id']}": row for row in db.rows("select * from messages")}
    decided: Counter[str] = Counter()
    retried: Counter[str] = Counter()
    for link in db.rows("select subject, action from audit where action in ('decide', 'retry_quarantined')"):
        (decided if link["action"] == "decide" else retried)[link["subject"]] += 1
    for name, row in messages.items():
        times = decided[name]
        found.check(times <= 1 + retried[name], "I3", f"{name} was decided {times} times")
        if row["state"] == "done":
            found.check(times >= 1, "I13", f"{name} is done, and the record knows of no decision")
