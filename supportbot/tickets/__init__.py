"""Where tickets are worked. The built-in list needs nothing else; another desk implements `ports.TicketDesk`."""

from supportbot.tickets.local import LocalTicketDesk
from supportbot.tickets.mail import MailTicketDesk

__all__ = ["LocalTicketDesk", "MailTicketDesk"]
