"""What supportbot remembers: mail, orders, cases, drafts, money, people, and the record of it all. SQLite or PostgreSQL."""

from supportbot.store.outgoing import AUTOPILOT
from supportbot.store.rows import (
    AuditRow,
    CaseEventRow,
    CaseRow,
    DraftRow,
    FolderPosition,
    Kept,
    KeptMail,
    MemoLine,
    MemoRow,
    MessageRow,
    OutboxRow,
    QuarantineRow,
    SentMail,
    StoredOrder,
    TicketRow,
    TimerRow,
    UserRow,
)
from supportbot.store.store import Store, Transaction
from supportbot.store.upkeep import backup, restore

__all__ = [
    "AUTOPILOT",
    "AuditRow",
    "CaseEventRow",
    "CaseRow",
    "DraftRow",
    "FolderPosition",
    "Kept",
    "KeptMail",
    "MemoLine",
    "MemoRow",
    "MessageRow",
    "OutboxRow",
    "QuarantineRow",
    "SentMail",
    "Store",
    "StoredOrder",
    "TicketRow",
    "TimerRow",
    "Transaction",
    "UserRow",
    "backup",
    "restore",
]
