"""The built-in ticket desk: the tickets of the store are the list, so filing one only names it."""

from collections.abc import Mapping

from supportbot.ports import TicketRef


class LocalTicketDesk:
    """Tickets are worked in supportbot's own console and command line."""

    name = "local"

    def push(self, ticket_id: str, kind: str, title: str, fields: Mapping[str, str]) -> TicketRef:
        return TicketRef(self.name, ticket_id)
