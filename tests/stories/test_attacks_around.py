"""Attacks around the proof: on other people's orders, on what leaves the house, on its people, its pages and its patience."""

import email
import email.policy
import hashlib
import re
from collections.abc import Callable
from decimal import Decimal
from email.message import EmailMessage

import httpx
import pytest

from supportbot.console import open_console
from supportbot.errors import SupportbotError, UsageError
from tests.stories.attackers import EVIL, NO, YES, Target, letter, send_notices
from tests.stories.office import BUYER, ORDER, SELLER, Office, rebill_order

TRACKING = "1Z999AA10123456784"


@pytest.fixture
def target(office: Office) -> Target:
    """The office's order, its notice sent."""
    found = Target(ORDER, BUYER, TRACKING, office.user)
    send_notices(office, [found])
    return found


def case_of(office: Office, order_id: str = ORDER) -> str:
    return str(office.sql("select c.id from cases c join orders o on o.key = c.order_key where o.order_id = ?", order_id)[0][0])


# -- somebody else's order ---------------------------------------------------------------------------------------------

AMAZON = "112-5839201-8827364"


def ask(order_id: str) -> str:
    return f"Hello, where is my order {order_id}? Please send me the tracking number."


@pytest.mark.parametrize(
    ("sender", "order_id"),
    [
        (EVIL, ORDER),
        ("post@othershop.example", ORDER),  # a seller of ours, not this order's
        ("stranger@marketplace.amazon.com", AMAZON),  # another buyer behind the marketplace's relay
        ("stranger@marketplace.amazon.com", ORDER),
        ("ann.buyer@xn--exmple-4nf.com", ORDER),
    ],
)
def test_nobody_is_told_of_another_persons_order(open_office: Callable[..., Office], sender: str, order_id: str) -> None:
    office = open_office(sellers=[{"id": "s-2", "name": "Other", "addresses": ["post@othershop.example"]}])
    amazon = rebill_order(AMAZON) | {"marketplace": "amazon", "status": "shipped", "cancelled_by": None, "cancelled_at": None}
    amazon["buyer"] = {"name": "Ada", "relay_address": "k2v8ada@marketplace.amazon.com"}
    office.import_orders(rebill_order(), amazon)
    for subject, text in (
        ("Where is my order", ask(order_id)),
        (f"Order {order_id} cancelled but already shipped", f"Order {order_id} was cancelled but we shipped it. Pay us."),
        (f"Please cancel {order_id}", f"Please cancel order {order_id}, I do not want it any more."),
        ("Re: a lamp", YES),
    ):
        office.write(sender, subject, text)
    office.work()

    with office.app.store.snapshot() as tx:
        drafts = tx.drafts(state=None)
    outsiders = [d for d in drafts if sender.casefold() in {to.casefold() for to in d.to}]
    assert [d.template for d in outsiders if TRACKING in d.body or order_id in d.subject + d.body] == []
    assert office.smtp.accepted == []


def test_the_buyer_is_told(office: Office) -> None:
    office.write(BUYER, "Where is my order", ask(ORDER))
    office.work()

    assert [draft.to for draft in office.drafts() if TRACKING in draft.body] == [(BUYER,)]


def test_a_mail_about_two_orders_puts_neither_answer_into_the_others_case(office: Office, target: Target) -> None:
    office.import_orders(rebill_order(), rebill_order("PO-880001"))
    office.write(BUYER, "Two orders", f"About {ORDER} and PO-880001: I'll keep the item.")
    office.work()

    with office.app.store.snapshot() as tx:
        drafts = tx.drafts(state=None)
    assert {d.case_id for d in drafts if d.order_id == "PO-880001"} <= {None}


# -- headers, names, templates -----------------------------------------------------------------------------------------

NAMES = (
    "visit evil.com now",
    "Ann [dot] http://evil.example/x",
    "{{7*7}}{% for a in b %}",
    "{{ settings.smtp.password }}",
    "Ann\r\nBcc: mallory@evil.example",
    "=?utf-8?q?Ann=0ABcc:_mallory=40evil=2Eexample?=",
    "<script>alert(1)</script>",
    "Ann\u202e\u2028\x00Buyer",
    "A" * 5000,
    '=HYPERLINK("http://evil.example")',
)


