"""Order ids that are nearly right: a slip of a finger or an eye away from an order that is known.

Nothing is joined by them. Both ids are told, and a person, or the sender, says which order is meant.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from supportbot.casework.facts import NearMiss
from supportbot.casework.order import Order, bare_order_id

_SEPARATORS = re.compile(r"[\s.\u2010-\u2015_/-]+")
_LOOKS_LIKE = str.maketrans("OQILZSB", "0011258")
_LONG = 7  # digits; of shorter ids the next number is another order more often than a slip
_MOST = 3  # unknown ids of one message that are looked into
_OF_AMAZON = 17  # digits; the letter of "S01-..." and "D01-..." is a rarer thing than an O for a zero
_CODED = re.compile(r"([A-Z]{1,4})(\d+)")
_AMAZON = re.compile(r"([0-9SD]\d{2})(\d{7})(\d{7})")


def how_near(written: str, known: str) -> str | None:
    """What tells an id as written from a known one; None where they are the same, or too far apart to be meant.

    >>> how_near("112-4471O92-1183340", "112-4471092-1183340")
    'a letter for a digit'
    >>> how_near("20993871", "20993817")
    'two digits swapped'
    """
    given, wanted = _closed(written), _closed(known)
    if bare_order_id(written) == bare_order_id(known) or not wanted:
        return None
    if given == wanted:
        return "blanks or hyphens"
    if len(given) == len(wanted):
        given = "".join(map(_as_meant, given, wanted))
    if given == wanted:
        return "a letter for a digit"
    if sum(char.isdigit() for char in wanted) < _LONG or _letters(given) != _letters(wanted):
        return None
    if len(given) == len(wanted):
        places = [at for at, pair in enumerate(zip(given, wanted, strict=True)) if pair[0] != pair[1]]
        if len(places) == 1:
            return "one digit off"
        first, last = places[0], places[-1]
        swapped = len(places) == 2 and last == first + 1 and (given[first], given[last]) == (wanted[last], wanted[first])
        return "two digits swapped" if swapped else None
    if len(wanted) - len(given) == 1 and given in _shorter(wanted):
        return "a digit left out"
    if len(given) - len(wanted) == 1 and wanted in _shorter(given):
        return "a digit too many"
    return None


def _as_meant(given: str, wanted: str) -> str:
    """The digit that a letter looks like, where a digit is wanted."""
    return wanted if wanted.isdigit() and given.translate(_LOOKS_LIKE) == wanted else given


def near_misses(written: Iterable[str], known: Iterable[str]) -> tuple[NearMiss, ...]:
    """Every id as written beside each known one that it misses by little; none for an id that is itself known."""
    known = tuple(dict.fromkeys(known))
    right = {bare_order_id(order_id) for order_id in known}
    return tuple(
        NearMiss(one, order_id, how)
        for one in dict.fromkeys(written)
        if bare_order_id(one) not in right
        for order_id in known
        if (how := how_near(one, order_id)) is not None
    )


def beside_known(written: Sequence[str], find: Callable[[Sequence[str]], Sequence[Order]]) -> tuple[NearMiss, ...]:
    """The ids as written that are on no record beside those on record that they miss by little. `find`: orders by their ids."""
    unknown = [order_id for order_id in dict.fromkeys(written) if not find([order_id])][:_MOST]
    if not unknown:
        return ()
    likely = find([form for order_id in unknown for form in spellings(order_id)])
    return near_misses(unknown, [order.order_id for order in likely])


def spellings(written: str) -> tuple[str, ...]:
    """The ids that may have been meant, to be looked for among the orders on record; not one of them need exist."""
    closed = _closed(written)
    first = re.search(r"\d", closed)
    if len(closed) == _OF_AMAZON and _AMAZON.fullmatch(closed) is None:
        closed = closed.translate(_LOOKS_LIKE)
    elif first is not None:
        closed = closed[: first.start()] + closed[first.start() :].translate(_LOOKS_LIKE)
    found = [closed, *(_nearest(closed) if sum(char.isdigit() for char in closed) >= _LONG else ())]
    return tuple(dict.fromkeys(form for one in found for form in _as_recorded(one)))


def _closed(order_id: str) -> str:
    """Without blanks and hyphens, in capitals, without what people write before it."""
    return _SEPARATORS.sub("", bare_order_id(order_id)).upper()


def _letters(closed: str) -> str:
    return "".join(char for char in closed if not char.isdigit())


def _shorter(closed: str) -> set[str]:
    return {closed[:at] + closed[at + 1 :] for at in range(len(closed))}


def _nearest(closed: str) -> Iterator[str]:
    """All that are one digit off, two swapped digits, or one digit less away."""
    for at, char in enumerate(closed):
        if not char.isdigit():
            continue
        yield from (closed[:at] + digit + closed[at + 1 :] for digit in "0123456789" if digit != char)
        if closed[at + 1 : at + 2].isdigit():
            yield closed[:at] + closed[at + 1] + char + closed[at + 2 :]
        yield closed[:at] + closed[at + 1 :]


def _as_recorded(closed: str) -> Iterator[str]:
    """With the hyphens that its marketplace, or its warehouse, puts in."""
    amazon = _AMAZON.fullmatch(closed)
    if amazon:
        yield "-".join(amazon.groups())
        return
    yield closed
    coded = _CODED.fullmatch(closed)
    if coded:
        yield "-".join(coded.groups())
