"""Stored mail as it was known when it was decided: with the keys of that day, and with what people have said of it since."""

from supportbot.casework.facts import Kind
from supportbot.correction import Said
from supportbot.judgement import House
from supportbot.proof import Letter, Reader, examine
from supportbot.store.rows import MessageRow
from supportbot.store.store import Transaction


def opened_again(tx: Transaction, row: MessageRow, house: House, read: Reader) -> Letter:
    """A stored mail examined again, without asking DNS: a signature is worth what it was worth at its receipt.

    Raises `MissingMail` where its octets are gone, and what `read` raises.
    """
    kept = {check.key_name: check for check in tx.checks_of(row.id) if check.key_name and check.key}

    def key_from(source: str, name: str) -> str | None:
        check = kept.get(name.casefold())
        return check.key if check is not None and check.key_source == source else None

    return examine(
        tx.raw(row.sha256),
        row.received,
        read=read,
        key_of=lambda name: key_from("dns", name),
        trusted_authserv_ids=house.trusted_in(row.mailbox),
        archived=lambda name: key_from("archive", name),
    )


def said_of(tx: Transaction, message_id: int) -> Said | None:
    """What people say of a message: what it is, and where it belongs; None where they have said nothing."""
    said = tx.corrections_of(message_id)
    row = tx.message(message_id) if tx.is_placed(message_id) else None
    thread = tx.threads([row.thread_id]).get(row.thread_id) if row and row.thread_id else None
    if said:
        return Said(said[0].made_by, Kind(said[0].kind), said[0].facts, thread)
    return Said("A person", thread=thread) if thread else None
