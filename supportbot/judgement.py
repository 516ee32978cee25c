"""What to do about one message, decided from the message and the records alone: writes nothing, and repeats exactly.

    Letter --screen--> --classify--> --link--> --orders--> --verify_chain--> --decide--> --draft--> Judgement

`supportbot decide` prints a Judgement made from files; the desk makes one from the database and carries it out.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time

from supportbot.casework.agreement import agreed
from supportbot.casework.calendar import WEEKDAYS, BusinessCalendar
from supportbot.casework.chain import DEFECTS, ChainDefect, ChainVerdict, ConfirmationChain, verify_chain
from supportbot.casework.facts import Kind, Reading, Role, ThreadContext
from supportbot.casework.linking import Candidate, Linking, LinkOutcome, MarkedThread, link
from supportbot.casework.order import Marketplace, Order, OrderLine
from supportbot.casework.policy import Decision, Facts, decide
from supportbot.casework.situation import is_standard_subject, situation_facts
from supportbot.correction import Said
from supportbot.drafting import Templates
from supportbot.drafting.how_to import how_to_attach
from supportbot.mail.message import InboundMessage, Screening, Verdict, same_address
from supportbot.mail.parse import relabel
from supportbot.mail.plainly import READ_PLAINLY
from supportbot.mail.programs import MailProgram, mail_program
from supportbot.mail.screen import screen
from supportbot.mail.thread import case_tag, reply_tokens
from supportbot.misnamed import ask_which, unknown_beside, with_near_misses, with_unknown_orders
from supportbot.ports import MENDED
from supportbot.proof import Letter, Records, gather_chain, notice_asks, order_value
from supportbot.rulebook import Rulebook
from supportbot.settings import Settings
from supportbot.store.rows import SentMail
from supportbot.triage.classify import Triage
from supportbot.triage.facts import order_ids
from supportbot.triage.language import language_of

CHAIN_KINDS = frozenset({Kind.CONFIRMATION_CHAIN, Kind.REBILL_REPLY})
REPORTERS: Mapping[Kind, frozenset[Role]] = {
    Kind.CANCEL_STANDARD: frozenset({Role.MARKETPLACE}),
    Kind.CANCEL_OUTCOME: frozenset({Role.WAREHOUSE, Role.MARKETPLACE}),
    Kind.RETAILER_CANCEL: frozenset({Role.RETAILER, Role.MARKETPLACE}),
    Kind.ORDER_PROBLEM: frozenset({Role.MARKETPLACE}),
    Kind.BACKORDER: frozenset({Role.MARKETPLACE}),
}
"""Who may report what about an order without being its party: they write from addresses that no order holds."""
_OF_SELLERS = frozenset({Kind.SELLER_INQUIRY, Kind.SHIPPED_CANCELLED_REPORT, Kind.BACKORDER})  # hardly anyone else's words
ASKING_TEMPLATES = ("m_rebill_notice", "m_confirm_directly", "m_clarify_acceptance", "m_remind")
"""Templates that ask the buyer for both acceptances."""
_LIKE_AN_ORDER_ID = re.compile(r"(?<![\w-])[A-Za-z]{0,4}-?\d(?:-?\w){3,30}(?![\w-])")
_MOST_TOLD = 3  # unknown order numbers that an answer repeats
_MOST_IDS = 40  # of one message; nobody names more in earnest


@dataclass(frozen=True, slots=True)
class House:
    """Everything that is loaded once and shared by all decisions."""

    settings: Settings
    rulebook: Rulebook
    triage: Triage
    templates: Templates

    def calendar_of(self, marketplace: str | None) -> BusinessCalendar:
        """When business hours and days count for a marketplace: its own, where configured, else this team's."""
        own = [market.business for market in self.settings.marketplaces if market.id == marketplace and market.business]
        business = own[0] if own else self.settings.business
        return BusinessCalendar(
            business.zone,
            frozenset(WEEKDAYS.index(day) for day in business.days),
            time.fromisoformat(business.opens),
            time.fromisoformat(business.closes),
            frozenset(business.holidays),
        )

    @property
    def own_addresses(self) -> tuple[str, ...]:
        return tuple(mailbox.address for mailbox in self.settings.mailboxes)

    @property
    def trusted_authserv_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(i for mailbox in self.settings.mailboxes for i in mailbox.trusted_authserv_ids))

    def trusted_in(self, mailbox: str) -> tuple[str, ...]:
        """Whose Authentication-Results are believed in a mailbox: another provider does not remove forged ones of that name.

        A mail that came through no configured mailbox, as a file does, is read as if through any; one that a person has mended
        proves nothing but by a signature of its own.
        """
        if mailbox == MENDED:
            return ()
        own = [settings.trusted_authserv_ids for settings in self.settings.mailboxes if settings.name == mailbox]
        return own[0] if own else self.trusted_authserv_ids


