"""What may tie a message to a case, so that several workers keep the order of each case without knowing the case beforehand."""

from collections.abc import Iterator

from supportbot.casework.order import bare_order_id
from supportbot.judgement import orders_mentioned
from supportbot.mail.message import Forwarded, InboundMessage
from supportbot.mail.thread import case_tag, reply_tokens
from supportbot.proof import Letter, Records
from supportbot.triage.facts import order_ids

_MOST = 64
"""Keys of one message: nobody names more orders in earnest, and each costs a row."""
_LONGEST = 200


def keys_of(letter: Letter, records: Records) -> tuple[str, ...]:
    """Every key of a message, at least one: its sender, the Message-IDs it bears and names, our tokens and case tags, the
    orders it speaks of at any depth, and those of the mails of ours that it answers.

    Two messages that `judgement.link_thread` or `find_orders` could lead to one case share a key, whichever is worked first.
    """
    found = dict.fromkeys(_keys(letter.message, records))
    return tuple(key[:_LONGEST] for key in found)[:_MOST]


def _keys(message: InboundMessage, records: Records) -> Iterator[str]:
    sender = message.sender.address if message.sender else ""
    yield f"from:{sender.casefold()}"
    sent = records.sent_answered_by(message)
    yield from (f"order:{bare_order_id(mail.order_id)}" for mail in sent if mail.order_id)
    yield from (f"case:{mail.case_id}" for mail in sent if mail.case_id)
    if tag := case_tag(message.subject):
        yield f"case:{tag}"
    if message.bounce and message.bounce.case_id:
        yield f"case:{message.bounce.case_id}"
    yield from (f"token:{token}" for token in reply_tokens((*message.to, *message.cc)))
    named = dict.fromkeys(found.value for text in _texts(message) for found in order_ids(text))
    yield from (f"order:{bare_order_id(order_id)}" for order_id in named)
    yield from (f"order:{bare_order_id(order.order_id)}" for order in orders_mentioned(message, records))
    own = records.orders_of(sender) if sender else []
    if len(own) == 1:  # the only order of its sender is what it is about, where it names none
        yield f"order:{bare_order_id(own[0].order_id)}"
    bounced = message.bounce.original_message_id if message.bounce else None
    ids = (message.message_id, message.in_reply_to, bounced, *reversed(message.references))
    yield from (f"mail:{message_id}" for message_id in ids if message_id)


def _texts(message: InboundMessage) -> Iterator[str]:
    yield message.subject
    yield message.body
    inner: list[Forwarded] = list(message.forwarded)
    while inner:
        one = inner.pop()
        yield one.subject or ""
        yield one.body
