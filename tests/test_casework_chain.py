"""A chain is proof only when every check passes: each defect from the smallest change to an honest chain, and the seal."""

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.casework.chain import (
    DEFECTS,
    ChainDefect,
    ConfirmationChain,
    Grade,
    LaterWords,
    Link,
    Notice,
    VerifiedChain,
    Weight,
    confirm_by_two,
    notice_lacks,
    verify_chain,
)
from supportbot.casework.credit import credit_memo
from supportbot.casework.facts import Answer
from supportbot.casework.order import Buyer, Marketplace, Order, OrderLine, Seller, Shipment
from supportbot.mail.message import DkimVerdict

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
BUYER, SELLER, SUPPORT = "ann@buyer.example", "post@shop.example", "support@club.example"
NOTICE_ID, TOKEN = "<notice@club.example>", "ab" * 16
GOOD = DkimVerdict("pass", "buyer.example", aligned=True, signature_sha256="5f")
YES, NO, CONDITIONAL, UNCLEAR = Answer.YES, Answer.NO, Answer.CONDITIONAL, Answer.UNCLEAR
TEXT = "Your order PO-1 was cancelled, but it has shipped. UPS 1Z999. Your account will be re-billed."

ORDER = Order(
    Marketplace.MEMBER_CLUB,
    "PO-1",
    (OrderLine("1", quantity=2, cancelled_quantity=2, left_warehouse_quantity=2, unit_price=Decimal("49.90")),),
    currency="USD",
    buyer=Buyer("Ann", BUYER),
    seller=Seller("s-1", "Shop", (SELLER,)),
    shipments=(Shipment("UPS", "1Z999", NOW - timedelta(days=3), confirmed=True),),
)
SENT = Notice("sent", TEXT, NOW - timedelta(days=2), NOTICE_ID, "PO-1", (BUYER,), TOKEN)
ATTACHED = Link(
    message_id="<answer@buyer.example>",
    sender=BUYER,
    how="attached",
    text="I accept the item and the re-billing.",
    at=NOW - timedelta(days=1),
    dkim=GOOD,
    accepts_item=YES,
    accepts_rebill=YES,
    tier=1,
    references=(NOTICE_ID,),
    token=TOKEN,
    to=(f"support+{TOKEN}@club.example",),
    raw_sha256="aa",
)
DIRECT = replace(ATTACHED, how="direct", authenticated=True)
HONEST = ConfirmationChain(
    order=ORDER,
    links=(ATTACHED,),
    notices=(SENT,),
    received=NOW,
    cover=SELLER,
    cover_authenticated=True,
    insiders=(SUPPORT, SELLER),
    issued_ids=frozenset({NOTICE_ID}),
    issued_tokens=frozenset({TOKEN}),
)


def answered(**changes: Any) -> ConfirmationChain:
    """The honest chain with another answer in it."""
    return replace(HONEST, links=(replace(ATTACHED, **changes),))


def ordered(**changes: Any) -> ConfirmationChain:
    """The honest chain about another order."""
    return replace(HONEST, order=replace(ORDER, **changes))


def noticed(**changes: Any) -> ConfirmationChain:
    """The honest chain with another notice."""
    return replace(HONEST, notices=(replace(SENT, **changes),))


def signed(result: Any, *reasons: str, aligned: bool = True, domain: str = "buyer.example") -> ConfirmationChain:
    """The honest chain with another verdict on the buyer's signature."""
    return answered(dkim=DkimVerdict(result, domain, aligned=aligned, reasons=reasons))


def codes(chain: ConfirmationChain) -> list[str]:
    return [defect.code for defect in verify_chain(chain).defects]


def verdict(chain: ConfirmationChain) -> tuple[str, Grade]:
    found = verify_chain(chain)
    return found.verdict, found.grade


# The seller wrote the notice, and the buyer answered the seller.
SELLERS_OWN = replace(
    answered(token=None, to=(SELLER,)),
    issued_ids=frozenset(),
    issued_tokens=frozenset(),
    notices=(replace(SENT, how="attached", token=None),),
)


