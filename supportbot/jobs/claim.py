"""The right to work a database, as an engine holds it: where it is lost, nothing is done until it is held again."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from supportbot.errors import StoreError
from supportbot.jobs.health import Health
from supportbot.store import Claim

RENEWED_EVERY = 3.0
PART = "claim"  # by this name it stands in `health.faults`


class Held:
    """A claim, and whether it is held now."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._claim: Claim | None = None
        self._lost = ""

    @contextmanager
    def over(self, taking: AbstractContextManager[Claim]) -> Iterator[None]:
        """Hold it for as long as the caller stays inside. Raises `StoreError` where it is not to be had."""
        with taking as self._claim:
            yield

    def renew(self) -> None:
        """See that it is held; else take it anew."""
        if self._claim is None:
            return
        try:
            self._claim.renew()
        except StoreError as error:
            self._lost = self._health.faults[PART] = str(error)
        else:
            self._lost = ""
            self._health.well(PART)

    def check(self) -> None:
        """Raises `StoreError` while it is lost: another may work the database now."""
        if self._lost:
            raise StoreError(self._lost)