@dataclass(frozen=True, slots=True)
class DraftPlan:
    """A mail to be shown to a reviewer. Recipients come from the order, or are the sender who asks."""

    template: str
    to: tuple[str, ...]
    subject: str
    body: str
    language: str
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderDecision:
    """What the policy says about one order."""

    order: Order | None
    marketplace: str | None
    decision: Decision
    draft: DraftPlan | None
    for_party: bool = True  # False: the sender is no party of the order, and its case does not hold the message


@dataclass(frozen=True, slots=True)
class Judgement:
    """The whole decision about one message; `decisions` has one entry an order."""

    letter: Letter
    message: InboundMessage  # as the letter's, with our own sent words marked
    screening: Screening
    reading: Reading
    answered: SentMail | None  # the mail of ours that it answers
    linking: Linking  # the thread it belongs to
    verdict: ChainVerdict | None
    decisions: tuple[OrderDecision, ...]
    order_ids: tuple[str, ...] = field(default=())

    @property
    def several_orders(self) -> bool:
        return len(self.decisions) > 1

    @property
    def main(self) -> OrderDecision:
        """The decision about the only order; for several orders the person's review of them all."""
        if not self.several_orders:
            return self.decisions[0]
        named = ", ".join(self.order_ids)
        why = f"{len(self.decisions)} orders are named ({named}); each is decided, and a person approves them together."
        return OrderDecision(None, self.decisions[0].marketplace, Decision("review", None, needs_person=True, why=why), None)


def judge(letter: Letter, *, records: Records, house: House, now: datetime, said: Said | None = None) -> Judgement:
    """Decide one message as if it came in at `letter.received`. `said`: what a person says that it is; it proves no consent."""
    answered, message = link_sent_mail(letter.message, records)
    letter = replace(letter, message=message)
    if READ_PLAINLY in message.defects:
        screening = Screening(Verdict.HOLD, message.defects[0])
    else:
        screening = screen(message, own_addresses=house.own_addresses)
    heard = house.triage.read(message, thread_context(message, letter, answered, records, house))
    reading = said.over(heard) if said else heard
    linking = link_thread(letter, reading, records, house)
    linking = said.placed(linking) if said else linking
    orders = find_orders(message, reading, answered, linking, records)
    reading = with_near_misses(settle_role(reading, message, orders, house), records)
    if screening.verdict is not Verdict.PROCESS or reading.kind in (Kind.AUTO_REPLY, Kind.BOUNCE):
        decision = _machine_or_hold(screening, reading)
        first = orders[0] if len(orders) == 1 else None
        address = message.sender.address if message.sender else ""
        stranger = first is not None and is_party(address, first, house) is False
        found = OrderDecision(first, first.marketplace if first else None, decision, None, for_party=not stranger)
        return Judgement(letter, message, screening, reading, answered, linking, None, (found,), reading.facts.order_ids)
    provable = reading.kind in CHAIN_KINDS and (said is None or said.keeps_consent(heard))
    verdict = check_chain(letter, reading, orders, records, house) if provable else None
    about: Sequence[Order | None] = orders or [None]
    each = [check_chain(letter, reading, [o], records, house) if o and verdict and len(orders) > 1 else verdict for o in about]
    decisions = tuple(
        decide_order(order, letter, reading, own, answered, linking, records, house, now)
        for order, own in zip(about, each, strict=True)
    )
    unknown = unknown_beside(reading.facts.order_ids, [order.order_id for order in orders])
    decisions = tuple(replace(one, decision=with_unknown_orders(one.decision, unknown)) for one in decisions)
    ids = tuple(order.order_id for order in orders) or reading.facts.order_ids
    return Judgement(letter, message, screening, reading, answered, linking, verdict, decisions, ids)


