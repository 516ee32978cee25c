"""Turns what a database driver throws into one sentence a person can act on: a `StoreError`, or a `StoreRefusal` of a guard."""

import sqlite3
import sys
from typing import TYPE_CHECKING, TypeGuard

from sqlalchemy.engine import ExceptionContext

from supportbot.errors import StoreError, StoreRefusal

if TYPE_CHECKING:
    import psycopg

# Constraints that are no triggers: by name, and by what SQLite says of them instead of their name.
_REFUSALS: tuple[tuple[str, str, str], ...] = (
    ("i1_memo_needs_verified_acceptance", "", "I1: a credit memo needs a verified acceptance of item and re-billing"),
    ("i1_memo_needs_both", "i1_memo_needs_both", "I1: a credit memo needs item and re-billing accepted, and verified"),
    ("i1_memo_needs_its_rebill", "", "I1: a credit memo needs the re-bill of its own order"),
    ("i1_issued_needs_two_people", "i1_issued_needs_two_people", "I1: issuing needs an amount and two different people"),
    ("i1_approval_issues", "i1_approval_issues", "I1: an approval belongs to an issued credit memo"),
    ("i1_amount_within_cap", "i1_amount_within_cap", "I1: the amount must be above 0 and within the value of the units"),
    ("i1_cap_is_an_amount", "i1_cap_is_an_amount", "I1: the value of the units must be an amount above 0"),
    ("i1_acceptance_of_the_cases_order", "", "I1: an acceptance belongs to the order of its case"),
    (
        "i2_verified_by_proof_or_two_people",
        "i2_verified_by_proof_or_two_people",
        "I2: a verified acceptance needs evidence of grade A or B, or two different people and a reason",
    ),
    ("i2_evidence_message_serves_one_case", "", "I2: a message proves one case and no other"),
    ("i2_signature_serves_one_case", "", "I2: a signature proves one case and no other"),
    ("i3_drafts_once", "drafts.business_key", "I3: this draft exists already"),
    ("i3_tickets_once", "tickets.business_key", "I3: this ticket exists already"),
    ("drafts_token_key", "drafts.token", "I2: a reply token is used once"),
)

_SQLITE: tuple[tuple[str, str], ...] = (
    ("database is locked", "the database {place} is locked by another program; end that program, or try again"),
    ("database or disk is full", "the disk that holds the database {place} is full; free some space, nothing was lost"),
    ("unable to open database file", "the database {place} cannot be opened; check that its folder exists and may be written"),
    ("readonly database", "the database {place} may not be written; check the permissions of the file and its folder"),
    ("file is not a database", "{place} is not a SQLite database; check `database` in the configuration"),
    ("malformed", "the database {place} is damaged; restore a backup with `supportbot db restore`"),
    ("disk i/o error", "the disk that holds the database {place} fails; check the disk, then restore a backup if need be"),
)

_POSTGRESQL: tuple[tuple[str, str], ...] = (
    ("password authentication failed", "PostgreSQL refuses the user or password of {place}; check them in the configuration"),
    ("no password supplied", "PostgreSQL wants a password for {place}; put it into `database` in the configuration"),
    ("connection refused", "PostgreSQL does not answer at {place}; check that it runs and listens there"),
    ("no such file or directory", "PostgreSQL does not answer at {place}; check that it runs and listens there"),
    ("could not translate host name", "the host of {place} is not known; check `database` in the configuration"),
    ("failed to resolve host", "the host of {place} is not known; check `database` in the configuration"),
    ("name or service not known", "the host of {place} is not known; check `database` in the configuration"),
    ("timeout expired", "PostgreSQL does not answer at {place} in time; check the network and the server"),
    ("connection timeout", "PostgreSQL does not answer at {place} in time; check the network and the server"),
    ("lock timeout", "another program holds what is needed in the database {place}; try again"),
    ("deadlock detected", "two programs waited for each other in the database {place}; try again"),
    ("could not serialize", "two programs changed the same rows of the database {place}; try again"),
    ("no space left on device", "the disk of PostgreSQL at {place} is full; free some space, nothing was lost"),
    ("read-only transaction", "the database {place} may only be read here"),
    ("server closed the connection", "PostgreSQL at {place} closed the connection; it may be restarting, try again"),
    ("terminating connection", "PostgreSQL at {place} closed the connection; it may be restarting, try again"),
    ("the connection is closed", "PostgreSQL at {place} closed the connection; it may be restarting, try again"),
    ("permission denied", "the user of {place} lacks a permission in PostgreSQL; grant it, or use the owner of the tables"),
)


def translate(context: ExceptionContext, place: str) -> StoreError | None:
    """The error to raise instead of the driver's; None leaves it as it is, for what is no fault of the database."""
    if context.is_pre_ping:
        return None
    error = context.original_exception
    if isinstance(error, sqlite3.Error) or _is_postgresql(error):
        return describe(error, place)
    return None


def describe(error: BaseException, place: str) -> StoreError:
    """One sentence for a driver's error (PEP 249); `place` is the database's URL without its password."""
    said = " ".join(str(error).split())
    if isinstance(error, sqlite3.IntegrityError) or _is_postgresql(error, "IntegrityError"):
        return StoreRefusal(f"refused by the database: {_refusal(error, said)}")
    low = said.casefold()
    if "does not exist" in low and "database" in low and "table" not in low:
        return StoreError(f"there is no database {place} on the server; create it, or check `database` in the configuration")
    known = _SQLITE if isinstance(error, sqlite3.Error) else _POSTGRESQL
    for words, sentence in known:
        if words in low:
            return StoreError(sentence.format(place=place))
    return StoreError(f"the database {place} failed: {said}")


def _refusal(error: BaseException, said: str) -> str:
    name = ""
    if _is_postgresql(error):
        diagnosis = error.diag
        name, said = diagnosis.constraint_name or "", diagnosis.message_primary or said
    for constraint, in_sqlite, sentence in _REFUSALS:
        if name == constraint or (in_sqlite and not name and said.endswith(in_sqlite)):
            return sentence
    return said


def _is_postgresql(error: BaseException | None, kind: str = "Error") -> "TypeGuard[psycopg.Error]":
    """Whether an error is one of psycopg, which is loaded only where a database is on PostgreSQL: it takes its time."""
    loaded = sys.modules.get("psycopg")
    return loaded is not None and isinstance(error, getattr(loaded, kind))


def busy(place: str) -> StoreError:
    """The error when every connection of this program is in use."""
    return StoreError(f"all connections of this program to the database {place} are in use; try again")
