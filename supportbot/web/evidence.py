"""Where the facts stand in a text: cuts a mail's new text into stretches, each with the marks that lie on it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from supportbot.casework.facts import Evidence
from supportbot.web.words import fact_name

TONES: tuple[tuple[str, int], ...] = (
    ("accepts_item", 1),
    ("accepts_rebill", 2),
    ("order_ids", 3),
    ("tracking", 5),
    ("kind", 4),
)
OTHER_TONE = 6

# Characters that change how a text reads without showing (Unicode UTS 55): they are written out instead.
_HIDDEN = {
    code: f"⟨U+{code:04X}⟩"
    for codes in (
        range(0x20),
        range(0x7F, 0xA0),
        (0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF),
        range(0x202A, 0x202F),
        range(0x2060, 0x2070),
        range(0xE0000, 0xE0080),
    )
    for code in codes
    if chr(code) not in "\n\t"
}
_HIDDEN_ON_A_LINE = _HIDDEN | {ord("\n"): " ", ord("\t"): " "}


def visible(text: str) -> str:
    """A text with its invisible and direction-changing characters written out; lines stay."""
    return text.translate(_HIDDEN)


def visible_line(text: str) -> str:
    """The same on one line."""
    return text.translate(_HIDDEN_ON_A_LINE)


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of the legend. `placed`: the words are marked in the text; otherwise they stand in the subject or a header."""

    number: int
    fact: str
    name: str
    text: str
    rule: str
    tone: int
    placed: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of characters under the same marks. `ends`: numbers of the marks that end with it."""

    text: str
    facts: tuple[str, ...] = ()
    tone: int | None = None
    ends: tuple[int, ...] = ()
    unexplained: bool = False


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text cut at its marks, and the legend."""

    stretches: tuple[Stretch, ...]
    legend: tuple[Mark, ...]

    @property
    def has_unexplained(self) -> bool:
        return any(stretch.unexplained for stretch in self.stretches)


def mark_text(text: str, evidence: Sequence[Evidence], unexplained: Sequence[tuple[int, int]] = ()) -> MarkedText:
    """Mark the evidence on the text. Evidence whose span does not hold its words is listed, never marked in a wrong place."""
    inside = {item for item in evidence if _stands(text, item)}
    ordered = sorted(dict.fromkeys(evidence), key=lambda item: (item not in inside, item.start, item.end))
    marks = [
        (item, Mark(number, item.fact, fact_name(item.fact), item.text, item.rule, tone_of(item.fact), item in inside))
        for number, item in enumerate(ordered, start=1)
    ]
    gaps = [(start, end) for start, end in unexplained if 0 <= start < end <= len(text)]
    spans = [*gaps, *((item.start, item.end) for item in inside)]
    edges = {0, len(text)} | {edge for span in spans for edge in span}
    stretches = []
    for start, end in pairwise(sorted(edges)):
        over = [(item, mark) for item, mark in marks if mark.placed and item.start <= start and end <= item.end]
        stretches.append(
            Stretch(
                text=text[start:end],
                facts=tuple(dict.fromkeys(mark.name for _, mark in over)),
                tone=over[0][1].tone if over else None,
                ends=tuple(mark.number for item, mark in over if item.end == end),
                unexplained=not over and any(gap_start <= start and end <= gap_end for gap_start, gap_end in gaps),
            )
        )
    return MarkedText(tuple(stretches), tuple(mark for _, mark in marks))


def tone_of(fact: str) -> int:
    """The colour of a fact, 1 to 6."""
    return dict(TONES).get(fact, OTHER_TONE)


def _stands(text: str, item: Evidence) -> bool:
    return 0 <= item.start < item.end <= len(text) and text[item.start : item.end] == item.text