def link_sent_mail(message: InboundMessage, records: Records) -> tuple[SentMail | None, InboundMessage]:
    """The newest mail of ours that the message answers, and the message with our words in it marked as ours."""
    sent = records.sent_answered_by(message)
    if not sent:
        return None, message
    return sent[-1], relabel(message, [mail.body for mail in sent])


def thread_context(
    message: InboundMessage, letter: Letter, answered: SentMail | None, records: Records, house: House
) -> ThreadContext:
    """What is known before the words are read: who writes by address, what it answers, what the case is about."""
    address = message.sender.address if message.sender else ""
    orders = records.orders_of(address) if address else []
    if answered and answered.order_id and not orders:
        orders = records.orders([answered.order_id])
    is_notice = answered is not None and answered.template in (*ASKING_TEMPLATES, "")
    return ThreadContext(
        sender_role=role_by_address(address, orders, letter, house),
        answers_notice=True if is_notice else (False if answered else None),
        notice_asks=None
        if answered is None
        else ("two_questions" if notice_asks(answered.body) == "two_questions" else "one_sentence"),
        root_subject=answered.subject if answered else None,
        amount=_amount(orders[0]) if len(orders) == 1 else None,
        item_titles=tuple(item.title for order in orders for item in order.lines if item.title),
        known_order_ids=tuple(dict.fromkeys(order.order_id for order in (*orders, *orders_mentioned(message, records)))),
    )


def orders_mentioned(message: InboundMessage, records: Records) -> list[Order]:
    """Orders on record whose id stands in the message, however it is written there: "W-88214 had left"."""
    words = dict.fromkeys(_LIKE_AN_ORDER_ID.findall(f"{message.subject}\n{message.new_text}"))
    return list(records.orders(tuple(words)[:_MOST_IDS])) if words else []


def _amount(order: Order) -> str | None:
    value = order_value(order)
    return None if value is None else f"{value:.2f}"


def role_by_address(address: str, orders: Sequence[Order], letter: Letter, house: House) -> Role | None:
    """Who the sender is by address alone; None where no record knows it."""
    known = house.settings.correspondents
    if any(same_address(address, a) for order in orders for a in order.buyer.addresses):
        return Role.BUYER
    sellers = [a for order in orders for a in order.seller.addresses] + [a for s in house.settings.sellers for a in s.addresses]
    if any(same_address(address, a) for a in sellers):
        return Role.SELLER
    if any(same_address(address, a) for a in known.warehouses):
        return Role.WAREHOUSE
    if any(same_address(address, a) for a in known.retailers):
        return Role.RETAILER
    if letter.sender.passed and is_relay(address, house):
        return Role.MARKETPLACE
    return None


def link_thread(letter: Letter, reading: Reading, records: Records, house: House) -> Linking:
    """The thread a message belongs to, by all its marks; writes nothing."""
    message = letter.message
    sender = message.sender.address if message.sender else None
    named = _named(reading, records)
    marked = records.marked_threads(
        message_ids=tuple(dict.fromkeys(i for i in (message.in_reply_to, *reversed(message.references)) if i)),
        tokens=reply_tokens((*message.to, *message.cc)),
        case_id=case_tag(message.subject),
        orders=[(order.order_id, _of_the_same_party(sender, order, house)) for order in named],
    )
    candidates = [_candidate(found, letter, records, house) for found in marked]
    return link(sender, candidates, proved=letter.sender.passed, named=[order.order_id for order in named])


def _named(reading: Reading, records: Records) -> list[Order]:
    """Orders on record that the new words name; where they name none, those of the subject, or of the chain inside."""
    words = [e.text for e in reading.evidence if e.fact == "order_ids" and e.end > 0]
    return (list(records.orders(words)) if words else []) or list(records.orders(reading.facts.order_ids))