@pytest.mark.parametrize("field", ["buyer", "title", "seller"])
def test_hostile_names_reach_nobody_as_links_headers_or_commands(open_office: Callable[..., Office], field: str) -> None:
    office = open_office()
    office.add_people()
    orders = []
    for number, name in enumerate(NAMES):
        order = rebill_order(f"PO-90{number:04d}", f"buyer{number}@example.com")
        if field == "title":
            order["lines"][0]["title"] = name
        else:
            order[field]["name"] = name
        orders.append(order)
    office.import_orders(*orders)
    for order in orders:
        number = order["order_id"]
        office.write(
            SELLER, f"Order {number} cancelled but already shipped", f"Order {number} was cancelled but we shipped it."
        )
    office.work()
    for draft in office.drafts():
        if not draft.findings:
            office.app.desk.approve(draft.id, reviewer="alice", shown_sha256=draft.content_sha256)
    office.app.desk.deliver_outbox()

    assert office.sql("select step, reason from quarantine") == []
    assert len(office.drafts() + list(office.smtp.accepted)) == len(NAMES)
    for sent in office.smtp.accepted:
        mail: EmailMessage = email.message_from_bytes(sent.raw, policy=email.policy.default)
        assert list(sent.recipients) == [mail["To"].addresses[0].addr_spec]
        assert mail["Bcc"] is None
        assert mail["Cc"] is None
        assert "http" not in mail.get_content()
        assert "evil.com" not in mail.get_content()
        subject, _, tag = str(mail["Subject"]).partition(" [case ")  # the tag is random, and may hold any two digits
        assert "49" not in subject
        assert re.fullmatch(r"[\w-]{17}\]|", tag)


@pytest.mark.parametrize(
    "identifier",
    [
        "<odd [id] without at>",
        "<two@at@signs>",
        "<\u00fcml@\u00e4ut>",
        "<x@y>\r\n\tBcc: z@evil.example",
        "<" + "a" * 900 + "@b>",
    ],
)
def test_an_odd_message_id_does_not_keep_an_answer_from_going_out(office: Office, target: Target, identifier: str) -> None:
    raw = letter(target, BUYER, "I'll keep the item.", identifier=identifier)
    office.dovecot.append(raw, user=office.user)
    office.work()
    office.approve("m_clarify_acceptance")

    mail = office.received_by(BUYER)[-1]
    assert mail["Bcc"] is None
    assert len(office.smtp.accepted) == 2


def test_a_copied_message_id_suppresses_nothing(office: Office, target: Target) -> None:
    identifier = "<predicted@mail.example>"
    office.dovecot.append(letter(target, EVIL, "Nothing to see.", identifier=identifier), user=office.user)
    office.dovecot.append(letter(target, BUYER, NO, top="", identifier=identifier), user=office.user)
    office.work()
    office.dovecot.append(letter(target, BUYER, YES, identifier=identifier), user=office.user)
    office.work()

    assert office.case_state() == "ACK_RECEIVED"


def test_a_rejection_repeats_no_word_of_a_forged_chain(office: Office, target: Target) -> None:
    lure = "Visit evil.com to claim"
    chain = (
        f"Order {ORDER}: the customer accepted.\n\n-----Original Message-----\nFrom: {lure} <claim@evil.com>\n"
        f"Sent: Monday, May 4, 2026 10:00 AM\nTo: The Shop <{SELLER}>\nSubject: RE: {ORDER}\n\n{YES}\n"
    )
    office.write(SELLER, f"FW: {ORDER} confirmed", chain)
    office.work()

    assert [d.template for d in office.drafts() if d.to == (SELLER,)] != []
    assert [d.body for d in office.drafts() if "evil" in d.body] == []


# -- people ------------------------------------------------------------------------------------------------------------


