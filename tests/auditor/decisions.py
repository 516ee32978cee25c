"""I15: the same mail under the same rules is the same decision, and the record says by which rules and model it was made."""

import json
import re
from collections import defaultdict

from tests.auditor.facts import Database, Findings, World, as_json

_HASH = re.compile(r"[0-9a-f]{64}")


def audit_decisions(db: Database, world: World, found: Findings) -> None:
    """The record of each decision against its message, against other decisions of the same octets, and against new ones."""
    messages = {f"message {row['id']}": row for row in db.rows("select * from messages")}
    latest: dict[str, dict[str, object]] = {}
    by_hand = {f"message {row['message_id']}" for row in db.rows("select message_id from corrections")}
    for link in db.rows("select subject, data from audit where action = 'decide' order by number"):
        name, data = link["subject"], as_json(link["data"])
        latest[name] = data
        known = all(_HASH.fullmatch(str(data.get(what))) for what in ("rules", "model"))
        found.check(known, "I15", f"{name} was decided by rules or a model that nobody can name")
        whole = name in messages and data.get("sha256") == messages[name]["sha256"]
        found.check(whole, "I15", f"{name} was decided upon other bytes than its own")
    for name, data in latest.items():
        row = messages.get(name)
        if row is not None and row["state"] == "done":
            same = all(data.get(what) == row[what] for what in ("kind", "action", "rule"))
            found.check(same, "I15", f"{name} counts as something else than what was decided")
    _audit_again(world, messages, latest, by_hand, found)


def _audit_again(
    world: World,
    messages: dict[str, dict[str, object]],
    latest: dict[str, dict[str, object]],
    by_hand: set[str],
    found: Findings,
) -> None:
    """All mail decided anew, by processes that knew nothing of each other and took it in another order: one answer each."""
    answers: dict[str, set[str]] = defaultdict(set)
    for one in world.decided_anew:
        for sha256, decision in one.items():
            answers[sha256].add(json.dumps(decision, sort_keys=True))
    for sha256, different in answers.items():
        found.check(len(different) == 1, "I15", f"mail {sha256[:12]} is decided in {len(different)} ways upon the same records")
    heard = world.decided_anew[0] if world.decided_anew else {}
    for name, row in messages.items():
        anew = heard.get(str(row["sha256"]))
        if anew is None or row["state"] != "done" or name in by_hand:
            continue
        data = latest.get(name, {})
        made_by = (anew.get("rules"), anew.get("model"))
        if made_by == (data.get("rules"), data.get("model")):
            found.check(
                anew.get("kind") == data.get("kind"),
                "I15",
                f"{name} is read as {anew.get('kind')} anew, and was {data.get('kind')}",
            )
