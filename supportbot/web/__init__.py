"""The reviewer's console: pages rendered on the server that work without scripts. `create_console` builds it, `serve` runs it.

One view module per topic (`queue`, `drafts`, `corrections`, `threads`, `money`, `rules` and so on; the doors `first`, `second`,
`openid`, `account`, `watch`), each a router over the same `Console`; pages in `pages/`, one design system in
`static/tokens.css`. Who may ask for a route stands in `routes`; `api` is the same as JSON. Reads come from
`Store.snapshot()`, a seller's user's from `ScopedStore`. Effects on mail, cases and money are calls of `DeskActions`; marks
and notes are the store's `Notebook`.
"""

from supportbot.web.actions import DeskActions, HoldOutcome
from supportbot.web.application import create_console
from supportbot.web.doors import Doors
from supportbot.web.passwords import hash_password
from supportbot.web.server import ConsoleServer, serve
from supportbot.web.vitals import Vitals
from supportbot.web.workshop import Workshop

__all__ = [
    "ConsoleServer",
    "DeskActions",
    "Doors",
    "HoldOutcome",
    "Vitals",
    "Workshop",
    "create_console",
    "hash_password",
    "serve",
]