# -- honest chains -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chain", "grade"),
    [
        (HONEST, Grade.B),
        (replace(HONEST, links=(DIRECT,), cover=None, cover_authenticated=None), Grade.A),
        (replace(HONEST, cover_authenticated=None), Grade.B),  # an unsigned cover: what pays is the signature inside
        (answered(how="inline", same_as_held=Grade.A, dkim=DkimVerdict("none", None, aligned=False)), Grade.A),
        (SELLERS_OWN, Grade.B),
    ],
    ids=["attached", "direct", "unsigned cover", "inline of a mail we hold", "the seller sent the notice"],
)
def test_an_honest_chain_is_verified(chain: ConfirmationChain, grade: Grade) -> None:
    found = verify_chain(chain)

    assert (found.verdict, found.grade, found.defects) == ("verified", grade, ())
    assert found.proof is not None
    assert (found.proof.order, found.proof.answer.sender, found.proof.notice.text) == (ORDER, BUYER, TEXT)
    assert found.why == f"Proved, grade {grade}: the buyer accepts the item and the re-billing."


def test_the_acceptance_may_be_spread_over_proved_messages() -> None:
    item = replace(ATTACHED, accepts_rebill=None, at=NOW - timedelta(hours=30))
    rebill = replace(ATTACHED, accepts_item=UNCLEAR)

    found = verify_chain(replace(HONEST, links=(rebill, item)))

    assert (found.verdict, found.deciding) == ("verified", (item, rebill))


def test_what_came_before_the_words_that_decide_need_not_be_proved() -> None:
    pasted = replace(ATTACHED, how="inline", accepts_rebill=UNCLEAR, at=NOW - timedelta(hours=30))

    assert verdict(replace(HONEST, links=(pasted, ATTACHED))) == ("verified", Grade.B)
    assert verdict(replace(HONEST, links=(ATTACHED, replace(pasted, at=NOW)))) == ("claimed", Grade.D)


# -- every defect ------------------------------------------------------------------------------------------------------

EARLIER = ATTACHED
LATER_NO = replace(ATTACHED, accepts_item=None, accepts_rebill=NO, at=NOW - timedelta(hours=1), raw_sha256="bb")

