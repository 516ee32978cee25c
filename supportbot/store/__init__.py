"""What supportbot remembers: mail, orders, cases, drafts, money, people, and the record of it all. SQLite or PostgreSQL."""

from supportbot.store.access import SCOPES, SecondFactorRow, Seen, TokenRow, ViewRow
from supportbot.store.copying import copy
from supportbot.store.erasing import Erased, Person
from supportbot.store.lock import Claim
from supportbot.store.mail_in import CAUSES
from supportbot.store.outgoing import AUTOPILOT
from supportbot.store.retaining import Expired
from supportbot.store.rows import (
    AuditRow,
    CaseEventRow,
    CaseRow,
    CorrectionRow,
    DraftRow,
    FolderPosition,
    Kept,
    KeptMail,
    MarkRow,
    MemoLine,
    MemoRow,
    MessageRow,
    MoveRow,
    NoteRow,
    OutboxRow,
    QuarantineRow,
    SentMail,
    StoredOrder,
    TicketRow,
    TimerRow,
    UserRow,
    WorkLine,
)
from supportbot.store.scope import ScopedStore
from supportbot.store.sessions import Counter, SessionRow
from supportbot.store.store import Store, Transaction
from supportbot.store.turns import Before
from supportbot.store.upkeep import Restored, backup, erase_in_copy, is_database, receipts_file, restore
from supportbot.store.vault import Vault, read_key
from supportbot.store.work import Job
from supportbot.store.work_parts import Who
from supportbot.store.worklist import Filter

__all__ = [
    "AUTOPILOT",
    "CAUSES",
    "SCOPES",
    "AuditRow",
    "Before",
    "CaseEventRow",
    "CaseRow",
    "Claim",
    "CorrectionRow",
    "Counter",
    "DraftRow",
    "Erased",
    "Expired",
    "Filter",
    "FolderPosition",
    "Job",
    "Kept",
    "KeptMail",
    "MarkRow",
    "MemoLine",
    "MemoRow",
    "MessageRow",
    "MoveRow",
    "NoteRow",
    "OutboxRow",
    "Person",
    "QuarantineRow",
    "Restored",
    "ScopedStore",
    "SecondFactorRow",
    "Seen",
    "SentMail",
    "SessionRow",
    "Store",
    "StoredOrder",
    "TicketRow",
    "TimerRow",
    "TokenRow",
    "Transaction",
    "UserRow",
    "Vault",
    "ViewRow",
    "Who",
    "WorkLine",
    "backup",
    "copy",
    "erase_in_copy",
    "is_database",
    "read_key",
    "receipts_file",
    "restore",
]