def _parties(order: Order, house: House) -> list[tuple[str, ...]]:
    """The parties of an order, each by all its addresses."""
    known = house.settings.correspondents
    billing = (known.billing,) if known.billing else ()
    return [order.buyer.addresses, seller_addresses(order, house.settings), known.warehouses, known.retailers, billing]


def _of_the_same_party(address: str | None, order: Order, house: House) -> tuple[str, ...]:
    found = [own for own in _parties(order, house) if any(same_address(address or "", a) for a in own)]
    return tuple(dict.fromkeys(a for own in found for a in own))


def _candidate(found: MarkedThread, letter: Letter, records: Records, house: House) -> Candidate:
    thread = found.thread
    sender = letter.message.sender.address if letter.message.sender else ""
    orders = list(records.orders(thread.order_ids)) if thread.order_ids else []
    parties = [own for order in orders for own in _parties(order, house)]
    heard = (*thread.writers, *thread.written_to)
    with_us = [own for own in parties if any(same_address(a, b) for a in own for b in heard)]
    relay = (sender,) if _relays_for(letter, orders, records, house) else ()
    opener = (thread.opener,) if thread.opener else ()
    return Candidate(
        thread_id=thread.thread_id,
        title=thread.title,
        mark=found.mark,
        latest=thread.latest,
        case_id=thread.case_id,
        order_ids=thread.order_ids,
        participants=tuple(dict.fromkeys((*opener, *thread.written_to, *(a for own in parties for a in own), *relay))),
        voices=tuple(dict.fromkeys((*heard, *(a for own in with_us for a in own)))),
        distance=found.distance,
        open=thread.open,
    )


def _relays_for(letter: Letter, orders: Sequence[Order], records: Records, house: House) -> bool:
    """Whether the sender is the relay of one of these orders' marketplace, and no relay address of another order's buyer."""
    sender = letter.message.sender.address if letter.message.sender else ""
    ours = {order.order_id for order in orders if order.marketplace is Marketplace.AMAZON}
    if not (ours and letter.sender.passed and is_relay(sender, house)):
        return False
    bought = {o.order_id for o in records.orders_of(sender) if any(same_address(sender, a) for a in o.buyer.addresses)}
    return not bought or bool(bought & ours)


def find_orders(
    message: InboundMessage, reading: Reading, answered: SentMail | None, linking: Linking, records: Records
) -> list[Order]:
    """The orders a message is about: those it names, else the one of its thread or of the mail it answers, else the sender's
    only one. Marks that contradict each other name none."""
    named = records.orders(reading.facts.order_ids)
    if named:
        return list(named)
    if linking.joined and len(linking.joined.order_ids) == 1:
        return list(records.orders(linking.joined.order_ids))
    if answered and answered.order_id and linking.outcome is not LinkOutcome.CONTRADICTION:
        return list(records.orders([answered.order_id]))
    if reading.facts.order_ids or not message.sender:
        return []
    own = records.orders_of(message.sender.address)
    return list(own) if len(own) == 1 else []


def settle_role(reading: Reading, message: InboundMessage, orders: Sequence[Order], house: House) -> Reading:
    """The sender's role once its orders are known: an address on the order's record outweighs words."""
    address = message.sender.address if message.sender else ""
    if reading.otherwise:
        sellers = [a for order in orders for a in seller_addresses(order, house.settings)]
        foreign = sellers and not any(same_address(address, a) for a in sellers)
        others = (one for one in reading.otherwise if not (foreign and one.kind in _OF_SELLERS))
        reading = replace(reading, otherwise=tuple(settle_role(one, message, orders, house) for one in others))
    if reading.facts.sender_role in (Role.MACHINE, Role.MARKETPLACE) or not orders:
        return reading
    for role, addresses in (
        (Role.BUYER, [a for order in orders for a in order.buyer.addresses]),
        (Role.SELLER, [a for order in orders for a in order.seller.addresses]),
    ):
        if any(same_address(address, a) for a in addresses):
            return replace(reading, facts=replace(reading.facts, sender_role=role))
    if reading.kind is Kind.CANCEL_NONSTANDARD and all(_bought_by_a_retailer(order) for order in orders):
        return replace(reading, facts=replace(reading.facts, sender_role=Role.RETAILER))
    return reading


