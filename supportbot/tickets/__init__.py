"""Where tickets are worked. The built-in list needs nothing else; another desk implements `ports.TicketDesk`."""

from supportbot.tickets.local import LocalTicketDesk

__all__ = ["LocalTicketDesk"]