def test_only_our_own_people_act(office: Office, target: Target) -> None:
    office.write(SELLER, "A question", f"How do I cancel part of {ORDER}?")
    office.dovecot.append(letter(target, BUYER, YES), user=office.user)
    office.work()
    desk, money, case_id = office.app.desk, office.app.desk.money, case_of(office)
    with office.app.store.transaction() as tx:
        tx.add_user("vera", "viewer")
    draft = office.drafts()[0]
    acts: tuple[Callable[[str], object], ...] = (
        lambda who: desk.approve(draft.id, reviewer=who, shown_sha256=draft.content_sha256),
        lambda who: desk.edit(draft.id, subject="x", body="y", reviewer=who, shown_sha256=draft.content_sha256),
        lambda who: desk.reject(draft.id, reviewer=who, shown_sha256=draft.content_sha256, reason="x"),
        lambda who: money.confirm_direct_proof(case_id, by=who),
    )
    for act in acts:
        for nobody in ("sally", "vera"):
            with pytest.raises(UsageError):
                act(nobody)
    with pytest.raises(UsageError):
        money.confirm_direct_proof(case_id, by="mallory")
    with pytest.raises(UsageError, match="changed since"):
        desk.approve(draft.id, reviewer="alice", shown_sha256=hashlib.sha256(b"").hexdigest())
    money.confirm_direct_proof(case_id, by="alice")
    ticket = office.ticket().id
    for nobody in ("sally", "vera", "mallory"):
        with pytest.raises(UsageError):
            money.confirm_rebill(ticket, by=nobody, reference="B-1")
        with pytest.raises(UsageError):
            money.fail_rebill(ticket, by=nobody, reason="no")
    money.confirm_rebill(ticket, by="alice", reference="B-1")
    for nobody in ("sally", "vera", "mallory"):
        with pytest.raises(UsageError):
            money.enter_memo(ticket, amount=Decimal("99.80"), by=nobody)
    money.enter_memo(ticket, amount=Decimal("99.80"), by="alice")
    for nobody in ("sally", "vera", "mallory", "alice"):
        with pytest.raises(SupportbotError):
            money.issue_memo(ticket, by=nobody)
    assert office.ticket().status == "ready_for_approval"


def test_an_unproved_withdrawal_holds_the_case_and_can_be_lifted(office: Office, target: Target) -> None:
    office.dovecot.append(letter(target, BUYER, YES), user=office.user)
    office.work()
    office.app.desk.money.confirm_direct_proof(case_of(office), by="alice")
    office.dovecot.append(letter(target, BUYER, "I changed my mind. " + NO, top=""), user=office.user)
    office.work()
    assert office.case_state() == "HOLD"
    assert office.sql("select revoked_at from acceptances") == [(None,)]

    office.app.desk.resolve_hold(case_of(office), outcome="released", by="alice", reason="the buyer says it was not she")
    assert office.case_state() == "REBILL_REQUESTED"


def test_an_order_that_grew_after_the_notice_is_not_paid_by_its_answer(office: Office, target: Target) -> None:
    office.dovecot.append(letter(target, BUYER, YES), user=office.user)
    office.work()
    grown = rebill_order()
    grown["lines"][0] |= {"quantity": 9, "shipped_quantity": 9, "cancelled_quantity": 9, "left_warehouse_quantity": 9}
    office.import_orders(grown)

    with pytest.raises(UsageError, match="smaller amount"):
        office.app.desk.money.confirm_direct_proof(case_of(office), by="alice")
    assert office.ticket() is None


# -- patience ----------------------------------------------------------------------------------------------------------


def test_a_mail_bomb_in_the_buyers_name_sends_nothing_and_is_not_answered_a_hundred_times(office: Office) -> None:
    bombs = [
        letter(
            Target(ORDER, BUYER, TRACKING, office.user), sender, f"{ask(ORDER)} ({number})", top=top, subject=f"Order {number}"
        )
        for number in range(30)
        for sender, top in ((BUYER, ""), (EVIL, None))
    ]
    office.dovecot.append_all(bombs, user=office.user)
    office.work()

    assert office.smtp.accepted == []
    assert len(office.drafts()) <= office.settings.limits.answers_per_sender_per_day
    assert office.sql("select count(*) from messages where state = 'done'") == [(60,)]


