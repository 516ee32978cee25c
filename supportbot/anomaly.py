"""What the records say around a credit memo as it opens, for the flags of casework.anomalies."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal

from supportbot.casework.anomalies import Flag, Limits, Signals, look, own_words
from supportbot.casework.chain import VerifiedChain
from supportbot.drafting.vocabulary import ANSWERS
from supportbot.errors import MissingMail
from supportbot.judgement import House, seller_addresses
from supportbot.mail.addresses import read_addresses
from supportbot.mail.headers import read_header_block
from supportbot.mail.message import same_address
from supportbot.mail.origin import networks_of_origin
from supportbot.store import CaseRow, Transaction

_MOST_MAILS = 20  # of a case, whose origin is compared


def look_around(
    tx: Transaction, case: CaseRow, proof: VerifiedChain, amount: Decimal, house: House, now: datetime, *, message_id: int
) -> tuple[Flag, ...]:
    """The flags of the memo that `proof`, brought by the message `message_id`, has just opened."""
    order, answer, given = proof.order, proof.answer, house.settings.anomalies
    sellers = seller_addresses(order, house.settings)
    issued, lately = tx.memos_of_seller(order.seller.id or "", now - timedelta(days=given.within_days))
    sent_at = proof.notice.sent_at
    known = (*order.buyer.addresses, *sellers, *house.own_addresses)
    signals = Signals(
        amount=amount,
        seller_memos=issued,
        seller_memos_lately=max(lately - 1, 0),  # the memo has opened already
        buyers_other_sellers=tuple(tx.other_sellers_of_buyer(order.buyer.addresses, order.seller.id or "")),
        answered_after=answer.at - sent_at if answer.at and sent_at else None,
        buyer_domain=_domain(answer.sender),
        seller_domains=tuple(map(_domain, sellers)),
        same_words=tuple(tx.cases_accepted_in(answer.text, case.id)),
        own_words=own_words(answer.text, tuple(ANSWERS.values())),
        domains=(_domain(answer.sender), *map(_domain, answer.to)),
        known_domains=tuple(map(_domain, known)),
        networks=answer.networks,
        seller_networks=_networks(tx, case, message_id, sellers) if answer.networks else frozenset(),
    )
    limits = Limits(
        amount_over=Decimal(given.amount_over),
        first_memo_over=Decimal(given.first_memo_over),
        memos_per_seller=given.memos_per_seller,
        answer_within=timedelta(minutes=given.answer_within_minutes),
        words_at_least=given.words_at_least,
    )
    return look(signals, limits)


def _networks(tx: Transaction, case: CaseRow, message_id: int, sellers: Sequence[str]) -> frozenset[str]:
    """From where the seller's newest mails of a case, and the chain itself, were handed in."""
    rows = [*tx.messages(case_id=case.id, limit=_MOST_MAILS), *filter(None, (tx.message(message_id),))]
    found: set[str] = set()
    for row in rows:
        with suppress(MissingMail):  # what is erased tells nothing
            fields = read_header_block(tx.raw(row.sha256)).fields
            authors = [
                box.address for name, value in fields if name.lower() == "from" for box in read_addresses(value).mailboxes
            ]
            if any(same_address(author, seller) for author in authors for seller in sellers):
                found |= networks_of_origin(fields)
    return frozenset(found)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()