def _bought_by_a_retailer(order: Order) -> bool:
    """Whether a wish to cancel that is not the seller's is the retailer's: on its platform no buyer is on record (R-d)."""
    return order.marketplace is Marketplace.RETAIL_PLATFORM and not order.buyer.addresses


def seller_addresses(order: Order, settings: Settings) -> tuple[str, ...]:
    """Where the order's own seller writes from: by the order, and by the configuration of that very seller (I12)."""
    configured = [a for s in settings.sellers if s.id == order.seller.id for a in s.addresses]
    return tuple(dict.fromkeys((*order.seller.addresses, *configured)))


def is_party(address: str, order: Order, house: House) -> bool | None:
    """Whether the sender may be told about the order: yes, no, or unknown where the order names no addresses."""
    known = house.settings.correspondents
    sellers = seller_addresses(order, house.settings)
    insiders = [*known.warehouses, *known.retailers, *((known.billing,) if known.billing else ())]
    if is_relay(address, house) or any(same_address(address, a) for a in (*order.buyer.addresses, *sellers, *insiders)):
        return True
    return False if order.buyer.addresses and sellers else None


def _may_be_told(address: str, order: Order, house: House) -> bool:
    """Whether an answer about the order may go to this sender: every buyer has a relay address, and one's is not another's."""
    if is_relay(address, house) and order.buyer.addresses:
        return any(same_address(address, own) for own in order.buyer.addresses)
    return is_party(address, order, house) is not False


def check_chain(letter: Letter, reading: Reading, orders: Sequence[Order], records: Records, house: House) -> ChainVerdict:
    """Grade the chain, or the buyer's direct answer, that the message claims to be."""
    return verify_chain(_chain(letter, reading, orders, records, house))


def judge_chain(letter: Letter, records: Records, house: House) -> ConfirmationChain:
    """The chain of one letter, gathered afresh: for a person who confirms it, and before money moves."""
    answered, message = link_sent_mail(letter.message, records)
    letter = replace(letter, message=message)
    reading = house.triage.read(message, thread_context(message, letter, answered, records, house))
    orders = find_orders(message, reading, answered, link_thread(letter, reading, records, house), records)
    return _chain(letter, reading, orders, records, house)


def _chain(letter: Letter, reading: Reading, orders: Sequence[Order], records: Records, house: House) -> ConfirmationChain:
    order = orders[0] if len(orders) == 1 else None
    if order:
        order = replace(order, seller=replace(order.seller, addresses=seller_addresses(order, house.settings)))
    return gather_chain(
        letter,
        reading,
        order,
        orders_named=len(orders),
        records=records,
        triage=house.triage,
        own_addresses=house.own_addresses,
        relay_domains=house.settings.correspondents.amazon_relays,
        bare_assent_counts=house.settings.money.bare_assent == "accept",
    )


