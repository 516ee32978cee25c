"""The key archive: every DKIM key that a signature was checked with, and the verdict, as they were when the mail came."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import insert, select, update

from supportbot.mail.signature import SignatureCheck
from supportbot.store.proof_tables import dkim_keys, signature_checks
from supportbot.store.rows import CheckRow
from supportbot.store.work import Work

_CHECK = (
    select(*(signature_checks.c[name] for name in CheckRow.__dataclass_fields__ if name != "key"))
    .add_columns(dkim_keys.c.value.label("key"))
    .outerjoin_from(
        signature_checks,
        dkim_keys,
        (dkim_keys.c.name == signature_checks.c.key_name) & (dkim_keys.c.value_sha256 == signature_checks.c.key_sha256),
    )
)


class KeyArchive(Work):
    """Keys and verdicts; nothing here is ever changed or deleted."""

    def keep_checks(self, message_id: int, checks: Sequence[SignatureCheck]) -> None:
        """What came of the signatures of a message and of those attached to it, and their keys."""
        now = self._clock.now()
        for check in checks:
            verdict, key_sha256 = check.verdict, None
            if verdict.key_name is not None and check.key:
                key_sha256 = hashlib.sha256(check.key.encode()).hexdigest()
                name = verdict.key_name.casefold()
                row = {"name": name, "value_sha256": key_sha256, "value": check.key, "first_seen": now}
                if not self._add_new(dkim_keys, {**row, "last_seen": now}) and verdict.key_source == "dns":
                    this = (dkim_keys.c.name == name, dkim_keys.c.value_sha256 == key_sha256)
                    self._write(update(dkim_keys).where(*this).values(last_seen=now))
            self._write(
                insert(signature_checks),
                {
                    "message_id": message_id,
                    "place": check.place,
                    "signature_sha256": verdict.signature_sha256,
                    "result": verdict.result,
                    "domain": verdict.domain,
                    "aligned": verdict.aligned,
                    "reasons": list(verdict.reasons),
                    "key_name": verdict.key_name and verdict.key_name.casefold(),
                    "key_sha256": key_sha256,
                    "key_source": verdict.key_source if key_sha256 else None,
                    "arc": check.arc,
                    "checked_at": now,
                },
            )

    def checks_of(self, message_id: int) -> list[CheckRow]:
        """The verdicts on a message's signatures with the keys they rest on, oldest first."""
        query = _CHECK.where(signature_checks.c.message_id == message_id).order_by(signature_checks.c.id)
        return [CheckRow(**row._mapping) for row in self._all(query)]

    def key_at_receipt(self, message_id: int, name: str) -> str | None:
        """The key that DNS gave for this very message; None where it gave none."""
        found = [row.key for row in self.checks_of(message_id) if row.key_name == name.casefold() and row.key_source == "dns"]
        return found[-1] if found else None

    def archived_key(self, name: str) -> str | None:
        """The key that DNS gave last under this name, for whatever message; None where none is on record."""
        query = (
            select(dkim_keys.c.value).where(dkim_keys.c.name == name.casefold()).order_by(dkim_keys.c.last_seen.desc()).limit(1)
        )
        row = self._first(query)
        return None if row is None else str(row.value)
