"""The test vectors of the policies that concern decisions: an order and a reading in, a decision out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from time import perf_counter
from typing import Any

import pytest

from supportbot.casework.facts import Answer, Evidence, Kind, MessageFacts, Reading, Role
from supportbot.casework.order import Alert, Marketplace, Order, OrderLine, Seller, Shipment
from supportbot.casework.policy import Decision, decide
from supportbot.casework.situation import is_standard_subject, situation_facts
from supportbot.rulebook import Rulebook, default_folder, load_rulebook

NOW = datetime(2024, 3, 1, 9, tzinfo=UTC)
YES, NO, CONDITIONAL, UNCLEAR = Answer.YES, Answer.NO, Answer.CONDITIONAL, Answer.UNCLEAR
STANDARD = "Re: Order cancellation request from Amazon customer Kim"


@cache
def rulebook() -> Rulebook:
    return load_rulebook(default_folder("rules"))


def reading(kind: Kind, *, needs_person: bool = False, abstained: bool = False, **facts: Any) -> Reading:
    return Reading(kind, 0.99, abstained, needs_person, MessageFacts(**facts))


def decided(found: Reading, order: Order | None, marketplace: Marketplace | None = None, **more: Any) -> Decision:
    received = more.pop("received", NOW)
    policy = rulebook().policy_for(marketplace or (order.marketplace if order else None), received)
    assert policy is not None
    return decide(policy, situation_facts(reading=found, order=order, received=received, **more), received)


def member(**fields: Any) -> Order:
    line = {name: fields.pop(name) for name in list(fields) if name.endswith("quantity")}
    return Order(Marketplace.MEMBER_CLUB, "PO-1", (OrderLine("1", quantity=line.pop("quantity", 10), **line),), **fields)


def amazon(**fields: Any) -> Order:
    fields.setdefault("lines", (OrderLine("1", asin="B01", quantity=1),))
    fields.setdefault("placed_at", NOW - timedelta(hours=3))
    return Order(Marketplace.AMAZON, "112-1", **fields)


PARCEL = (Shipment("UPS", "1Z999", confirmed=True),)
UNSHIPPED = {"status": "Unshipped"}


# --- member club --------------------------------------------------------------------------------------------------------------
def test_ten_ordered_three_on_the_ship_notice_leaves_seven_cancelled_that_are_not_reopened() -> None:
    order = member(shipped_quantity=3, shipments=PARCEL)
    decision = decided(reading(Kind.SELLER_INQUIRY), order)

    assert (decision.action, decision.rule, decision.template) == ("tell_new_order", "M-08", "m_new_order_needed")
    assert "M-07" in decision.fired


@pytest.mark.parametrize("cancelled", [7, None])
def test_ten_ordered_three_on_the_notice_but_ten_gone_is_a_case_for_seven_units(cancelled: int | None) -> None:
    order = member(shipped_quantity=3, cancelled_quantity=cancelled, left_warehouse_quantity=10, shipments=PARCEL)
    report = reading(Kind.SHIPPED_CANCELLED_REPORT, scope="partial")
    decision = decided(report, order)

    assert situation_facts(reading=report, order=order, received=NOW)["order.cancelled_and_shipped"] == 7
    assert (decision.action, decision.rule, decision.to) == ("send_rebill_notice", "M-20", "buyer")
    assert {"M-20", "M-21", "M-22", "M-23", "M-07"} <= set(decision.fired)


def test_a_notice_waits_for_carrier_and_tracking_number() -> None:
    order = member(status="cancelled", despatched=True, cancelled_quantity=10)
    decision = decided(reading(Kind.SHIPPED_CANCELLED_REPORT), order)

    assert (decision.action, decision.missing) == ("ask_for_facts", ("shipment.tracking_number", "shipment.carrier"))
    assert decision.to == "seller"


@pytest.mark.parametrize(
    ("item", "rebill", "more", "action", "rule"),
    [
        (YES, YES, {}, "record_acknowledgement", "M-24"),
        (YES, UNCLEAR, {}, "clarify_acceptance", "M-24"),
        (YES, None, {}, "clarify_acceptance", "M-24"),
        (UNCLEAR, YES, {}, "clarify_acceptance", "M-24"),
        (UNCLEAR, UNCLEAR, {"bare_assent": True}, "clarify_acceptance", "M-24"),
        (YES, CONDITIONAL, {}, "clarify_acceptance", "M-24"),
        (YES, YES, {"bare_assent": True}, "review", "M-24"),
        (NO, NO, {}, "close_no_memo", "M-28"),
        (YES, NO, {}, "close_no_memo", "M-28"),
    ],
)
def test_the_buyers_answer_to_the_notice(
    item: Answer | None, rebill: Answer | None, more: dict[str, Any], action: str, rule: str
) -> None:
    answer = reading(Kind.REBILL_REPLY, accepts_item=item, accepts_rebill=rebill, sender_role=Role.BUYER, **more)
    decision = decided(answer, member(), sender_verified=True, case_state="AWAITING_ACK")

    assert (decision.action, decision.rule) == (action, rule)
    assert decision.needs_person == (action == "review")


def test_a_bare_yes_counts_where_the_owner_says_so() -> None:
    answer = reading(Kind.REBILL_REPLY, accepts_item=YES, accepts_rebill=YES, bare_assent=True)

    assert decided(answer, member(), sender_verified=True, bare_assent="accept").action == "record_acknowledgement"


def test_an_acceptance_that_is_read_but_not_proved_moves_nothing() -> None:
    answer = reading(Kind.REBILL_REPLY, needs_person=True, accepts_item=YES, accepts_rebill=YES)

    assert decided(answer, member(), sender_verified=True).action == "review"


@pytest.mark.parametrize("verified", [False, None])
def test_an_acceptance_from_an_unproved_sender_needs_a_person(verified: bool | None) -> None:
    answer = reading(Kind.REBILL_REPLY, accepts_item=YES, accepts_rebill=YES)
    decision = decided(answer, member(), sender_verified=verified)

    assert (decision.action, decision.needs_person) == ("record_acknowledgement", True)


def test_an_answer_from_another_address_is_asked_for_again_at_the_orders_address() -> None:
    answer = reading(Kind.REBILL_REPLY, accepts_item=YES, accepts_rebill=YES)
    decision = decided(answer, member(), sender_verified=True, sender_is_buyer=False)

    assert (decision.action, decision.rule, decision.to) == ("ask_for_facts", "M-k", "buyer")


@pytest.mark.parametrize("state", ["ACK_RECEIVED", "AWAITING_CHAIN", "CHAIN_VERIFIED", "REBILL_REQUESTED", "REBILL_CONFIRMED"])
def test_a_change_of_mind_before_the_memo_holds_the_case(state: str) -> None:
    answer = reading(Kind.REBILL_REPLY, accepts_item=NO, accepts_rebill=NO)

    assert decided(answer, member(), sender_verified=True, case_state=state).action == "hold"


@pytest.mark.parametrize(
    ("role", "is_buyer"), [(Role.SELLER, False), (Role.SELLER, None), (Role.WAREHOUSE, False), (Role.BUYER, False)]
)
@pytest.mark.parametrize(("item", "rebill"), [(NO, NO), (None, NO), (YES, UNCLEAR), (YES, YES)])
@pytest.mark.parametrize("state", ["ACK_RECEIVED", "CHAIN_MANUAL", "REBILL_REQUESTED", "REBILL_FAILED"])
def test_only_the_buyers_own_words_change_an_acceptance(
    state: str, item: Answer | None, rebill: Answer | None, role: Role, is_buyer: bool | None
) -> None:
    """Billing that could not re-bill, or a seller who asks, takes nothing back; nor does a stranger who writes like a buyer."""
    word = reading(Kind.REBILL_REPLY, accepts_item=item, accepts_rebill=rebill, sender_role=role)
    decision = decided(word, member(), sender_verified=True, sender_is_buyer=is_buyer, case_state=state)

    assert (decision.action, decision.rule, decision.needs_person) == ("review", "M-g", True)
    assert "somebody else writes about it" in decision.why


@pytest.mark.parametrize(("role", "is_buyer"), [(Role.BUYER, True), (Role.BUYER, None), (Role.UNKNOWN, True)])
def test_the_buyers_own_words_take_an_acceptance_back(role: Role, is_buyer: bool | None) -> None:
    back = reading(Kind.REBILL_REPLY, accepts_item=NO, accepts_rebill=NO, sender_role=role)
    vague = reading(Kind.REBILL_REPLY, accepts_item=YES, accepts_rebill=UNCLEAR, sender_role=role)
    about: dict[str, Any] = {"sender_verified": True, "sender_is_buyer": is_buyer, "case_state": "AWAITING_CHAIN"}

    assert decided(back, member(), **about).action == "hold"
    assert "now writes something less clear" in decided(vague, member(), **about).why


@pytest.mark.parametrize(
    ("verdict", "grade", "action"),
    [
        ("verified", "A", "open_credit_memo"),
        ("verified", "B", "open_credit_memo"),
        ("verified", "C", "review"),
        ("claimed", "D", "ask_for_chain"),
        ("claimed", "C", "ask_for_chain"),
        ("insufficient", "B", "ask_for_chain"),
        ("rejected", "E", "reject_chain"),
        (None, None, "review"),
    ],
)
def test_only_a_verified_chain_of_grade_a_or_b_opens_a_credit_memo(verdict: str | None, grade: str | None, action: str) -> None:
    chain = reading(Kind.CONFIRMATION_CHAIN, sender_role=Role.SELLER, accepts_item=YES, accepts_rebill=YES)
    decision = decided(chain, member(), chain_verdict=verdict, chain_grade=grade, case_state="AWAITING_CHAIN")

    assert decision.action == action
    assert decision.needs_person == (verdict not in ("verified", "insufficient") or action == "review")
    expected = [("credit_memo", "awaiting_rebill"), ("rebill_request", "open")] if action == "open_credit_memo" else []
    assert [(ticket.type, ticket.status) for ticket in decision.tickets] == expected


def test_a_decline_inside_the_chain_ends_without_a_memo() -> None:
    chain = reading(Kind.CONFIRMATION_CHAIN, accepts_item=NO, accepts_rebill=NO)
    decision = decided(chain, member(), chain_verdict="insufficient", chain_grade="B")

    assert (decision.action, decision.rule) == ("close_no_memo", "M-28")


def test_a_second_chain_for_an_order_with_a_memo_goes_to_a_person() -> None:
    chain = reading(Kind.CONFIRMATION_CHAIN, accepts_item=YES, accepts_rebill=YES)
    decision = decided(chain, member(), chain_verdict="verified", chain_grade="B", case_state="REBILL_REQUESTED")

    assert (decision.action, decision.tickets) == ("review", ())


@pytest.mark.parametrize(
    ("order", "action", "rule"),
    [
        (member(), "ask_for_facts", "M-02"),
        (member(despatched=True), "enter_tracking", "M-03"),
        (member(despatched=True, shipments=PARCEL), "refuse_shipped_return", "M-a"),
        (member(despatched=False), "advise_cancel", "M-04"),
        (member(despatched=False, seller=Seller(account="terminated")), "review", "M-b"),
    ],
)
def test_a_members_wish_to_cancel_asks_first_whether_it_shipped(order: Order, action: str, rule: str) -> None:
    decision = decided(reading(Kind.CANCEL_STANDARD, scope="whole"), order)

    assert (decision.action, decision.rule) == (action, rule)


def test_a_part_of_one_lines_quantity_cannot_be_cancelled() -> None:
    wish = reading(Kind.CANCEL_NONSTANDARD, scope="partial")

    assert decided(wish, member(despatched=False)).rule == "M-06"


def test_which_part_is_meant_is_asked_where_the_order_leaves_it_open() -> None:
    order = replace(member(despatched=False), lines=(OrderLine("1", quantity=2), OrderLine("2", quantity=3)))
    wish = reading(Kind.CANCEL_NONSTANDARD, scope="partial")
    told = replace(wish, evidence=(Evidence("scope", "2 of them", 0, 9, "scope"),))

    assert decided(wish, order).missing == ("request.part_of_line",)
    assert decided(told, order).rule == "M-06"


@pytest.mark.parametrize("kind", [Kind.AUTO_REPLY, Kind.BOUNCE, Kind.UNRELATED])
def test_machine_mail_and_unrelated_mail_lead_to_nothing(kind: Kind) -> None:
    assert decided(reading(kind), member(), case_state="AWAITING_ACK").action == "none"


# --- brick marketplace --------------------------------------------------------------------------------------------------------
def brick(kind: str = "NPB", *, responded: bool | None = False, by: Any = "seller", **fields: Any) -> Order:
    alert = Alert(kind, by, datetime(2024, 3, 1, tzinfo=UTC), responded)  # type: ignore[arg-type]
    return Order(Marketplace.BRICK_MARKET, "24018833", (OrderLine("1", quantity=1),), alerts=(alert,), **fields)


@pytest.mark.parametrize(
    ("day", "responded", "action", "rule", "option"),
    [
        (6, False, "wait", "B-07", 9),
        (8, False, "wait", "B-07", 9),
        (9, False, "advise_cancel", "B-07", None),
        (9, True, "wait", "B-06", 16),
        (15, True, "wait", "B-06", 16),
        (16, True, "advise_cancel", "B-06", None),
        (10, None, "ask_for_facts", "B-06", None),
    ],
)
def test_the_clock_of_a_non_paying_buyer_alert(
    day: int, responded: bool | None, action: str, rule: str, option: int | None
) -> None:
    received = datetime(2024, 3, day, tzinfo=UTC)
    decision = decided(reading(Kind.ORDER_PROBLEM), brick(responded=responded), received=received)

    assert (decision.action, decision.rule) == (action, rule)
    assert [timer.due.day for timer in decision.timers] == ([option] if option else [])


@pytest.mark.parametrize(
    ("order", "action", "rule"),
    [
        (brick("OCR", by="seller"), "advise_cancel", "B-03"),
        (brick("OCR", by="buyer"), "review", "B-04"),
        (brick("NPX"), "advise_cancel", "B-08"),
        (brick("NSS", by="buyer"), "review", "B-10"),
    ],
)
def test_who_may_cancel_a_problem_order(order: Order, action: str, rule: str) -> None:
    decision = decided(reading(Kind.ORDER_PROBLEM), order)

    assert (decision.action, decision.rule) == (action, rule)


def test_a_cancel_by_nss_returns_no_items_and_credits_no_fee() -> None:
    decision = decided(reading(Kind.ORDER_PROBLEM), brick("NSS", by="buyer", cancelled_by="buyer"))

    assert (decision.action, decision.rule) == ("answer", "B-15")
    assert "B-17" in decision.fired


# --- retail platform ----------------------------------------------------------------------------------------------------------
def retail(**fields: Any) -> Order:
    return Order(Marketplace.RETAIL_PLATFORM, "PO-7", (OrderLine("1", quantity=1),), **fields)


def test_a_retailers_cancel_is_acknowledged_and_no_buyer_is_written_to() -> None:
    decision = decided(reading(Kind.RETAILER_CANCEL, sender_role=Role.RETAILER), retail())

    assert (decision.action, decision.rule, decision.to) == ("acknowledge_cancel", "R-05", "seller")
    assert [(timer.name, timer.due - NOW) for timer in decision.timers] == [
        ("retailer_ack_alert", timedelta(hours=4)),
        ("retailer_ack_escalate", timedelta(days=1)),
    ]


@pytest.mark.parametrize(
    ("supports", "action", "rule"),
    [(None, "ask_retailer", "R-07"), (True, "mark_backordered", "R-06"), (False, "how_to", "R-01")],
)
def test_a_backorder_asks_the_retailer_first(supports: bool | None, action: str, rule: str) -> None:
    decision = decided(reading(Kind.BACKORDER), retail(supports_backorder=supports))

    assert (decision.action, decision.rule) == (action, rule)


# --- fulfilment ---------------------------------------------------------------------------------------------------------------
def warehouse(**fields: Any) -> Order:
    return Order(Marketplace.FULFILMENT, "FW-1", (OrderLine("1", quantity=1),), **fields)


@pytest.mark.parametrize(
    ("order", "action", "rule"),
    [
        (warehouse(sent_to_warehouse=False), "advise_cancel", "W-01"),
        (warehouse(sent_to_warehouse=True, despatched=False), "request_warehouse_cancel", "W-03"),
        (warehouse(sent_to_warehouse=True, despatched=False, picked_packed=False), "request_warehouse_cancel", "W-05"),
        (warehouse(sent_to_warehouse=True, despatched=False, picked_packed=True), "request_warehouse_cancel", "W-03"),
        (
            warehouse(sent_to_warehouse=True, despatched=False, picked_packed=True, status="Awaiting collection"),
            "refuse",
            "W-06",
        ),
        (warehouse(sent_to_warehouse=True, despatched=True), "refuse", "W-04"),
        (warehouse(), "ask_for_facts", "W-04"),
    ],
)
def test_the_four_stages_of_the_warehouse(order: Order, action: str, rule: str) -> None:
    decision = decided(reading(Kind.SELLER_INQUIRY), order)

    assert (decision.action, decision.rule) == (action, rule)


@pytest.mark.parametrize(("outcome", "action"), [("cancelled", "answer"), ("too_late", "refuse"), ("unclear", "review")])
def test_the_warehouses_answer_reaches_the_seller(outcome: str, action: str) -> None:
    assert decided(reading(Kind.CANCEL_OUTCOME, outcome=outcome), warehouse(sent_to_warehouse=True)).action == action


# --- amazon -------------------------------------------------------------------------------------------------------------------
def test_the_official_request_by_the_relay_is_cancelled_without_counting() -> None:
    decision = decided(reading(Kind.CANCEL_STANDARD), amazon(**UNSHIPPED), standard_sender=True, thread_root_subject=STANDARD)

    assert (decision.action, decision.rule, decision.metric_effect) == ("advise_cancel", "A-06", "does_not_count")
    assert decision.checklist[-1] == "First verify in Manage Orders that the order shows the buyer's cancellation request"
    assert decision.policy == "amazon/2022-05"


def test_before_the_change_of_flow_the_official_request_needs_no_look_up() -> None:
    decision = decided(
        reading(Kind.CANCEL_STANDARD),
        amazon(**UNSHIPPED, placed_at=None),
        standard_sender=True,
        thread_root_subject=STANDARD,
        received=datetime(2021, 3, 1, tzinfo=UTC),
    )

    assert (decision.rule, decision.policy) == ("A-06", "amazon/2020")
    assert not any("verify" in step for step in decision.checklist)


def test_a_later_mail_of_an_official_thread_is_still_official() -> None:
    decision = decided(
        reading(Kind.CANCEL_NONSTANDARD), amazon(**UNSHIPPED), standard_sender=True, thread_root_subject=STANDARD
    )

    assert decision.rule == "A-06"
    assert "A-08" in decision.fired


def test_the_orders_own_flag_makes_a_request_official() -> None:
    assert decided(reading(Kind.CANCEL_NONSTANDARD), amazon(**UNSHIPPED, buyer_requested_cancel=True)).rule == "A-06"


@pytest.mark.parametrize("sender", [False, None])
def test_the_official_subject_typed_by_anyone_goes_to_a_person(sender: bool | None) -> None:
    decision = decided(reading(Kind.CANCEL_STANDARD), amazon(**UNSHIPPED), standard_sender=sender, thread_root_subject=STANDARD)

    assert (decision.action, decision.rule) == ("review", "5.1")


def test_an_unsure_reading_goes_to_a_person() -> None:
    assert decided(reading(Kind.CANCEL_STANDARD, abstained=True), amazon(**UNSHIPPED)).action == "review"


@pytest.mark.parametrize(
    ("minutes", "action", "rule"),
    [(180, "ask_official_request", "A-09"), (12, "tell_self_cancel", "A-02"), (31, "ask_official_request", "A-09")],
)
def test_a_buyers_own_words_within_and_after_thirty_minutes(minutes: int, action: str, rule: str) -> None:
    order = amazon(**UNSHIPPED, placed_at=NOW - timedelta(minutes=minutes))
    decision = decided(reading(Kind.CANCEL_NONSTANDARD), order, thread_root_subject="pls cancel")

    assert (decision.action, decision.rule, decision.to, decision.tickets) == (action, rule, "buyer", ())


@pytest.mark.parametrize(
    ("order", "action", "rule"),
    [
        (amazon(**UNSHIPPED, label_generated=True), "refuse_shipped_return", "A-05"),
        (amazon(shipments=PARCEL), "refuse_shipped_return", "A-04"),
        (amazon(status="Pending", channel="seller"), "wait", "A-15"),
        (amazon(channel="mcf", status="Shipping"), "refuse", "A-17"),
    ],
)
def test_an_official_request_yields_to_the_state_of_the_order(order: Order, action: str, rule: str) -> None:
    decision = decided(reading(Kind.CANCEL_STANDARD), order, standard_sender=True, thread_root_subject=STANDARD)

    assert (decision.action, decision.rule) == (action, rule)


def test_without_stock_the_buyer_is_never_asked_to_cancel() -> None:
    decision = decided(reading(Kind.SELLER_INQUIRY, cause="no_inventory"), amazon(**UNSHIPPED))

    assert (decision.action, decision.rule, decision.metric_effect) == ("advise_cancel", "A-10", "counts")
    assert (decision.blocked, decision.template) == (("A-j", "A-09"), "a_no_inventory")


def test_fba_asks_for_asin_and_quantity_before_amazon_is_contacted() -> None:
    order = amazon(channel="fba", **UNSHIPPED, lines=(OrderLine("1"),))
    decision = decided(reading(Kind.SELLER_INQUIRY), order)

    assert (decision.action, decision.rule, decision.missing) == ("ask_for_facts", "A-19", ("order.asins", "order.quantities"))
    assert decided(reading(Kind.SELLER_INQUIRY), amazon(channel="fba", **UNSHIPPED)).action == "contact_marketplace"


@pytest.mark.parametrize(
    ("status", "action", "rule"),
    [("Planning", "advise_cancel", "A-16"), ("Shipping", "refuse", "A-17"), ("Unfulfillable", "tell_new_order", "A-18")],
)
def test_multi_channel_orders_by_status(status: str, action: str, rule: str) -> None:
    decision = decided(reading(Kind.SELLER_INQUIRY), amazon(channel="mcf", status=status))

    assert (decision.action, decision.rule) == (action, rule)


def test_a_part_of_an_order_needs_the_feed_and_an_official_part_needs_a_person() -> None:
    wish = reading(Kind.CANCEL_NONSTANDARD, scope="partial")
    official = reading(Kind.CANCEL_STANDARD, scope="partial")

    assert decided(wish, amazon(**UNSHIPPED)).action == "upload_adjustment"
    assert decided(official, amazon(**UNSHIPPED), standard_sender=True).rule == "A-n"


def test_an_unshipped_order_is_warned_of_the_automatic_cancel() -> None:
    order = amazon(**UNSHIPPED, expected_ship_at=NOW + timedelta(days=4))
    decision = decided(reading(Kind.CANCEL_NONSTANDARD), order)

    assert [(timer.name, (timer.due - NOW).days) for timer in decision.timers] == [
        ("ship_warning_2", 9),
        ("ship_warning_1", 10),
        ("auto_cancel", 11),
    ]


# --- across the systems -------------------------------------------------------------------------------------------------------
def test_an_unknown_order_is_asked_for_before_any_rule_applies() -> None:
    decision = decided(reading(Kind.CANCEL_NONSTANDARD), None)

    assert (decision.action, decision.template, decision.missing) == ("ask_for_facts", "ask_for_order_id", ("order.order_id",))


@pytest.mark.parametrize("marketplace", [m for m in Marketplace if m is not Marketplace.MEMBER_CLUB])
@pytest.mark.parametrize("kind", [Kind.REBILL_REPLY, Kind.CONFIRMATION_CHAIN, Kind.SHIPPED_CANCELLED_REPORT])
def test_the_re_bill_flow_belongs_to_the_member_club_only(marketplace: Marketplace, kind: Kind) -> None:
    order = Order(marketplace, "X-1", (OrderLine("1", quantity=1, cancelled_quantity=1, left_warehouse_quantity=1),))
    found = reading(kind, accepts_item=YES, accepts_rebill=YES)
    decision = decided(found, order, sender_verified=True, chain_verdict="verified", chain_grade="A")

    assert (decision.action, decision.tickets) == ("review", ())


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Order cancellation request from Amazon customer Kim Lee", True),
        ("RE: Fwd: AW[2]: [EXTERNAL] Order  Cancelation requests from Amazon customers...", True),
        ("Ｏrder cancellation request from Amazon customer", True),
        ("Order cancellation", False),
        ("About: order cancellation request from Amazon customer", False),
        (None, False),
    ],
)
def test_the_official_subject_is_known_through_reply_marks_and_tags(subject: str | None, expected: bool) -> None:
    assert is_standard_subject(subject) == expected


def test_what_is_not_known_is_left_out_of_the_facts() -> None:
    facts = situation_facts(reading=reading(Kind.CANCEL_NONSTANDARD), order=member(quantity=None), received=NOW)

    assert "order.shipped" not in facts
    assert "order.cancelled" not in facts
    assert facts["case.state"] == "none"
    assert facts["order.known"] is True


def test_ages_are_exact() -> None:
    facts = situation_facts(
        reading=reading(Kind.CANCEL_NONSTANDARD), order=amazon(placed_at=NOW - timedelta(minutes=30, seconds=30)), received=NOW
    )

    assert facts["order.age_minutes"] == Decimal("30.5")


def test_the_engine_decides_far_more_often_than_mail_can_arrive() -> None:
    found = reading(Kind.CANCEL_NONSTANDARD)
    policy = rulebook().policy_for(Marketplace.AMAZON, NOW)
    assert policy is not None
    facts = situation_facts(reading=found, order=amazon(**UNSHIPPED), received=NOW)
    start = perf_counter()
    for _ in range(500):
        decide(policy, facts, NOW)

    assert 500 / (perf_counter() - start) > 2000  # the goal is 5,000 on an idle machine; this one may be busy
