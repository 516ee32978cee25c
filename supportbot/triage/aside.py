"""Clauses that tell a story and decide nothing: "the heifers are drinking from it".

People who agree also chat, and no list of whole phrases holds what they chat about. An aside is closed all the same: it has a
subject and a verb of the list, and every word of it is of the list, where no word can refuse, restrict, condition, hedge, ask
or speak for somebody else; what could, in any company, is named as a word that may never stand in one, and so are idioms of
harmless words. Only what somebody owns, and a name, may go by a word of its own: "my whittling bench", never "is the scam".
A day or an hour stands only beside what is past: "it came on Friday" tells, "it is fine on Friday" sets a date. No aside ends
in a word that what follows would hang on: "as long as".
"""

import re
from collections.abc import Callable, Sequence

from supportbot.triage.rules import Aside

_MOST_WORDS = 40
_MOST_LEAD_WORDS = 6  # before the verb, or before the subject: "at my sister's place"
_MOST_OWN_WORDS = 2
_MOST_CHEERS = 4  # words of joy in a row
_MOST_CHAT_WORDS = 16
_MOST_IDIOM_WORDS = 3
_NAME = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ'’-]+\Z")
_NUMBER = re.compile(r"\d{1,3}\Z")


class Asides:
    """The words of asides of one language, ready to look up."""

    def __init__(self, rules: Aside, not_things: frozenset[str], first_names: frozenset[str]) -> None:
        self._subjects = frozenset(rules.subjects)
        self._determiners = frozenset((*rules.determiners, *rules.vague))
        self._vague = frozenset(rules.vague)
        self._being = frozenset(rules.being)
        self._past = frozenset(rules.told)
        self._present = frozenset(rules.tells) - self._past
        self._verbs = frozenset((*rules.tells, *rules.told, *rules.being))
        self._times = frozenset(rules.times)
        self._occasions = frozenset(rules.occasions)
        self._purposes = frozenset(rules.purposes)
        self._backgrounds = frozenset(rules.backgrounds)
        self._numbers = frozenset(rules.numbers)
        self._counted = frozenset(rules.counted)
        self._cheers = frozenset(rules.cheers)
        self._before_names = frozenset(rules.before_names)
        self._adverbs = frozenset(rules.adverbs)
        self._plain = frozenset(
            (*rules.words, *self._adverbs, *self._subjects, *self._determiners, *self._verbs, *self._before_names)
        )
        self._of_nouns = self._plain - self._verbs - self._determiners  # may stand before or be what somebody has
        self._story = frozenset(rules.story)
        self._unfinished = frozenset((*rules.unfinished, *self._determiners, *self._backgrounds, ","))
        self._left_out = frozenset(rules.left_out)
        self._idioms: dict[str, list[tuple[str, ...]]] = {}
        for idiom in rules.idioms:
            first, *rest = idiom.split()
            self._idioms.setdefault(first, []).append(tuple(rest))
        self._not_own = not_things | frozenset(rules.never)
        self._first_names = first_names - self._not_own - self._plain
        self._drops_subject = rules.drops_subject

    def ends(self, words: Sequence[str], written: Callable[[int], str], at: int) -> frozenset[int]:
        """Every place where an aside that begins at word `at` can end."""
        ends: set[int] = set()
        place = at
        while place < len(words) and words[place] in self._cheers and place - at < _MOST_CHEERS:
            place += 1
            if self._idiom_between(words, at, place):
                return frozenset()
            ends.add(place)
        verb = self._verb(words, written, at)
        if verb is not None and not self._idiom_between(words, at, verb + 1):
            past = words[verb] in self._past | self._left_out or self._participle(words, verb + 1)
            ends.update(self._run(words, written, (at, verb), past=past, most=_MOST_WORDS))
        return frozenset(ends)

    def chat_ends(self, words: Sequence[str], written: Callable[[int], str], at: int) -> frozenset[int]:
        """Every place where a run of harmless words can end, for a clause that says what they are: "thanks for ..."."""
        return frozenset(self._run(words, written, (at, at - 1), past=True, most=_MOST_CHAT_WORDS))

    def fragment_ends(self, words: Sequence[str], written: Callable[[int], str], at: int) -> frozenset[int]:
        """Every place where harmless words without a verb in front can end: "lovely weather here"."""
        if at < len(words) and (words[at] in self._verbs or words[at] in self._unfinished):
            return frozenset()
        return frozenset(self._run(words, written, (at, at - 1), past=False, most=_MOST_CHAT_WORDS))

    def story_ends(self, words: Sequence[str], written: Callable[[int], str], at: int) -> frozenset[int]:
        """Every place where the reason of a cancellation that is over can end: past verbs, and what was feared."""
        ends: set[int] = set()
        place = at
        past = False
        while place < len(words) and place - at < _MOST_WORDS:
            step = 1 if words[place] in self._story else self._step(words, written, place, at, past=True)
            if not step or (words[place] in self._present and words[place] not in self._story):
                break
            past = past or words[place] in self._past or words[place] in self._story
            place += step
            if past:
                ends.add(place)
        return frozenset(ends)

    def _run(
        self, words: Sequence[str], written: Callable[[int], str], first: tuple[int, int], *, past: bool, most: int
    ) -> set[int]:
        """Places where harmless words that begin at `first[0]`, read up to `first[1]`, can end."""
        at, read = first
        ends: set[int] = set()
        place = read + 1
        if place > at and words[read] not in self._unfinished:
            ends.add(place)
        while place < len(words) and place - at < most:
            step = self._step(words, written, place, at, past=past)
            if not step or self._idiom_between(words, max(0, at - _MOST_IDIOM_WORDS), place + step):
                break  # an idiom may begin in the words before: "I am sick" and "of it"
            place += step
            if words[place - 1] not in self._unfinished:
                ends.add(place)
        return ends

    def _verb(self, words: Sequence[str], written: Callable[[int], str], at: int) -> int | None:
        """Where the verb stands behind a subject that begins at `at`."""
        place = self._past_adverbs(words, at)
        told = False  # a day in front wants a verb of the past
        if place < len(words) and words[place] in self._before_names:
            first = place
            while place < len(words) and place - first < _MOST_LEAD_WORDS:
                step = self._step(words, written, place, at, past=True)
                if not step or (place > first + 1 and words[place] in self._subjects):
                    break
                told = told or words[place] in self._times or words[place] in self._occasions
                place += step
        elif place < len(words) and words[place] in self._times:
            told = True
            place += 1
        place = self._past_adverbs(words, place)
        verb = self._verb_behind(words, written, place)
        if verb is None and place > at and place < len(words) and words[place] in self._past:
            verb = place  # the subject stands in the lead: "yesterday arrived", "at home the cat slept"
        return verb if verb is None or not told or words[verb] in self._past else None

    def _verb_behind(self, words: Sequence[str], written: Callable[[int], str], place: int) -> int | None:
        if place >= len(words):
            return None
        if words[place] in self._verbs:
            bare = self._drops_subject or (words[place] in self._left_out and not self._asks(words, place + 1))
            return place if bare else None
        if words[place] in self._determiners and (own := self._own(words, place + 1)):
            place += 1 + own
        elif words[place] in self._subjects or (words[place] in self._first_names and written(place)[:1].isupper()):
            place += 1
        else:
            return None
        first = place = self._past_adverbs(words, place)
        if place < len(words) and words[place] not in self._verbs and words[place] not in self._before_names:
            return None
        while place < len(words) and words[place] not in self._verbs and place - first < _MOST_LEAD_WORDS:
            step = self._step(words, written, place, first - 1, past=False)
            if not step or words[place] == ",":
                return None
            place += step
        return place if place < len(words) and words[place] in self._verbs else None

    def _asks(self, words: Sequence[str], place: int) -> bool:
        """Whether a verb in front of word `place` asks or supposes: "had I known"."""
        return place < len(words) and (words[place] in self._subjects or words[place] in self._determiners - self._vague)

    def _past_adverbs(self, words: Sequence[str], place: int) -> int:
        while place < len(words) and words[place] in self._adverbs:
            place += 1
        return place

    def _participle(self, words: Sequence[str], place: int) -> bool:
        """Whether "has" or "is" leads a verb of the past: "it has arrived"."""
        while place < len(words) and (words[place] in self._adverbs or words[place] in self._times):
            place += 1
        return place < len(words) and words[place] in self._past

    def _idiom_between(self, words: Sequence[str], first: int, last: int) -> bool:
        """Whether the word before `last` ends an idiom that began behind `first`."""
        return any(
            tuple(words[at + 1 : at + 1 + len(rest)]) == rest
            for at in range(max(first, last - 6), last)
            for rest in self._idioms.get(words[at], ())
        )

    def _step(self, words: Sequence[str], written: Callable[[int], str], place: int, first: int, *, past: bool) -> int:
        """How many words the aside that began at `first` takes at `place`."""
        word = words[place]
        if word in self._times or word in self._backgrounds:
            return 1 if past else 0
        if word in self._occasions:
            return 1 if past or any(one in self._purposes for one in words[max(first, place - 4) : place]) else 0
        if word in self._determiners:
            if place and words[place - 1] in self._being and word not in self._vague:
                return 0  # "he is the buyer", "it is the opposite": who or what something is may decide
            return 1 + self._own(words, place + 1)
        if word in self._plain:
            return 1
        if word == ",":  # more of the same story
            return 1 if place + 1 < len(words) and words[place + 1] in self._of_nouns else 0
        if word in self._numbers or _NUMBER.match(word):
            return 2 if place + 1 < len(words) and self._countable(words[place + 1], past=past) else 0
        return 1 if self._named(words, written, place) else 0

    def _countable(self, word: str, *, past: bool) -> bool:
        return word in self._counted or (past and word in self._times)

    def _named(self, words: Sequence[str], written: Callable[[int], str], place: int) -> bool:
        word = words[place]
        if word in self._not_own or not _NAME.match(written(place)):
            return False
        return word in self._first_names or (place > 0 and words[place - 1] in self._before_names)

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
            and word not in self._not_own
            and word not in self._plain
            and word not in self._times
            and word not in self._occasions
            and word not in self._cheers
        )
