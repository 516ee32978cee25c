"""The audit as a whole."""

from tests.auditor.decisions import audit_decisions
from tests.auditor.facts import Database, Findings, Violation, World
from tests.auditor.letters import audit_mail_in, audit_mail_out
from tests.auditor.money import audit_money
from tests.auditor.record import audit_record
from tests.auditor.sellers import audit_sellers
from tests.auditor.times import audit_times


def audit(database: str, world: World) -> list[Violation]:
    """Everything that breaks an invariant; empty where all is well. `database` is a URL: sqlite:///PATH or postgresql://..."""
    db, found = Database(database), Findings()
    audit_record(db, found)
    audit_mail_in(db, world, found)
    audit_mail_out(db, world, found)
    audit_money(db, world, found)
    audit_sellers(db, world, found)
    audit_decisions(db, world, found)
    audit_times(db, found)
    return found.found
