"""Flags of a credit memo: what a person has to look at before it is issued; and the counts that raise them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, or_, select, update

from supportbot.casework.anomalies import FLAGS, Flag
from supportbot.errors import UsageError
from supportbot.store.columns import new_id
from supportbot.store.proof_tables import memo_flags
from supportbot.store.rows import FlagRow
from supportbot.store.tables import acceptances, credit_memos, messages, orders
from supportbot.store.work import Work

_MOST_ANSWERS = 500  # newest acceptances whose words are compared


class Flags(Work):
    """Raised as a memo opens; cleared by people, with a reason."""

    def raise_flags(self, memo_id: str, flags: Sequence[Flag]) -> None:
        """Nothing but `clear_flag` takes them away."""
        for flag in flags:
            row = {"id": new_id("f"), "memo_id": memo_id, "code": flag.code, "evidence": flag.evidence, "reason": ""}
            self._write(insert(memo_flags), {**row, "raised_at": self._clock.now()})
            self.audit("supportbot", "flag", f"memo {memo_id}", {"code": flag.code})

    def flags_of(self, memo_id: str) -> list[FlagRow]:
        """All flags of a memo, cleared ones too."""
        columns = [memo_flags.c[name] for name in FlagRow.__dataclass_fields__ if name != "sentence"]
        rows = self._all(select(*columns).where(memo_flags.c.memo_id == memo_id).order_by(memo_flags.c.code))
        return [FlagRow(**row._mapping, sentence=FLAGS.get(row.code, row.code)) for row in rows]

    def clear_flag(self, memo_id: str, code: str, *, by: str, reason: str) -> None:
        """A person has looked at it. Raises `UsageError` where there is no such flag, or it is cleared already."""
        standing = update(memo_flags).where(
            memo_flags.c.memo_id == memo_id, memo_flags.c.code == code, memo_flags.c.cleared_at.is_(None)
        )
        if self._write(standing.values(cleared_by=by, cleared_at=self._clock.now(), reason=reason)) != 1:
            raise UsageError(f"no flag {code} stands on this credit memo")
        self.audit(by, "clear flag", f"memo {memo_id}", {"code": code})

    def memos_of_seller(self, seller_id: str, since: datetime) -> tuple[int, int]:
        """(issued ever, opened since) of a seller's orders."""
        own = select(func.count()).select_from(credit_memos).join(orders, orders.c.key == credit_memos.c.order_key)
        own = own.where(orders.c.seller_id == seller_id)
        issued = self._connection.execute(own.where(credit_memos.c.status == "issued")).scalar_one()
        return int(issued), int(self._connection.execute(own.where(credit_memos.c.opened_at >= since)).scalar_one())

    def other_sellers_of_buyer(self, addresses: Sequence[str], seller_id: str) -> list[str]:
        """Sellers besides this one whose re-bills a buyer with one of these addresses has accepted."""
        folded = [address.lower() for address in addresses]
        query = (
            select(orders.c.seller_id)
            .join(acceptances, acceptances.c.order_key == orders.c.key)
            .where(
                orders.c.seller_id != seller_id,
                acceptances.c.verified.is_(True),
                or_(func.lower(orders.c.buyer_address).in_(folded), func.lower(orders.c.buyer_relay_address).in_(folded)),
            )
            .distinct()
        )
        return sorted(str(row.seller_id) for row in self._all(query))

    def cases_accepted_in(self, text: str, case_id: str) -> list[str]:
        """Other cases whose newest verified acceptances say the same, white space and case apart."""
        folded = " ".join(text.casefold().split())
        query = (
            select(acceptances.c.case_id, messages.c.details)
            .join(messages, messages.c.id == acceptances.c.message_id)
            .where(acceptances.c.verified.is_(True), acceptances.c.case_id != case_id)
            .order_by(acceptances.c.recorded_at.desc())
            .limit(_MOST_ANSWERS)
        )
        found = []
        for row in self._all(query):
            chain = row.details.get("chain") if isinstance(row.details, dict) else None
            said = chain.get("answer") if isinstance(chain, dict) else None
            if isinstance(said, str) and folded and " ".join(said.casefold().split()) == folded:
                found.append(str(row.case_id))
        return sorted(set(found))
