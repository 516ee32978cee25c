"""What is odd about a credit memo that its proof allows: flags that a person has to look at before it is issued.

A flag refuses nothing and accuses nobody: honest memos raise some. Each check of CHECKS names what it saw.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from supportbot.mail.addresses import normal_domain

FLAGS: dict[str, str] = {
    "AMOUNT_LARGE": "the amount is over the limit from which a person looks",
    "SELLER_NEW": "the seller has had no credit memo yet, and this one is not small",
    "SELLER_OFTEN": "the seller has had many credit memos lately",
    "BUYER_ELSEWHERE": "the same buyer has accepted re-bills of other sellers",
    "ANSWER_QUICK": "the answer came within minutes, from the seller's own domain or network",
    "WORDS_TWICE": "another case was accepted in the very same words",
    "DOMAIN_LOOKALIKE": "a domain in the chain looks like that of a party, and is another one",
}
"""Every flag, and the sentence shown to people."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is odd; see the settings under `anomalies`."""

    amount_over: Decimal
    first_memo_over: Decimal
    memos_per_seller: int
    answer_within: timedelta
    words_at_least: int


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known around a memo as it opens."""

    amount: Decimal
    seller_memos: int  # issued before, ever
    seller_memos_lately: int  # opened within the time that the settings name, this one not counted
    buyers_other_sellers: tuple[str, ...]  # with whom this buyer has acceptances
    answered_after: timedelta | None  # since the notice
    buyer_domain: str
    seller_domains: tuple[str, ...]
    same_words: tuple[str, ...]  # cases that were accepted in these words
    own_words: int  # how many of the answer's words are not the sentence that we ask for
    domains: tuple[str, ...] = ()  # of everybody who wrote a part of the chain
    known_domains: tuple[str, ...] = ()  # of the order's parties and of ourselves
    networks: frozenset[str] = frozenset()  # from which the answer was handed in
    seller_networks: frozenset[str] = frozenset()  # and the seller's mail


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing for a person to look at, and what shows it."""

    code: str
    evidence: str


def _amount(signals: Signals, limits: Limits) -> Iterator[Flag]:
    if signals.amount > limits.amount_over:
        yield Flag("AMOUNT_LARGE", f"{signals.amount}, limit {limits.amount_over}")


def _new_seller(signals: Signals, limits: Limits) -> Iterator[Flag]:
    if signals.seller_memos == 0 and signals.amount > limits.first_memo_over:
        yield Flag("SELLER_NEW", f"{signals.amount}, limit for a first memo {limits.first_memo_over}")


def _rate(signals: Signals, limits: Limits) -> Iterator[Flag]:
    if signals.seller_memos_lately >= limits.memos_per_seller:
        yield Flag("SELLER_OFTEN", f"{signals.seller_memos_lately} before this one, limit {limits.memos_per_seller}")


def _buyer(signals: Signals, _limits: Limits) -> Iterator[Flag]:
    if signals.buyers_other_sellers:
        yield Flag("BUYER_ELSEWHERE", "sellers " + ", ".join(signals.buyers_other_sellers))


def _quick(signals: Signals, limits: Limits) -> Iterator[Flag]:
    shared = {signals.buyer_domain} & {*signals.seller_domains} - {""} or signals.networks & signals.seller_networks
    if shared and signals.answered_after is not None and signals.answered_after <= limits.answer_within:
        minutes = int(signals.answered_after.total_seconds() // 60)
        yield Flag("ANSWER_QUICK", f"{', '.join(sorted(shared))}: {minutes} minutes after the notice")


def _words(signals: Signals, limits: Limits) -> Iterator[Flag]:
    if signals.same_words and signals.own_words >= limits.words_at_least:
        yield Flag("WORDS_TWICE", "cases " + ", ".join(signals.same_words))


def _lookalike(signals: Signals, _limits: Limits) -> Iterator[Flag]:
    for domain in dict.fromkeys(signals.domains):
        for known in dict.fromkeys(signals.known_domains):
            if normal_domain(domain) != normal_domain(known) and skeleton(domain) == skeleton(known):
                yield Flag("DOMAIN_LOOKALIKE", f"{domain} looks like {known}")
                return


CHECKS: tuple[Callable[[Signals, Limits], Iterator[Flag]], ...] = (
    _amount,
    _new_seller,
    _rate,
    _buyer,
    _quick,
    _words,
    _lookalike,
)


def look(signals: Signals, limits: Limits) -> tuple[Flag, ...]:
    """Every flag that the signals raise, in the order of CHECKS."""
    return tuple(flag for check in CHECKS for flag in check(signals, limits))


def own_words(text: str, asked: Sequence[str]) -> int:
    """How many words of an answer are not those of a sentence that we asked for."""
    folded = " ".join(text.casefold().split())
    for sentence in asked:
        folded = folded.replace(" ".join(sentence.casefold().split()), " ")
    return len(folded.split())


_CONFUSABLE = str.maketrans(
    "аеорсухіјѕԁһӏԛԝьнкмтвгпиαοερτυικνχωµɑɡıłøđ01",
    "aeopcyxijsdhlqwbhkmtbrnuaoeptuiknxwuagilodol",
)
"""Small letters and digits that look like a Latin one (from Unicode UTS 39, confusables.txt; what occurs in domains)."""


def skeleton(domain: str) -> str:
    """What a domain looks like (after UTS 39 section 4): equal for two that a reader may take for one another."""
    labels = []
    for label in domain.strip().casefold().rstrip(".").split("."):
        if label.startswith("xn--"):
            with suppress(UnicodeError):
                label = label[4:].encode("ascii").decode("punycode")
        labels.append(label)
    seen = unicodedata.normalize("NFKD", ".".join(labels)).casefold().translate(_CONFUSABLE)
    seen = "".join(char for char in seen if unicodedata.category(char) not in {"Mn", "Cf"})
    return seen.replace("rn", "m").replace("vv", "w").replace("cl", "d").replace("-", "")