def decide_order(
    order: Order | None,
    letter: Letter,
    reading: Reading,
    verdict: ChainVerdict | None,
    answered: SentMail | None,
    linking: Linking,
    records: Records,
    house: House,
    now: datetime,
) -> OrderDecision:
    """One order's decision by its marketplace's policy, and the draft it calls for."""
    message = letter.message
    address = message.sender.address if message.sender else ""
    party = is_party(address, order, house) if order is not None else None
    stranger = party is False
    unproved = party is None and reading.kind is Kind.CANCEL_NONSTANDARD and reading.facts.sender_role is Role.RETAILER
    reporter = unproved or (stranger and reading.facts.sender_role in REPORTERS.get(reading.kind, ()))
    if order is not None and stranger and not reporter:
        why = f"{address} is no party of order {order.order_id}: nothing about it is told, a person decides."
        decision = Decision("review", None, needs_person=True, why=why)
        return OrderDecision(order, order.marketplace, decision, None, for_party=False)
    marketplace = order.marketplace if order else guess_marketplace(reading, message)
    policy = house.rulebook.policy_for(marketplace, letter.received)
    if policy is None:
        decision = Decision("review", None, needs_person=True, why=f"No policy of {marketplace} was in force then.")
    else:
        before = records.rules_of(order) if order and policy.bans_for_good else frozenset()
        calendar = house.calendar_of(marketplace)

        def decided(likely: Reading) -> Decision:
            facts = facts_of(order, letter, likely, verdict, answered, records, house)
            return decide(policy, facts, now, calendar, before)

        decision = decided(reading) if not reading.abstained else unsure(reading, decided)
    if linking.doubtful:
        decision = _in_doubt(decision, linking)
    if reporter:
        decision = _from_a_reporter(decision, address)
    decision = ask_which(decision, reading.facts.near_misses)
    draft = plan_draft(
        decision,
        order,
        house,
        sender=None if stranger else address or None,
        reading=reading,
        verdict=verdict,
        language=spoken_with_buyer(order, records.sent_about(order.order_id)) if order else None,
        program=mail_program(message),
    )
    return OrderDecision(order, marketplace, decision, draft, for_party=not stranger)


def unsure(reading: Reading, decided: Callable[[Reading], Decision]) -> Decision:
    """A person's review of a message too unsure to be told, unless every likely reading of it leads to the same step."""
    likely = [] if reading.otherwise is None else [replace(one, abstained=False) for one in (reading, *reading.otherwise)]
    same = agreed([(one.kind, decided(one)) for one in likely])
    return same or Decision("review", None, needs_person=True, why=f"Too unsure what this mail is: {reading.why}")


def _from_a_reporter(decision: Decision, address: str) -> Decision:
    """What a platform, warehouse or retailer off the record reports leads to mail to the parties alone, after a person."""
    if decision.to == "sender":
        why = f"{decision.why} {address} is not on record, so no answer goes there."
        return Decision("review", decision.rule, decision.fired, needs_person=True, why=why)
    why = f"{decision.why} {address} is not on record: a person looks before anything is sent."
    return replace(decision, needs_person=decision.action != "none", why=why)


def _in_doubt(decision: Decision, linking: Linking) -> Decision:
    """A message of which nobody knows where it belongs moves nothing; only a withdrawal still holds its case."""
    if decision.action in ("review", "hold"):
        return replace(decision, needs_person=True)
    return Decision("review", None, needs_person=True, why=linking.why)


def facts_of(
    order: Order | None,
    letter: Letter,
    reading: Reading,
    verdict: ChainVerdict | None,
    answered: SentMail | None,
    records: Records,
    house: House,
) -> Facts:
    """The typed facts the rules are asked about."""
    message, settings = letter.message, house.settings
    address = message.sender.address if message.sender else ""
    return situation_facts(
        reading=reading,
        order=order,
        sender_verified=letter.sender.passed,
        standard_sender=(letter.sender.passed and is_relay(address, house)) or _holds_official_request(letter, order, house),
        thread_root_subject=answered.subject if answered else message.subject,
        subject=message.subject,
        sender_is_buyer=any(same_address(address, a) for a in order.buyer.addresses)
        if order and order.buyer.addresses
        else None,
        case_state=records.case_state(order) if order else None,
        chain_verdict=verdict.verdict if verdict else None,
        chain_grade=verdict.grade if verdict else None,
        bare_assent=settings.money.bare_assent,
        notice_sender=settings.money.notice_sender,
        retailer_ack_hours=settings.timers.retailer_ack_hours,
        warehouse_chase_hours=settings.timers.warehouse_chase_hours,
        auto_cancel_days=settings.timers.auto_cancel_days,
        text=message.new_text,
        received=letter.received,
    )


def _holds_official_request(letter: Letter, order: Order | None, house: House) -> bool:
    """Whether the official request about this very order is attached as the marketplace's relay signed it (policy 5.1)."""
    attached = [found for found in letter.message.forwarded if found.how == "attached"]
    return order is not None and any(
        dkim.result == "pass"
        and dkim.aligned
        and found.sender is not None
        and is_relay(found.sender.address, house)
        and is_standard_subject(found.subject)
        and any(one.value.casefold() == order.order_id.casefold() for one in order_ids(f"{found.subject}\n{found.body}"))
        for found, dkim in zip(attached, letter.attached, strict=False)
    )