PROVOKED: dict[str, tuple[ConfirmationChain, str, Grade]] = {
    "ORDER_UNKNOWN": (replace(HONEST, order=None), "insufficient", Grade.D),
    "ORDER_AMBIGUOUS": (replace(HONEST, order=None, orders_named=2), "insufficient", Grade.D),
    "ORDER_NOT_REBILLABLE": (ordered(marketplace=Marketplace.AMAZON), "rejected", Grade.B),
    "SELLER_MISMATCH": (replace(HONEST, cover="x@rival.example"), "rejected", Grade.B),
    "SELLER_UNPROVED": (replace(HONEST, cover_authenticated=False), "claimed", Grade.B),
    "COVER_CLAIMS_MORE": (replace(HONEST, cover_text="Please credit 150,00 EUR", worth=Decimal("99.80")), "claimed", Grade.B),
    "NOT_CANCELLED_AND_SHIPPED": (
        ordered(lines=(OrderLine("1", quantity=2, cancelled_quantity=2, left_warehouse_quantity=0),)),
        "rejected",
        Grade.B,
    ),
    "UNITS_UNKNOWN": (ordered(lines=(OrderLine("1", quantity=2, cancelled_quantity=2),)), "claimed", Grade.B),
    "NOTICE_MISSING": (replace(HONEST, notices=()), "insufficient", Grade.B),
    "NOTICE_INCOMPLETE": (noticed(text="Your order was cancelled, but it has shipped by UPS 1Z999."), "insufficient", Grade.B),
    "NOTICE_NAMES_LESS": (
        replace(noticed(text=f"{TEXT} That is 10.00 USD."), worth=Decimal("99.80")),
        "claimed",
        Grade.B,
    ),
    "NOTICE_OTHER_CURRENCY": (noticed(text=f"{TEXT} That is 99.80 GBP."), "claimed", Grade.B),
    "ANSWER_MISSING": (replace(HONEST, links=()), "insufficient", Grade.D),
    "ANSWER_NOT_BUYER": (answered(sender="cousin@buyer.example"), "rejected", Grade.D),
    "ANSWER_BEFORE_NOTICE": (answered(at=NOW - timedelta(days=2, minutes=6)), "rejected", Grade.B),
    "ANSWER_OTHER_ORDER": (answered(order_ids=("PO-2",)), "rejected", Grade.B),
    "ANSWER_NOT_LINKED": (answered(references=(), token=None, to=(SUPPORT,)), "claimed", Grade.B),
    "ANSWER_ELSEWHERE": (
        replace(answered(to=("friend@else.example",), token=None), issued_tokens=frozenset()),
        "claimed",
        Grade.B,
    ),
    "ANSWER_AUTOMATED": (answered(automated=True), "insufficient", Grade.B),
    "ITEM_NOT_ACCEPTED": (answered(accepts_item=UNCLEAR), "insufficient", Grade.B),
    "REBILL_NOT_ACCEPTED": (answered(accepts_rebill=CONDITIONAL), "insufficient", Grade.B),
    "CONSENT_NOT_PROVED": (answered(tier=2), "claimed", Grade.B),
    "CONSENT_BARE": (answered(bare_assent=True), "claimed", Grade.B),
    "BOUNDARY_UNCERTAIN": (answered(boundary_certain=False), "claimed", Grade.B),
    "SECOND_THOUGHTS": (
        replace(HONEST, later_words=LaterWords(NOW - timedelta(hours=1), proved=False, refuses=True)),
        "claimed",
        Grade.B,
    ),
    "MAIL_UNREAD": (replace(HONEST, unread=(7,)), "claimed", Grade.B),
    "WITHDRAWN": (replace(HONEST, links=(EARLIER, LATER_NO)), "rejected", Grade.B),
    "ALTERED": (signed("fail", "body-changed"), "rejected", Grade.E),
    "CONTRADICTORY": (signed("pass", "not-aligned", aligned=False, domain="attacker.example"), "rejected", Grade.E),
    "UNAUTHENTICATED": (replace(HONEST, links=(replace(DIRECT, authenticated=False),), cover=None), "claimed", Grade.D),
    "RELAY_ONLY": (answered(relay=True), "claimed", Grade.C),
    "INLINE_ONLY": (answered(how="inline"), "claimed", Grade.D),
    "KEY_UNAVAILABLE": (signed("key_unavailable", "key-unavailable"), "claimed", Grade.D),
    "KEY_ARCHIVED": (answered(dkim=replace(GOOD, key_source="archive")), "claimed", Grade.C),
    "UNSIGNED": (signed("none"), "claimed", Grade.D),
    "SIGNATURE_WEAK": (signed("fail", "body-length-limit"), "claimed", Grade.D),
    "TOO_OLD": (signed("fail", "signed-too-long-ago"), "claimed", Grade.D),
    "EVIDENCE_USED": (replace(HONEST, used_evidence=frozenset({"5f"})), "rejected", Grade.B),
}


@pytest.mark.parametrize("code", PROVOKED)
def test_each_defect_comes_from_one_change_to_an_honest_chain(code: str) -> None:
    chain, outcome, grade = PROVOKED[code]
    found = verify_chain(chain)

    assert code in [defect.code for defect in found.defects]
    assert (found.verdict, found.grade, found.proof) == (outcome, grade, None)
    assert found.why.startswith(outcome.capitalize())
    assert all(defect.detail for defect in found.defects)


def test_no_defect_is_left_untried() -> None:
    assert PROVOKED.keys() == DEFECTS.keys()


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        (signed("fail", "signature-invalid", "signed-too-long-ago"), ("ALTERED", Grade.E)),
        (signed("fail", "duplicate-subject"), ("ALTERED", Grade.E)),
        (signed("fail", "unsigned-subject"), ("SIGNATURE_WEAK", Grade.D)),
        (signed("fail", "key-revoked"), ("KEY_UNAVAILABLE", Grade.D)),
        (signed("fail", "signature-expired"), ("TOO_OLD", Grade.D)),
        (answered(contradiction="duplicate-from"), ("CONTRADICTORY", Grade.E)),
        (answered(relay=True, dkim=replace(GOOD, aligned=False)), ("RELAY_ONLY", Grade.C)),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_broken_signature_is_told_from_one_that_proves_too_little(
    chain: ConfirmationChain, expected: tuple[str, Grade]
) -> None:
    assert (*codes(chain), verify_chain(chain).grade) == expected


