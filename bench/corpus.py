"""Mails and orders as a seller-support desk gets them: several kinds, languages, charsets and shapes; the same for one seed.

Mail i is about order i, so that the loop brake and the cases of one mail never touch another's. Every fifth mail answers an
earlier one of the same writer. About every twentieth carries an attachment of 100 KB.
"""

import email.policy
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

BEGIN = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
_SMTP = email.policy.SMTP
_REPLY_EVERY, _ATTACHMENT_EVERY = 5, 20
_ATTACHMENT_OCTETS = 100_000

_FIRST = ("Ann", "Boris", "Chloé", "Dörte", "Émile", "Fatima", "Göran", "Hana", "İlker", "José", "Kaya", "Łukasz", "Mina")
_LAST = ("Abel", "Brown", "Castaño", "Dupont", "Eriksson", "Fischer", "García", "Hoffmann", "Ivanova", "Jones", "Müller")
_SHOPS = ("Lumen Goods", "Oak and Iron", "North Mill", "Blue Kiln", "Paper Street", "Field & Loom")
_GOODS = ("Reading lamp", "Wool rug", "Step stool", "Cast iron hook", "Linen throw", "Oak clock", "Glass vase", "Steel kettle")
_CARRIERS = (("UPS", "1Z999AA1{:010d}"), ("FedEx", "79{:010d}"), ("USPS", "94001118995{:011d}"))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail is made of."""

    sender: Person
    subject: str
    text: str
    charset: str = "utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Corpus:
    """Mails in order of arrival, and the orders they are about, in the form of the orders file."""

    mails: tuple[bytes, ...]
    orders: tuple[dict[str, Any], ...]


def build_corpus(count: int, *, seed: int = 7, address: str = "support@example.test", first: int = 0) -> Corpus:
    """`count` mails to `address`; `first` numbers them, so that two corpora of one seed share nothing."""
    chance = random.Random(f"{seed}/{first}")
    mails: list[bytes] = []
    orders: list[dict[str, Any]] = []
    earlier: list[tuple[Letter, str]] = []
    for number in range(first, first + count):
        if earlier and number % _REPLY_EVERY == _REPLY_EVERY - 1:
            letter, message_id = earlier[chance.randrange(len(earlier))]
            answer = Letter(letter.sender, f"Re: {letter.subject}", _FOLLOW_UPS[number % len(_FOLLOW_UPS)], letter.charset)
            mails.append(_mail(number, answer, address, chance, answers=message_id, quoted=letter.text))
            continue
        order = _order(number, chance)
        letter = _KINDS[number % len(_KINDS)](order)
        orders.append(order)
        message_id = f"<{number:06d}.{seed}@{letter.sender.address.rpartition('@')[2]}>"
        mails.append(_mail(number, letter, address, chance, message_id=message_id))
        if not letter.headers:
            earlier.append((letter, message_id))
    return Corpus(tuple(mails), tuple(orders))


def rebill_reports(count: int, *, first: int = 500_000, address: str = "support@example.test") -> Corpus:
    """Sellers' reports of orders that were cancelled but had shipped: each calls for one notice to its buyer."""
    chance = random.Random(first)
    orders = tuple(_rebill_order(number, chance) for number in range(first, first + count))
    mails = tuple(_mail(first + i, _shipped_report(order), address, chance) for i, order in enumerate(orders))
    return Corpus(mails, orders)


# -- orders


def _order(number: int, chance: random.Random) -> dict[str, Any]:
    marketplace = ("member_club", "brick_market", "retail_platform", "fulfilment", "amazon")[number % 5 if number % 3 else 0]
    if marketplace == "member_club" and number % 2:
        return _rebill_order(number, chance)
    placed = BEGIN - timedelta(days=chance.randrange(1, 9))
    order: dict[str, Any] = {
        **_people(number, chance),
        "marketplace": marketplace,
        "order_id": _order_id(marketplace, number),
        "status": ("unshipped", "shipped", "open")[number % 3],
        "currency": ("USD", "EUR", "GBP")[number % 3],
        "placed_at": placed.isoformat(),
        "lines": [_line(n, chance) for n in range(1, 1 + chance.randrange(1, 4))],
    }
    if marketplace == "amazon":
        order |= {"channel": "seller", "buyer_requested_cancel": bool(number % 2)}
    if order["status"] == "shipped":
        order["shipments"] = [_shipment(number, placed)]
    return order


def _rebill_order(number: int, chance: random.Random) -> dict[str, Any]:
    placed = BEGIN - timedelta(days=chance.randrange(3, 9))
    units = chance.randrange(1, 4)
    gone = {"shipped_quantity": units, "cancelled_quantity": units, "left_warehouse_quantity": units}
    return {
        **_people(number, chance),
        "marketplace": "member_club",
        "order_id": _order_id("member_club", number),
        "status": "cancelled",
        "currency": "USD",
        "placed_at": placed.isoformat(),
        "cancelled_by": "buyer",
        "cancelled_at": (placed + timedelta(days=1)).isoformat(),
        "lines": [{**_line(1, chance), "quantity": units, **gone}],
        "shipments": [_shipment(number, placed)],
    }