def is_relay(address: str, house: House) -> bool:
    """Whether an address stands under one of the configured relay domains."""
    domain = address.rpartition("@")[2].casefold()
    return any(domain == r or domain.endswith("." + r) for r in house.settings.correspondents.amazon_relays)


def guess_marketplace(reading: Reading, message: InboundMessage) -> Marketplace | None:
    """The marketplace of a message without a known order, only where its own form leaves no doubt."""
    if reading.kind is Kind.CANCEL_STANDARD:
        return Marketplace.AMAZON
    return None


def _machine_or_hold(screening: Screening, reading: Reading) -> Decision:
    if screening.verdict is Verdict.HOLD:
        return Decision("review", None, needs_person=True, why=f"Held for a person: {screening.reason}.")
    reason = screening.reason or reading.why
    return Decision("none", None, why=f"Machine mail ({reason}): it is never answered and never counts as an answer.")


def plan_draft(
    decision: Decision,
    order: Order | None,
    house: House,
    *,
    sender: str | None = None,
    reading: Reading | None = None,
    verdict: ChainVerdict | None = None,
    language: str | None = None,
    program: MailProgram | None = None,
) -> DraftPlan | None:
    """Render the template a decision names, for the party it is for; None where no mail is called for.

    A buyer is written to in the language of the mail that is answered, else in `language`, that of our last mail to them.
    """
    if decision.template is None:
        return None
    audience = decision.to if decision.to and decision.to != "sender" else house.templates.get(decision.template).audience
    recipients = recipients_of(audience, order, sender, house)
    writes = reading is not None and reading.facts.sender_role is Role.BUYER
    if reading and writes and audience in ("buyer", "sender"):
        language = reading.facts.language or language
    elif audience == "seller" and reading and reading.facts.sender_role is Role.SELLER:
        language = reading.facts.language  # his own, where the template has it
    elif audience != "buyer":
        language = None  # warehouses, retailers and billing are written to in English
    values = letter_values(decision, order, house, party_of(recipients, order) or audience, reading, verdict)
    if found := how_to_attach(program, language or "en"):
        values["how_to_attach"] = found
    private = private_to_others(order, recipients) if order and audience != "billing" else ()
    rendered = house.templates.render(decision.template, values, language=language or "en", private=private)
    findings = rendered.findings if recipients else (*rendered.findings, "no recipient: no address of that party is on record")
    return DraftPlan(rendered.template, recipients, rendered.subject, rendered.body, rendered.language, findings)


def party_of(recipients: Sequence[str], order: Order | None) -> str | None:
    """Which party of the order a mail to these addresses greets."""
    if order is None or not recipients:
        return None
    parties = (("buyer", order.buyer.addresses), ("seller", order.seller.addresses))
    return next((party for party, own in parties if any(same_address(recipients[0], one) for one in own)), None)


def spoken_with_buyer(order: Order, sent: Sequence[SentMail]) -> str | None:
    """The language of the newest mail that we sent to the order's buyer; None where we sent none."""
    ours = [mail for mail in sent if any(same_address(one, own) for one in mail.to for own in order.buyer.addresses)]
    return language_of(ours[-1].body) if ours else None


def private_to_others(order: Order, recipients: Sequence[str]) -> tuple[str, ...]:
    """The addresses of the order's parties that a mail to these recipients must not show (I12)."""
    addresses = (*order.buyer.addresses, *order.seller.addresses)
    return tuple(one for one in addresses if not any(same_address(one, to) for to in recipients))


