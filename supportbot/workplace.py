"""What every part of the desk works with."""

from collections.abc import Callable

from supportbot.casebook import CaseBook
from supportbot.clock import Clock
from supportbot.errands import Errands
from supportbot.judgement import House
from supportbot.store import Store


class Workplace:
    """The records, the rules, the clock and the case book of one team; `wake` makes the engine look for work sooner."""

    def __init__(self, store: Store, house: House, clock: Clock, wake: Callable[[], None]) -> None:
        self.store = store
        self.house = house
        self.clock = clock
        self.wake = wake
        self.cases = CaseBook(house.settings)
        self.errands = Errands(house.settings.timers.give_up_after_days)