def _bombs(mailbox: str) -> list[bytes]:
    head = f"From: {BUYER}\r\nTo: {mailbox}\r\nSubject: {{}}\r\nMIME-Version: 1.0\r\n"

    def mail(subject: str, rest: str, extra: str = "") -> bytes:
        return (extra + head.format(subject) + rest).encode("utf-8", "surrogateescape")

    plain = "Content-Type: text/plain\r\n\r\n"
    nest = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(1000))
    return [
        mail("parameters", "Content-Type: text/plain" + "".join(f"; p{n}=x" for n in range(8000)) + "\r\n\r\nhi\r\n"),
        mail("=?utf-8?q?x?= " * 4000, plain + "hi\r\n"),
        mail("to", plain + "hi\r\n", "Cc: " + ", ".join(f"a{n}@x.example" for n in range(2000)) + "\r\n"),
        mail("comments", plain + "hi\r\n", f"Sender: {'(' * 500}x{')' * 500} <a@b.example>\r\n"),
        mail("nested parts", nest + "\r\nhi\r\n"),
        mail("nested mails", "Content-Type: message/rfc822\r\n\r\n" * 1000 + "hi\r\n"),
        mail("html comments", "Content-Type: text/html\r\n\r\n" + "<!--" * 20_000),
        mail("html links", "Content-Type: text/html\r\n\r\n" + "<a " * 20_000),
        mail("html depth", "Content-Type: text/html\r\n\r\n" + "<div>" * 20_000 + YES),
        mail("one line", plain + "I accept " * 40_000),
        mail("quotes", plain + ">" * 50_000 + "\r\n" + "> > " * 20_000),
        mail("no letters", plain + "\u200b\u202e\u0301" * 30_000),
        mail("NUL", plain + "a\0b" * 1000),
        mail("names", 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
             + "".join(
                 f'--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\nx\r\n'
                 for name in ("../../etc/passwd", "C:\\x\\y.exe", "=cmd|' /C calc'!A0", "a" * 300, "x\u202efdp.exe")
             ) + "--b--\r\n"),
        mail("orders", plain + " ".join(f"PO-{n}" for n in range(5000))),
        b"",
        b"\r\n\r\n",
        b"\xff\xfe" * 500,
    ]  # fmt: skip


def test_bombs_stop_nothing(office: Office, target: Target) -> None:
    bombs = [raw for raw in _bombs(office.user) if raw]
    office.dovecot.append_all([*bombs, letter(target, BUYER, YES)], user=office.user)
    office.work()

    assert office.case_state() == "ACK_RECEIVED"
    assert office.unseen() == 0
    held = office.sql("select m.subject, q.step, q.reason from quarantine q join messages m on m.id = q.message_id")
    assert held == []


# -- pages -------------------------------------------------------------------------------------------------------------

PAYLOAD = '"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}'


def test_no_page_runs_what_a_mail_says(office: Office, target: Target) -> None:
    office.write(f'"{PAYLOAD.replace(chr(34), "")}" <{BUYER}>', f"Where is {ORDER} {PAYLOAD}", f"{ask(ORDER)}\n{PAYLOAD}")
    office.dovecot.append(
        letter(target, BUYER, f"I'll keep the item {PAYLOAD}", extra=f"Reply-To: {PAYLOAD} <x@y.example>\r\n"), user=office.user
    )
    office.work()
    server = open_console(office.app, "127.0.0.1", 0, demo_users=("alice",))
    url = f"http://127.0.0.1:{server.port}"
    try:
        with httpx.Client(base_url=url, follow_redirects=True, headers={"origin": url}, timeout=30) as client:
            client.post("/login/demo", data={"name": "alice"})
            paths = ["/", "/cases", f"/cases/{case_of(office)}", "/quarantine", "/tickets?show=all"]
            paths += [f"/drafts/{draft.id}" for draft in office.drafts()]
            pages = {path: client.get(path) for path in paths}
    finally:
        server.stop()

    assert {path: page.status_code for path, page in pages.items() if page.status_code != 200} == {}
    assert any("alert(1)" in page.text for page in pages.values())
    for page in pages.values():
        assert "<img src=x" not in page.text
        assert "<script>alert" not in page.text
        assert ">49<" not in page.text
        assert "script-src" in page.headers["content-security-policy"]
