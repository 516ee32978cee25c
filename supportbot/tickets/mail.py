"""Tickets by mail: each is one mail to the address from which another ticket system opens its tickets.

A ticket's Message-ID is made of its id, so that a ticket pushed again after a crash is the same mail to the other system.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from supportbot.errors import DeliveryError, TicketError, UncertainDelivery
from supportbot.mail.compose import MAX_SUBJECT, ComposeRefused, compose
from supportbot.mail.message import Mailbox, OutboundMessage
from supportbot.ports import MailSink, TicketRef

_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class MailTicketDesk:
    """A desk that takes tickets by mail. `connect` gives a mail server of its own for each push."""

    name = "mail"

    def __init__(self, connect: Callable[[], MailSink], sender: Mailbox, to: str, now: Callable[[], datetime]) -> None:
        self._connect, self._sender, self._to, self._now = connect, sender, to, now

    def push(self, ticket_id: str, kind: str, title: str, fields: Mapping[str, str]) -> TicketRef:
        """One mail with the ticket's fields. Where the reply was lost, the same mail goes again."""
        message_id = f"<ticket.{ticket_id}@{self._sender.address.rpartition('@')[2]}>"
        lines = [f"{_line(name)}: {_line(value)}" for name, value in fields.items()]
        message = OutboundMessage(
            message_id=message_id,
            sender=self._sender,
            to=(self._to,),
            subject=_line(f"[{kind} {ticket_id}] {title}")[:MAX_SUBJECT],
            body="\n".join([_line(title), "", *lines, "", f"supportbot {kind} {ticket_id}", ""]),
            date=self._now(),
            auto_submitted="auto-generated",
            extra=(("X-Supportbot-Ticket", ticket_id),),
        )
        sink = self._connect()
        try:
            sink.send(self._sender.address, [self._to], compose(message))
        except (DeliveryError, UncertainDelivery, ComposeRefused) as error:
            raise TicketError(f"ticket {ticket_id} could not be mailed to {self._to}: {error}") from error
        finally:
            sink.close()
        return TicketRef(self.name, message_id)


def _line(text: str) -> str:
    return " ".join(_ODD.sub(" ", text).replace("=?", "= ?").split())