def recipients_of(audience: str, order: Order | None, sender: str | None, house: House) -> tuple[str, ...]:
    """Addresses from the order's record (docs/spec/safety.md I11); the sender only as a party, or to ask for the order."""
    known = house.settings.correspondents
    match audience:
        case "buyer" if order:
            return order.buyer.addresses[-1:]  # the relay where there is one
        case "seller" if order:
            addresses = order.seller.addresses
            own = [a for a in addresses if sender and same_address(a, sender)]
            return tuple(own or addresses[:1])
        case "warehouse":
            return known.warehouses[:1]
        case "retailer":
            return known.retailers[:1]
        case "billing":
            return (known.billing,) if known.billing else ()
        case _:
            return (sender,) if sender and (order is None or _may_be_told(sender, order, house)) else ()


def letter_values(
    decision: Decision,
    order: Order | None,
    house: House,
    audience: str,
    reading: Reading | None = None,
    verdict: ChainVerdict | None = None,
) -> dict[str, object]:
    """The values templates may use; an unknown one is absent, and a template that needs it gives no draft."""
    values: dict[str, object] = {
        "team_name": house.settings.team_name,
        "question": decision.question,
        "missing": [fact.rpartition(".")[2].replace("_", " ") for fact in decision.missing],
        "defects": [_told(defect) for defect in verdict.defects] if verdict else [],
        "reason": decision.say
        or decision.reason
        or (_reason_told(reading) if decision.action == "contact_marketplace" else None),
        "outcome": decision.say,
    }
    if order is not None:
        values |= _order_values(order, house, audience)
    due = {timer.name: timer.due.date().isoformat() for timer in decision.timers}
    values |= {"npb_option_date": due.get("npb_option"), "auto_cancel_date": due.get("auto_cancel")}
    if reading is not None:
        values |= _told_in_mail(reading, order)
    return {name: value for name, value in values.items() if value not in (None, "")}


def _told_in_mail(reading: Reading, order: Order | None) -> dict[str, object]:
    """What a letter repeats of the mail that it answers: the order numbers that nobody knows, and the one later ship date."""
    if order is None:
        return {"unknown_order": ", ".join(reading.facts.order_ids[:_MOST_TOLD])}
    due = order.expected_ship_at.date().isoformat() if order.expected_ship_at else ""
    later = [day for day in reading.facts.dates if day > due] if due else []
    return {"new_ship_date": later[0] if len(later) == 1 else None}


def _reason_told(reading: Reading | None) -> str | None:
    """Why, as the mail itself told it: "Ordered twice, by mistake." """
    told = ", ".join(reading.facts.reasons).replace("_", " ") if reading else ""
    return f"{told[0].upper()}{told[1:]}." if told else None


def _told(defect: ChainDefect) -> str:
    """A defect as a letter may say it: our own sentence. The detail shows reviewers words and addresses of whoever wrote."""
    return defect.detail if defect.code == "NOTICE_INCOMPLETE" else DEFECTS[defect.code][1]


def _order_values(order: Order, house: House, audience: str) -> dict[str, object]:
    names: dict[str, str] = {m.id: m.name for m in house.settings.marketplaces if m.name}
    shipment = next((s for s in order.shipments if s.tracking_number), order.shipments[0] if order.shipments else None)
    value = order_value(order)
    return {
        "order_id": order.order_id,
        "marketplace_name": names.get(order.marketplace, order.marketplace.replace("_", " ").title()),
        "buyer_name": order.buyer.name,
        "seller_name": order.seller.name,
        "recipient_name": {"buyer": order.buyer.name, "seller": order.seller.name}.get(audience),
        "carrier": shipment.carrier if shipment else None,
        "tracking_number": shipment.tracking_number if shipment else None,
        "shipped_on": shipment.shipped_at.date().isoformat() if shipment and shipment.shipped_at else None,
        "items": [_item(item, item.quantity or 0) for item in order.lines],
        "cancelled_items": [_item(item, units) for item in order.lines if (units := order.cancelled_and_shipped_units(item))],
        "amount": f"{value:.2f}" if value is not None else None,
        "currency": order.currency,
        "expected_ship_date": order.expected_ship_at.date().isoformat() if order.expected_ship_at else None,
    }


def _item(item: OrderLine, quantity: int) -> dict[str, object]:
    return {"title": item.title or item.sku or item.line, "sku": item.sku or "", "asin": item.asin or "", "quantity": quantity}
