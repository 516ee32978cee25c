"""I16: what counts is when the server had it and when a deadline ended; neither the Date header nor an early clock."""

from datetime import timedelta

from tests.auditor.facts import Database, Findings, as_time

_WENT_BACK = timedelta(hours=1)  # a clock that went back further than this is known to have: then what is due is not waited for


def audit_times(db: Database, found: Findings) -> None:
    """By the tables alone; what the mailbox says of the same is looked at with the mailbox."""
    by_server: dict[int, list[object]] = {}
    for row in db.rows("select message_id, received from fetched where message_id is not null order by id"):
        by_server.setdefault(row["message_id"], []).append(row["received"])
    for row in db.rows("select id, received from messages"):
        known = by_server.get(row["id"])
        found.check(
            not known or any(as_time(row["received"]) == as_time(one) for one in known),
            "I16", f"message {row['id']} counts as received at another time than any server said",
        )  # fmt: skip
    # Of what was tried once and is through: a further try would have been given a time of its own.
    query = "select id, claimed_at, not_before from outbox where attempts = 1 and state in ('sent', 'uncertain')"
    for row in db.rows(query):
        early = as_time(row["not_before"]) - as_time(row["claimed_at"])
        found.check(not timedelta(0) < early < _WENT_BACK, "I16", f"outbox {row['id']} went out while it was to be held back")
    due = {f"timer:{row['id']}": row for row in db.rows("select id, name, due_at from timers")}
    for row in db.rows("select business_key, opened_at from tickets where business_key like 'timer:%'"):
        timer = due.get(row["business_key"])
        late = timer is not None and as_time(row["opened_at"]) >= as_time(timer["due_at"])
        found.check(late, "I16", f"the timer {row['business_key']} rang before it was due")