def _people(number: int, chance: random.Random) -> dict[str, Any]:
    name = f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
    return {
        "buyer": {"name": name, "address": f"buyer{number}@post{number % 40}.example"},
        "seller": {
            "id": f"s-{number}",
            "name": chance.choice(_SHOPS),
            "addresses": [f"orders@shop{number}.example"],
            "account": "active",
        },
    }


def _order_id(marketplace: str, number: int) -> str:
    if marketplace == "amazon":
        return f"112-{4_000_000 + number:07d}-{8_000_000 + 7 * number % 999_983:07d}"
    return f"77{number:07d}" if marketplace == "member_club" else f"PO-{4_400_000 + number}"


def _line(number: int, chance: random.Random) -> dict[str, Any]:
    return {
        "line": str(number),
        "sku": f"SKU-{chance.randrange(10_000):04d}",
        "asin": f"B0{chance.randrange(10**8):08d}",
        "title": chance.choice(_GOODS),
        "quantity": chance.randrange(1, 5),
        "unit_price": f"{chance.randrange(500, 20_000) / 100:.2f}",
    }


def _shipment(number: int, placed: datetime) -> dict[str, Any]:
    carrier, form = _CARRIERS[number % len(_CARRIERS)]
    shipped = (placed + timedelta(hours=30)).isoformat()
    return {"carrier": carrier, "tracking_number": form.format(number), "shipped_at": shipped, "confirmed": True}


# -- letters


def _buyer(order: dict[str, Any]) -> Person:
    return Person(order["buyer"]["name"], order["buyer"]["address"])


def _seller(order: dict[str, Any]) -> Person:
    return Person(order["seller"]["name"], order["seller"]["addresses"][0])


def _cancel(order: dict[str, Any]) -> Letter:
    text = f"Hi,\n\nI would like to cancel my order {order['order_id']}. I ordered it twice by mistake.\n\nThanks a lot"
    return Letter(_buyer(order), f"Please cancel order {order['order_id']}", text)


def _cancel_german(order: dict[str, Any]) -> Letter:
    text = f"Guten Tag,\n\nbitte stornieren Sie meine Bestellung {order['order_id']}. Sie wird nicht mehr gebraucht.\n\nGruß"
    return Letter(_buyer(order), f"Stornierung der Bestellung {order['order_id']}", text, "iso-8859-1")


def _cancel_french(order: dict[str, Any]) -> Letter:
    text = f"Bonjour,\n\nje souhaite annuler ma commande {order['order_id']}, passée par erreur hier soir.\n\nMerci d’avance"
    return Letter(_buyer(order), f"Annulation de la commande {order['order_id']}", text, "windows-1252")


def _shipped_report(order: dict[str, Any]) -> Letter:
    shipment = (order.get("shipments") or [{"carrier": "UPS", "tracking_number": "1Z999AA10123456784"}])[0]
    text = (
        f"Hello Seller Support,\n\norder {order['order_id']} shows as cancelled in the portal, but we had already shipped it "
        f"with {shipment['carrier']}, tracking {shipment['tracking_number']}. How do we get paid for it?\n\nRegards"
    )
    return Letter(_seller(order), f"Order {order['order_id']} cancelled but already shipped", text)


def _where_is_it(order: dict[str, Any]) -> Letter:
    text = f"Hello,\n\nwhere is my order {order['order_id']}? It should have come on Friday and I have no tracking.\n\nBest"
    return Letter(_buyer(order), f"Where is my order {order['order_id']}?", text)


def _return(order: dict[str, Any]) -> Letter:
    text = (
        f"Hi,\n\nthe {order['lines'][0]['title'].lower()} of order {order['order_id']} arrived broken. I want to send it back."
    )
    return Letter(_buyer(order), f"Damaged: {order['order_id']}", text)


def _question(order: dict[str, Any]) -> Letter:
    text = (
        f"Hello,\n\nhow do I cancel order {order['order_id']} in the portal? The buyer has changed their mind.\n\nKind regards"
    )
    return Letter(_seller(order), f"How do I cancel {order['order_id']}", text)


def _no_stock(order: dict[str, Any]) -> Letter:
    text = f"Hello,\n\nwe cannot ship line 1 of {order['order_id']} on time, it is out of stock until 12 June.\n\nKind regards"
    return Letter(_seller(order), f"Backorder {order['order_id']}", text, "iso-8859-15")


def _russian(order: dict[str, Any]) -> Letter:
    text = f"Здравствуйте,\n\nпрошу отменить мой заказ {order['order_id']}, он мне больше не нужен.\n\nСпасибо"
    return Letter(_buyer(order), f"Отмена заказа {order['order_id']}", text, "koi8-r")


