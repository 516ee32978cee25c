"""Clauses that tell a story and decide nothing: "the heifers are drinking from it".

People who agree also chat, and no list of whole phrases holds what they chat about. An aside is closed all the same: it begins
with its subject and a verb of the list, and every word of it is of the list, where no word can refuse, restrict, condition,
hedge, ask or speak for somebody else. Only what somebody owns may go by a name of its own: "my whittling bench", never "is the
scam". A day or an hour stands only beside what is past: "it came on Friday" tells, "it is fine on Friday" sets a date.
"""

import re
from collections.abc import Callable, Sequence

from supportbot.triage.rules import Aside

_MOST_WORDS = 28
_MOST_OWN_WORDS = 2
_MOST_CHEERS = 4  # words of joy in a row
_NAME = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ'’-]+\Z")


class Asides:
    """The words of asides of one language, ready to look up."""

    def __init__(self, rules: Aside, not_things: frozenset[str]) -> None:
        self._subjects = frozenset(rules.subjects)
        self._determiners = frozenset((*rules.determiners, *rules.vague))
        self._vague = frozenset(rules.vague)
        self._being = frozenset(rules.being)
        self._past = frozenset(rules.told)
        self._present = frozenset(rules.tells) - self._past
        self._verbs = frozenset((*rules.tells, *rules.told, *rules.being))
        self._times = frozenset(rules.times)
        self._cheers = frozenset(rules.cheers)
        self._before_names = frozenset(rules.before_names)
        self._adverbs = frozenset(rules.adverbs)
        self._plain = frozenset(
            (*rules.words, *self._adverbs, *self._subjects, *self._determiners, *self._verbs, *self._before_names)
        )
        self._of_nouns = self._plain - self._verbs - self._determiners  # may stand before or be what somebody has
        self._story = frozenset(rules.story)
        self._not_things = not_things
        self._drops_subject = rules.drops_subject

    def ends(self, words: Sequence[str], written: Callable[[int], str], at: int) -> frozenset[int]:
        """Every place where an aside that begins at word `at` can end."""
        ends: set[int] = set()
        place = at
        while place < len(words) and words[place] in self._cheers and place - at < _MOST_CHEERS:
            place += 1
            ends.add(place)
        verb = self._verb(words, at)
        if verb is None:
            return frozenset(ends)
        past = words[verb] in self._past or self._participle(words, verb + 1)
        place = verb + 1
        ends.add(place)
        while place < len(words) and place - at < _MOST_WORDS:
            step = self._step(words, written, place, past=past)
            if not step:
                break
            place += step
            ends.add(place)
        return frozenset(ends)

    def story_ends(self, words: Sequence[str], written: Callable[[int], str], at: int) -> frozenset[int]:
        """Every place where the reason of a cancellation that is over can end: past verbs, and what was feared."""
        ends: set[int] = set()
        place = at
        past = False
        while place < len(words) and place - at < _MOST_WORDS:
            step = 1 if words[place] in self._story else self._step(words, written, place, past=True)
            if not step or (words[place] in self._present and words[place] not in self._story):
                break
            past = past or words[place] in self._past or words[place] in self._story
            place += step
            if past:
                ends.add(place)
        return frozenset(ends)

    def _verb(self, words: Sequence[str], at: int) -> int | None:
        """Where the verb stands behind a subject that begins at `at`."""
        place = self._past_adverbs(words, at)
        if place < len(words) and words[place] in self._times:
            place = self._past_adverbs(words, place + 1)
            if place < len(words) and words[place] in self._past:
                return place
        if self._drops_subject and place < len(words) and words[place] in self._verbs:
            return place
        if place < len(words) and words[place] in self._determiners and (own := self._own(words, place + 1)):
            place += 1 + own
        elif place < len(words) and words[place] in self._subjects:
            place += 1
        else:
            return None
        place = self._past_adverbs(words, place)
        return place if place < len(words) and words[place] in self._verbs else None

    def _past_adverbs(self, words: Sequence[str], place: int) -> int:
        while place < len(words) and words[place] in self._adverbs:
            place += 1
        return place

    def _participle(self, words: Sequence[str], place: int) -> bool:
        """Whether "has" or "is" leads a verb of the past: "it has arrived"."""
        place = self._past_adverbs(words, place)
        return place < len(words) and words[place] in self._past

    def _step(self, words: Sequence[str], written: Callable[[int], str], place: int, *, past: bool) -> int:
        """How many words the aside takes at `place`."""
        word = words[place]
        if word in self._times:
            return 1 if past else 0
        if word in self._determiners:
            if words[place - 1] in self._being:
                return 0  # "he is the buyer", "it is the opposite": who or what something is may decide
            return 1 + self._own(words, place + 1)
        if word in self._plain:
            return 1
        named = words[place - 1] in self._before_names and _NAME.match(written(place)) and word not in self._not_things
        return 1 if named else 0

    def _own(self, words: Sequence[str], place: int) -> int:
        """Words of what somebody has: any number that is plain, then up to two that only the writer knows.

        "My bench" is a thing of the writer's; "a recall", "this farce" may be anything.
        """
        first = place
        while place < len(words) and words[place] in self._of_nouns:
            place += 1
        known = place - first
        own = 0
        named = words[first - 1] not in self._vague
        while named and place < len(words) and own < _MOST_OWN_WORDS and self._ownable(words[place]):
            place += 1
            own += 1
        return known + own if known or own else 0

    def _ownable(self, word: str) -> bool:
        return (
            len(word) > 2
            and word.replace("-", "").isalpha()
            and word not in self._not_things
            and word not in self._plain
            and word not in self._times
            and word not in self._cheers
        )
