"""Puts the review console before a running app: the desk's actions as the web asks for them, and the server around them."""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from supportbot.app import App, build_house, open_provider
from supportbot.clock import monotonic
from supportbot.config.checks import SQLITE
from supportbot.correcting import Correcting
from supportbot.desk import Desk
from supportbot.errors import UsageError
from supportbot.jobs import Engine
from supportbot.settings import Settings
from supportbot.store import DraftRow
from supportbot.tryout import Tryout
from supportbot.web import ConsoleServer, Doors, HoldOutcome, Vitals, Workshop, create_console, serve


@dataclass(frozen=True, slots=True)
class ConsoleActions:
    """The desk, as the console's `DeskActions`."""

    desk: Desk

    def approve(self, draft_id: str, *, reviewer: str, shown_sha256: str) -> None:
        self.desk.approve(draft_id, reviewer=reviewer, shown_sha256=shown_sha256)

    def edit(self, draft_id: str, *, subject: str, body: str, reviewer: str, shown_sha256: str) -> DraftRow:
        return self.desk.edit(draft_id, subject=subject, body=body, reviewer=reviewer, shown_sha256=shown_sha256)

    def check(self, draft_id: str, *, subject: str, body: str) -> Sequence[str]:
        return self.desk.check(draft_id, subject=subject, body=body)

    def reject(self, draft_id: str, *, reviewer: str, shown_sha256: str, reason: str) -> None:
        self.desk.reject(draft_id, reviewer=reviewer, shown_sha256=shown_sha256, reason=reason)

    def undo_approval(self, draft_id: str, *, reviewer: str) -> None:
        self.desk.undo_approval(draft_id, reviewer=reviewer)

    def retry_failed(self, draft_id: str, *, by: str) -> DraftRow:
        return self.desk.retry_failed(draft_id, by=by)

    def confirm_rebill(self, ticket_id: str, *, by: str, reference: str) -> None:
        self.desk.money.confirm_rebill(ticket_id, by=by, reference=reference)

    def fail_rebill(self, ticket_id: str, *, by: str, reason: str) -> None:
        self.desk.money.fail_rebill(ticket_id, by=by, reason=reason)

    def clear_flag(self, ticket_id: str, code: str, *, by: str, reason: str) -> None:
        self.desk.money.clear_flag(ticket_id, code, by=by, reason=reason)

    def confirm_direct_proof(self, case_id: str, *, by: str) -> None:
        self.desk.money.confirm_direct_proof(case_id, by=by)

    def propose_chain(self, case_id: str, *, by: str, reason: str) -> None:
        self.desk.money.propose_chain(case_id, by=by, reason=reason)

    def confirm_proposed_chain(self, case_id: str, *, by: str, shown: int) -> None:
        self.desk.money.confirm_proposed_chain(case_id, by=by, shown=shown)

    def reject_chain(self, case_id: str, *, by: str, reason: str) -> None:
        self.desk.reject_chain(case_id, by=by, reason=reason)

    def close_case(self, case_id: str, *, by: str, reason: str) -> None:
        self.desk.close_case(case_id, by=by, reason=reason)

    def resolve_hold(self, case_id: str, *, outcome: HoldOutcome, by: str, reason: str) -> None:
        self.desk.resolve_hold(case_id, outcome=outcome, by=by, reason=reason)

    def mark_handled(self, message_id: int, *, by: str) -> None:
        self.desk.mark_handled(message_id, by=by)

    def close_ticket(self, ticket_id: str, *, by: str, reason: str) -> None:
        self.desk.close_ticket(ticket_id, by=by, reason=reason)

    def settle_uncertain(self, outbox_id: str, *, delivered: bool, by: str) -> None:
        self.desk.settle_uncertain(outbox_id, delivered=delivered, by=by)

    def enter_memo(self, ticket_id: str, *, amount: Decimal, by: str) -> None:
        self.desk.money.enter_memo(ticket_id, amount=amount, by=by)

    def issue_memo(self, ticket_id: str, *, by: str) -> None:
        self.desk.money.issue_memo(ticket_id, by=by)

    def retry_quarantined(self, entry_id: int, *, by: str) -> None:
        self.desk.retry_quarantined(entry_id, by=by)

    def release_quarantined(self, entry_id: int, *, by: str, reason: str) -> None:
        self.desk.release_quarantined(entry_id, by=by, reason=reason)


def open_console(
    app: App, host: str, port: int, *, demo_users: Sequence[str] = (), engine: Engine | None = None
) -> ConsoleServer:
    """Serve the console in the background. Raises `UsageError` when the port is taken."""
    said = app.settings.console
    doors = Doors(frozenset(said.second_factor_roles), said.address, said.openid, open_provider(app.settings, app.clock))
    console = create_console(
        app.store,
        ConsoleActions(app.desk),
        team_name=app.settings.team_name,
        secret=secret_of(app.settings),
        demo_users=demo_users,
        pulse=lambda: _vitals(engine),
        doors=doors,
        workshop=Workshop(Correcting(app.desk), Tryout(app.desk, lambda: build_house(app.settings))),
    )
    return serve(console, host, port, None)


def secret_of(settings: Settings) -> bytes:
    """What the consoles of a database seal with: as configured, else a file beside the SQLite database, made where missing.

    Raises `UsageError` for PostgreSQL without one: several machines may use it, and each would make its own.
    """
    said = settings.console.secret.get_secret_value()
    if said:
        return said.encode()
    if not settings.database.startswith(SQLITE):
        raise UsageError(
            "the console needs `console.secret` with PostgreSQL: env:NAME or file:PATH, made by `openssl rand -hex 32`"
        )
    database = Path(settings.database.removeprefix(SQLITE))
    file = database.with_name(f"{database.name}.secret")
    try:
        with suppress(FileExistsError), os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(secrets.token_hex(32))
        return file.read_bytes().strip()
    except OSError as error:
        raise UsageError(f"the console's secret cannot be kept in {file}: {error.strerror}") from error


def _vitals(engine: Engine | None) -> Vitals:
    if engine is None:
        return Vitals({}, {}, {})
    faults, last = dict(engine.health.faults), dict(engine.health.last_fetch)
    since = {name: monotonic() - at for name, at in last.items()}
    return Vitals({part: part in faults for part in engine.parts}, since, engine.lag, engine.watch.troubles)
