"""What the records say around a credit memo as it opens, for the flags of casework.anomalies."""

from datetime import datetime, timedelta
from decimal import Decimal

from supportbot.casework.anomalies import Flag, Limits, Signals, look, own_words
from supportbot.casework.chain import VerifiedChain
from supportbot.drafting.vocabulary import ANSWERS
from supportbot.judgement import House, seller_addresses
from supportbot.store import CaseRow, Transaction


def look_around(
    tx: Transaction, case: CaseRow, proof: VerifiedChain, amount: Decimal, house: House, now: datetime
) -> tuple[Flag, ...]:
    """The flags of the memo that `proof` has just opened."""
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
    )
    limits = Limits(
        amount_over=Decimal(given.amount_over),
        first_memo_over=Decimal(given.first_memo_over),
        memos_per_seller=given.memos_per_seller,
        answer_within=timedelta(minutes=given.answer_within_minutes),
        words_at_least=given.words_at_least,
    )
    return look(signals, limits)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()