def test_every_check_runs_and_all_defects_are_listed() -> None:
    chain = replace(answered(tier=3, how="inline", order_ids=("PO-2",)), cover="x@rival.example", notices=())

    assert codes(chain) == ["SELLER_MISMATCH", "NOTICE_MISSING", "ANSWER_OTHER_ORDER", "CONSENT_NOT_PROVED", "INLINE_ONLY"]


@pytest.mark.parametrize(
    ("link", "fine"),
    [
        (DIRECT, True),
        (replace(DIRECT, token=None, to=(SUPPORT,)), False),
        (replace(DIRECT, token="cd" * 16), False),
        (replace(DIRECT, references=()), False),
        (replace(DIRECT, token=None, to=(SUPPORT,), quoted=f"Reply-To: support+{TOKEN}@club.example\n{TEXT}"), True),
        (replace(ATTACHED, token=None, to=(SELLER,)), False),
        (replace(ATTACHED, token=None, to=(SELLER,), quoted=TEXT), False),
        (replace(ATTACHED, how="inline", token=None, references=(), order_ids=("PO-1",)), True),
    ],
)
def test_an_answer_belongs_to_the_case_by_our_message_id_and_the_token_that_only_the_buyer_got(link: Link, fine: bool) -> None:
    assert ("ANSWER_NOT_LINKED" in codes(replace(HONEST, links=(link,)))) is not fine


def test_an_earlier_half_of_the_acceptance_from_before_the_notice_does_not_count() -> None:
    item = replace(ATTACHED, accepts_rebill=None, at=NOW - timedelta(days=3))

    assert "ANSWER_BEFORE_NOTICE" in codes(replace(HONEST, links=(item, replace(ATTACHED, accepts_item=None))))


def test_five_minutes_of_skew_are_allowed_and_a_day_of_it_in_words_without_a_zone() -> None:
    assert codes(answered(at=NOW - timedelta(days=2, minutes=5))) == []
    assert "ANSWER_BEFORE_NOTICE" not in codes(answered(how="inline", at=NOW - timedelta(days=2, hours=14)))
    assert "ANSWER_BEFORE_NOTICE" in codes(answered(how="inline", at=NOW - timedelta(days=2, hours=15)))


def test_accepting_again_after_a_withdrawal_counts() -> None:
    again = replace(ATTACHED, at=NOW)

    assert verdict(replace(HONEST, links=(EARLIER, LATER_NO, again))) == ("verified", Grade.B)


def test_a_bare_yes_counts_where_the_owner_says_so() -> None:
    assert codes(replace(answered(bare_assent=True), bare_assent_counts=True)) == []


answers = st.sampled_from([None, YES, NO, CONDITIONAL, UNCLEAR])
links = st.builds(
    replace,
    st.sampled_from([ATTACHED, DIRECT, replace(ATTACHED, how="inline"), replace(ATTACHED, dkim=replace(GOOD, result="none"))]),
    accepts_item=answers,
    accepts_rebill=answers,
    tier=st.sampled_from([1, 2, 3]),
    automated=st.booleans(),
    bare_assent=st.booleans(),
    at=st.none() | st.integers(-80, 0).map(lambda hours: NOW + timedelta(hours=hours)),
    sender=st.sampled_from([BUYER, BUYER.upper(), "stranger@else.example", SELLER]),
)


@given(st.lists(links, max_size=5).map(tuple))
def test_no_mixture_of_messages_is_verified_without_proved_acceptance_of_both(mixture: tuple[Link, ...]) -> None:
    found = verify_chain(replace(HONEST, links=mixture))
    proved = [
        link
        for link in mixture
        if link.sender.casefold() == BUYER
        and link.tier == 1
        and not link.automated
        and not link.bare_assent
        and (link.how == "direct" or (link.how == "attached" and link.dkim.result == "pass"))
    ]

    assert (found.proof is not None) == (found.verdict == "verified") == (not found.defects and found.grade <= Grade.B)
    if found.verdict == "verified":
        assert any(link.accepts_item is YES for link in proved)
        assert any(link.accepts_rebill is YES for link in proved)


