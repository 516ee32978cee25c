"""Which keys raw mail is sealed with, and how all of it comes under another key."""

from sqlalchemy import delete, func, select, update

from supportbot.store.tables import raw_keys, raw_mail
from supportbot.store.work import Work, insert_new

_AT_ONCE = 50  # mails within one transaction


class Sealing(Work):
    """The keys of a database."""

    def keys_in_use(self) -> list[str]:
        """The ids of the keys that some raw mail may be sealed with."""
        return [row.key_id for row in self._all(select(raw_keys.c.key_id).order_by(raw_keys.c.key_id))]

    def note_key(self) -> None:
        """Before anything is sealed: its key is one of those without which this database cannot be read."""
        if self._vault.seals_with:
            row = {"key_id": self._vault.seals_with, "since": self._clock.now()}
            self._write(insert_new(self._dialect, raw_keys), row)

    def reseal(self, after: str = "") -> tuple[str, int, int] | None:
        """Bring the next mails behind `after` under the present key, or into the plain where there is none: the last one, how
        many were looked at, how many were changed; None at the end. Raises `MissingMail` for one that cannot be opened."""
        self.note_key()
        query = select(raw_mail.c.sha256, raw_mail.c.bytes).where(raw_mail.c.sha256 > after, func.length(raw_mail.c.bytes) > 0)
        rows = self._all(query.order_by(raw_mail.c.sha256).limit(_AT_ONCE))
        changed = 0
        for row in rows:
            kept = bytes(row.bytes)
            if self._vault.sealed_with(row.sha256, kept) == self._vault.seals_with:
                continue
            anew = self._vault.seal(row.sha256, self._vault.open(row.sha256, kept))
            changed += self._write(update(raw_mail).where(raw_mail.c.sha256 == row.sha256).values(bytes=anew))
        return (rows[-1].sha256, len(rows), changed) if rows else None

    def forget_other_keys(self, *, by: str) -> None:
        """All raw mail is under the present key: no other is needed any more, and the record says so."""
        gone = [one for one in self.keys_in_use() if one != self._vault.seals_with]
        self._write(delete(raw_keys).where(raw_keys.c.key_id.in_(gone)))
        self.audit(by, "reseal", "raw mail", {"key": self._vault.seals_with, "before": gone})