def _japanese(order: dict[str, Any]) -> Letter:
    text = f"お世話になっております。\n\n注文番号 {order['order_id']} をキャンセルしてください。\n\nよろしくお願いいたします。"
    return Letter(_buyer(order), f"注文 {order['order_id']} のキャンセル", text, "iso-2022-jp")


def _out_of_office(order: dict[str, Any]) -> Letter:
    text = "I am out of the office until Monday and will answer when I am back.\n\nBest regards"
    return Letter(_buyer(order), "Automatic reply: Your order", text, headers=(("Auto-Submitted", "auto-replied"),))


def _spam(order: dict[str, Any]) -> Letter:
    text = "Boost your ranking today! Our team gets your listings to page one within 30 days. Reply for a free audit.\n\nCheers"
    return Letter(_buyer(order), "Page one in 30 days", text, headers=(("List-Unsubscribe", "<mailto:out@ads.example>"),))


_KINDS: Sequence[Callable[[dict[str, Any]], Letter]] = (
    _cancel,
    _shipped_report,
    _where_is_it,
    _cancel_german,
    _question,
    _return,
    _cancel,
    _out_of_office,
    _cancel_french,
    _shipped_report,
    _no_stock,
    _russian,
    _where_is_it,
    _spam,
    _japanese,
    _cancel,
    _question,
)

_FOLLOW_UPS = (
    "Any news on this? I have not heard from you yet.",
    "Sorry, one more thing: the address has changed as well.",
    "Thank you, that is all I needed.",
    "Please hurry, it must not go out.",
)


# -- mails

_STYLE = "font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:20px;color:#222222;margin:0;padding:8px 0"
_SIGNATURE = "{name}\nPhone +1 555 01{number:02d}\nThis message and its attachments are meant for the addressee only.\n"


def _mail(
    number: int,
    letter: Letter,
    to: str,
    chance: random.Random,
    *,
    message_id: str | None = None,
    answers: str | None = None,
    quoted: str = "",
) -> bytes:
    domain = letter.sender.address.rpartition("@")[2]
    mail = EmailMessage(policy=_SMTP)
    mail["Received"] = (
        f"from mail.{domain} (mail.{domain} [192.0.2.{number % 250 + 1}]) by mx.example.test with ESMTPS id {number:x}"
    )
    mail["From"] = f'"{letter.sender.name}" <{letter.sender.address}>'
    mail["To"] = to
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(BEGIN + timedelta(seconds=37 * number))
    mail["Message-ID"] = message_id or f"<{number:06d}.{chance.randrange(10**9)}@{domain}>"
    for name, value in letter.headers:
        mail[name] = value
    text = f"{letter.text}\n\n-- \n{_SIGNATURE.format(name=letter.sender.name, number=number % 100)}"
    if answers:
        mail["In-Reply-To"] = mail["References"] = answers
        text += f"\nOn Mon, 4 May 2026 at 10:00, {letter.sender.name} wrote:\n" + "".join(
            f"> {line}\n" for line in quoted.splitlines()
        )
    text = text.encode(letter.charset, "replace").decode(letter.charset)
    mail.set_content(text, charset=letter.charset, cte=_encoding(letter.charset, number))
    if number % 7:  # six of seven have an HTML part too
        html = _html(text, chance).encode(letter.charset, "xmlcharrefreplace").decode(letter.charset)
        mail.add_alternative(html, subtype="html", charset=letter.charset, cte=_encoding(letter.charset, number))
    if number % _ATTACHMENT_EVERY == _ATTACHMENT_EVERY - 3:
        photo = chance.randbytes(_ATTACHMENT_OCTETS)
        mail.add_attachment(photo, maintype="image", subtype="jpeg", filename=f"photo-{number}.jpg")
    for depth, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{number:06d}_{depth}_=")  # else the standard library throws dice for it
    return mail.as_bytes()


def _encoding(charset: str, number: int) -> str:
    if charset == "iso-2022-jp":
        return "7bit"
    return ("quoted-printable", "base64", "8bit")[number % 3]


def _html(text: str, chance: random.Random) -> str:
    """The text as a mail client writes it: a table, a style on every paragraph, a footer nobody reads."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    rows = "".join(f'<tr><td style="{_STYLE}">{line or "&nbsp;"}</td></tr>\r\n' for line in escaped.splitlines())
    filler = "".join(
        f'<td style="{_STYLE};width:{chance.randrange(20, 90)}px">&nbsp;</td>' for _ in range(chance.randrange(2, 24))
    )
    return (
        '<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html"><style>p{margin:0}</style></head>'
        f'<body><table role="presentation" width="100%">\r\n{rows}<tr>{filler}</tr></table></body></html>\r\n'
    )