# -- the notice --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        (TEXT, ()),
        (TEXT.replace("1Z999", "1Z 999"), ()),
        (TEXT.replace("UPS", "FedEx"), ("the carrier",)),
        (TEXT.replace("1Z999", ""), ("the tracking number",)),
        ("Hello", ("that it shipped", "that it was cancelled", "the re-billing", "the tracking number", "the carrier")),
        ("Bestellung storniert, aber versandt (UPS 1Z999); Ihr Konto wird erneut belastet.", ()),
    ],
)
def test_a_notice_says_four_things(text: str, lacks: tuple[str, ...]) -> None:
    assert notice_lacks(text, ORDER) == lacks


# -- two people --------------------------------------------------------------------------------------------------------


def confirm(chain: ConfirmationChain, first: str = "alice", second: str = "bob", reason: str = "phoned") -> Any:
    return confirm_by_two(chain, first=first, second=second, reason=reason)


def test_two_people_can_confirm_a_claimed_chain_with_a_reason() -> None:
    proof = confirm(PROVOKED["INLINE_ONLY"][0])

    assert isinstance(proof, VerifiedChain)
    assert (proof.grade, proof.confirmed_by, proof.second_person, proof.reason) == (Grade.D, "alice", "bob", "phoned")


@pytest.mark.parametrize(("first", "second", "reason"), [("alice", "alice", "x"), ("", "bob", "x"), ("alice", "bob", "  ")])
def test_one_person_or_no_reason_is_not_enough(first: str, second: str, reason: str) -> None:
    refused = confirm(PROVOKED["INLINE_ONLY"][0], first, second, reason)

    assert refused == ChainDefect("CONSENT_NOT_PROVED", "two different people and a reason are needed")


@pytest.mark.parametrize("code", [code for code, (weight, _) in DEFECTS.items() if weight is not Weight.DOUBTS])
def test_nobody_can_confirm_what_is_rejected_or_insufficient(code: str) -> None:
    assert isinstance(confirm(PROVOKED[code][0]), ChainDefect)


def test_what_is_verified_needs_nobody() -> None:
    proof = confirm(HONEST, "", "", "")

    assert isinstance(proof, VerifiedChain)
    assert proof.confirmed_by is None


# -- the seal ----------------------------------------------------------------------------------------------------------


def proved() -> VerifiedChain:
    proof = verify_chain(HONEST).proof
    assert proof is not None
    return proof


FORGERIES: dict[str, Callable[[], object]] = {
    "made directly": lambda: VerifiedChain(ORDER, Grade.A, ATTACHED, SENT),
    "made with a seal of one's own": lambda: VerifiedChain(ORDER, Grade.A, ATTACHED, SENT, seal=object()),
    "made with the seal of a proof": lambda: VerifiedChain(ORDER, Grade.A, ATTACHED, SENT, seal=proved().seal),
    "another order put in": lambda: replace(proved(), order=replace(ORDER, order_id="PO-2")),
    "replaced by the same": lambda: replace(proved()),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_only_verify_chain_makes_a_proof(forge: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match="made by verify_chain alone"):
        forge()


def test_a_proof_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        proved().order = replace(ORDER, order_id="PO-2")  # type: ignore[misc]


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda proof: pickle.loads(pickle.dumps(proof))])
def test_a_copy_of_a_proof_proves_the_same_and_no_more(again: Callable[[VerifiedChain], VerifiedChain]) -> None:
    assert again(proved()) == proved()


def test_a_subclass_is_no_proof() -> None:
    class Pretended(VerifiedChain):
        def __post_init__(self) -> None:
            """Breaks the seal."""

    with pytest.raises(TypeError, match="needs a VerifiedChain"):
        credit_memo(Pretended(ORDER, Grade.A, ATTACHED, SENT))


def test_an_unfinished_proof_pays_nothing() -> None:
    with pytest.raises(AttributeError):
        credit_memo(object.__new__(VerifiedChain))


@pytest.mark.parametrize(
    "note",
    ["Please credit $99.80 for PO-1.", "99.80 USD, as agreed. The customer accepted.", "Tracking 1Z999, 2 units, call 150.00"],
)
def test_a_cover_note_that_claims_no_more_than_the_order_is_no_defect(note: str) -> None:
    assert verify_chain(replace(HONEST, cover_text=note, worth=Decimal("99.80"))).verdict == "verified"
