"""Which words of a body are new, and which are quoted, ours, signature, footer or forwarded.

Linear in the text. Every character gets one label; what is quoted is never called new, and where that cannot be told for
sure `boundary_certain` is False, so that no machine reads consent from it (docs/spec/safety.md finding 5).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from supportbot.mail.answers import pair_answers
from supportbot.mail.boundary import Boundary, boundary_at
from supportbot.mail.chain import read_chain
from supportbot.mail.footers import points_into_quote
from supportbot.mail.layouts import header_field, is_rule_line
from supportbot.mail.lines import Line, read_lines
from supportbot.mail.message import Answer, Forwarded, Label, Segment
from supportbot.mail.tail import label_tail
from supportbot.mail.thread import subject_direction

_SHINGLE = 6  # words: a run of so many words of ours is ours, however it is wrapped
_OURS_WORDS = 12  # fewer matching words above the quote may be the buyer repeating our question
_LONG_LINE = 60  # characters: a quoted line as long may have been wrapped, its tail left without `>`

_WORD = re.compile(r"\w+")
_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|geschrieben|écrit|escribió|scritto|schreef|geschreven|escreveu|napisał\S{0,4}|skrev)\s?:\Z|書きました\s?[:：]\Z",
    re.IGNORECASE,
)
_DRAWN = re.compile(r"[-_=*~—–]{3,}")
_ANNOUNCING = re.compile(r"[-_=*~—–]{4,}\s?[^\W\d_][^-_=*~—–]{2,60}[-_=*~—–]{4,}")
_DATED_ADDRESS = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b.{0,120}<[^<>\s]{3,120}@[^<>\s]{3,120}>")  # Gmail of old
_LINK_ALONE = re.compile(r"\W{0,3}(?:https?://|www\.)\S{1,2000}\W{0,4}")
_CLOCK_OR_ADDRESS = re.compile(r"@|\d{1,2}[:.h]\d{2}|\d{4}")


@dataclass(frozen=True, slots=True)
class Split:
    """The labels of a body, whether the border of new and quoted is sure, and the messages found inside."""

    segments: tuple[Segment, ...]
    boundary_certain: bool
    forwarded: tuple[Forwarded, ...]
    answers: tuple[Answer, ...] = ()


@dataclass(slots=True)
class _Labels:
    """The label of each line while the rules run; later rules refine earlier ones."""

    lines: list[Line]
    labels: list[Label] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def set(self, start: int, end: int, label: Label, rule: str) -> None:
        for index in range(start, end):
            self.labels[index] = label
            self.rules[index] = rule


def split(
    body: str,
    *,
    ours: Sequence[str] = (),
    subject: str = "",
    replies: bool = False,
    date: datetime | None = None,
    author: str = "",
) -> Split:
    """The labels of `body`.

    `ours` are the texts of mails we sent; `subject` says whether this is a forward or a reply, and where it says nothing
    `replies`, whether the message names one that it answers; `date` of the message settles ambiguous dates inside it;
    `author` is the sender's display name, by which the top of a signature is known.
    """
    lines = read_lines(body)
    state = _Labels(lines, [Label.NEW] * len(lines), ["written"] * len(lines))
    direction = subject_direction(subject) or ("reply" if replies else None)
    forwarded = _label_quotes(state, direction, date)
    label_tail(lines, state.labels, state.rules, state.doubts, author)
    if ours:
        _subtract(state, ours)
    _doubt(state, forwarding=bool(forwarded) or direction == "forward")
    return Split(_segments(state), not state.doubts, forwarded, pair_answers(body, lines, state.labels))


# -- quotes and forwards -----------------------------------------------------------------------------------------------


def _label_quotes(state: _Labels, direction: str | None, date: datetime | None) -> tuple[Forwarded, ...]:
    lines = state.lines
    forwarded: list[Forwarded] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        mark = boundary_at(lines, index)
        if mark is not None and not _is_prose(lines, mark):
            top = _drawn_above(lines, state, index)
            forwards = direction == "forward" or mark.kind == "forward" or (mark.kind != "attribution" and direction != "reply")
            end = _end_of_quote(lines, mark)
            if mark.kind == "attribution" and not forwards and end == mark.content:
                state.set(top, mark.content, Label.QUOTED, "attribution")
            else:
                label = Label.FORWARDED if forwards else Label.QUOTED
                state.set(top, end, label, mark.rule)
            if forwards:
                forwarded.extend(read_chain(lines[index:end], date))
            elif end == len(lines) and not _marked(lines, mark):
                _doubt_unmarked(state, mark)
                if mark.named and not mark.named.when and "@" not in mark.named.who:
                    state.doubts.append("attribution-without-date")  # "Mike wrote:" may introduce the sender's own words
            index = end
        elif line.depth:
            end = index
            while end < len(lines) and (
                lines[end].depth or (lines[end].blank and _quote_follows(lines, end)) or _is_wrapped_tail(lines, end)
            ):
                end += 1
            label = Label.FORWARDED if direction == "forward" else Label.QUOTED
            start = _unknown_attribution(lines, state, index)
            state.set(start, end, label, "marks" if start == index else "unknown-attribution")
            if direction == "forward":
                forwarded.extend(read_chain(lines[index:end], date))
            index = end
        else:
            index += 1
    return tuple(forwarded)


def _drawn_above(lines: Sequence[Line], state: _Labels, index: int) -> int:
    """The first of the lines that only draw a rule above a mark; the mark itself where there are none."""
    top = index
    for at in range(index - 1, max(index - 4, -1), -1):
        if state.labels[at] is not Label.NEW or not (lines[at].blank or _DRAWN.fullmatch(lines[at].text)):
            break
        top = at if not lines[at].blank else top
    return top


def _is_prose(lines: Sequence[Line], mark: Boundary) -> bool:
    """A separator phrase with nothing below it introduces nothing."""
    return mark.kind in ("forward", "original") and not mark.fields and all(line.blank for line in lines[mark.content :])


def _marked(lines: Sequence[Line], mark: Boundary) -> bool:
    """Whether the words below a mark carry `>`, so that unmarked lines after them are the sender's own."""
    for line in lines[mark.content :]:
        if not line.blank:
            return line.depth > (mark.depth if mark.kind == "attribution" else 0)
    return False


def _end_of_quote(lines: Sequence[Line], mark: Boundary) -> int:
    """The line after the words that a mark introduces: the end of the `>` lines, else the end of the body."""
    if not _marked(lines, mark) and not mark.depth:
        return len(lines)
    end = mark.content
    while end < len(lines) and (lines[end].depth or lines[end].blank or _is_wrapped_tail(lines, end)):
        end += 1
    while end > mark.content and lines[end - 1].blank and not lines[end - 1].depth:
        end -= 1
    return end


def _quote_follows(lines: Sequence[Line], index: int) -> bool:
    for line in lines[index : index + 3]:
        if not line.blank:
            return bool(line.depth)
    return False


def _is_wrapped_tail(lines: Sequence[Line], index: int) -> bool:
    """Whether an unmarked line between marked ones is the end of the one above, cut off by a program that wrapped it."""
    above, below = lines[index - 1], lines[index + 1] if index + 1 < len(lines) else None
    if index == 0 or not above.depth or below is None or not below.depth or lines[index].depth:
        return False
    text = lines[index].text
    if _LINK_ALONE.fullmatch(text):
        return True
    goes_on = above.end - above.start >= _LONG_LINE and above.text[-1:] not in ".?!:。？！"
    return goes_on and text[:1].islower() and len(text) < _LONG_LINE


def _unknown_attribution(lines: Sequence[Line], state: _Labels, index: int) -> int:
    """The start of a quote, with the line above it where that names a person and a time in words we do not know."""
    above = index - 1
    while above >= 0 and lines[above].blank and index - above < 3:
        above -= 1
    if above < 0 or state.labels[above] is not Label.NEW:
        return index
    text = lines[above].text
    if len(text) <= 300 and text.endswith((":", "：")) and _CLOCK_OR_ADDRESS.search(text):
        return above
    if _DATED_ADDRESS.fullmatch(text):
        return above
    return index


def _doubt_unmarked(state: _Labels, mark: Boundary) -> None:
    """Below an unmarked quote nothing tells answers from quoted words; nothing new above it means they may stand there."""
    if not any(
        label is Label.NEW and not line.blank for line, label in zip(state.lines, state.labels[: mark.start], strict=False)
    ):
        state.doubts.append("nothing-new-above-unmarked-quote")


# -- our own words -----------------------------------------------------------------------------------------------------


def words_of(text: str) -> list[str]:
    """The words of a text for comparison: NFKC, case-folded, without punctuation."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=512)
def _index_of(text: str) -> tuple[frozenset[int], frozenset[str], frozenset[str]]:
    """The word runs of one text of ours, its whole lines, and those that are a paragraph of their own."""
    words = words_of(text)
    runs = frozenset(hash(tuple(words[at : at + _SHINGLE])) for at in range(len(words) - _SHINGLE + 1))
    lines = frozenset(joined for line in text.split("\n") if (joined := " ".join(words_of(line))))
    paragraphs = (paragraph.strip() for paragraph in re.split(r"\n[ \t]*\n", text))
    alone = frozenset(" ".join(words_of(paragraph)) for paragraph in paragraphs if paragraph and "\n" not in paragraph)
    return runs, lines, alone


def _subtract(state: _Labels, ours: Sequence[str]) -> None:
    """Labels our own words OURS: in quotes by line, in unquoted text where a run of them is too long to be a coincidence."""
    runs: set[int] = set()
    whole_lines: set[str] = set()
    own_paragraphs: set[str] = set()
    for text in ours:
        text_runs, text_lines, text_paragraphs = _index_of(text)
        runs |= text_runs
        whole_lines |= text_lines
        own_paragraphs |= text_paragraphs
    words, places, per_line = _word_stream(state)
    covered = bytearray(len(words))
    for at in range(len(words) - _SHINGLE + 1):
        if hash(tuple(words[at : at + _SHINGLE])) in runs:
            covered[at : at + _SHINGLE] = b"\1" * _SHINGLE
    hits = [0] * len(state.lines)
    begins_ours: dict[int, bool] = {}
    for place, hit in zip(places, covered, strict=True):
        hits[place] += hit
        begins_ours.setdefault(place, bool(hit))
    is_ours = [bool(count) and hits[index] == count for index, count in enumerate(per_line)]
    for index, line in enumerate(state.lines):
        if per_line[index] and not is_ours[index] and " ".join(words_of(line.text)) in whole_lines:
            is_ours[index] = state.labels[index] is not Label.NEW or _beside(is_ours, per_line, index)
    _answers_below(state, is_ours, per_line)
    for start, end in _runs_of(is_ours, per_line):
        _label_ours(state, start, end, per_line, own_paragraphs)
    for index, count in enumerate(per_line):
        if hits[index] < _SHINGLE or hits[index] == count or state.labels[index] not in (Label.NEW, Label.QUOTED):
            continue
        if begins_ours[index] or hits[index] >= _OURS_WORDS or not _nothing_above(state, index):
            state.doubts.append("our-words-mixed-with-others")  # else: "I accept …", in words borrowed from our question
    _doubt_answers_between(state, is_ours, per_line)


def _answers_below(state: _Labels, is_ours: Sequence[bool], per_line: Sequence[int]) -> None:
    """Words below the whole of our text in a quote without marks, with nothing new above it: an answer, for a person to read."""
    mine = [index for index, flag in enumerate(is_ours) if flag and state.labels[index] is Label.QUOTED]
    if not mine or any(label is Label.NEW and count for label, count in zip(state.labels, per_line, strict=True)):
        return
    below = [index for index in range(mine[-1] + 1, len(is_ours)) if per_line[index] and not state.lines[index].depth]
    if below and sum(per_line[mine[0] : mine[-1] + 1]) >= _OURS_WORDS:
        state.set(below[0], len(is_ours), Label.NEW, "below-our-text")
        state.doubts.append("answer-below-unmarked-quote")


def _word_stream(state: _Labels) -> tuple[list[str], list[int], list[int]]:
    """(words in order, the line each stands on, words per line) of all that is not forwarded."""
    words: list[str] = []
    places: list[int] = []
    per_line = [0] * len(state.lines)
    for index, line in enumerate(state.lines):
        if state.labels[index] is Label.FORWARDED or line.blank:
            continue
        found = words_of(line.text)
        per_line[index] = len(found)
        words.extend(found)
        places.extend([index] * len(found))
    return words, places, per_line


def _beside(is_ours: Sequence[bool], per_line: Sequence[int], index: int) -> bool:
    for step in (-1, 1):
        other = index + step
        while 0 <= other < len(is_ours) and not per_line[other] and abs(other - index) <= 3:
            other += step
        if 0 <= other < len(is_ours) and is_ours[other]:
            return True
    return False


def _runs_of(is_ours: Sequence[bool], per_line: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Runs of lines of ours, blank lines between them included."""
    start: int | None = None
    last = 0
    for index, mine in enumerate(is_ours):
        if mine:
            start = index if start is None else start
            last = index
        elif per_line[index] and start is not None:
            yield start, last + 1
            start = None
    if start is not None:
        yield start, last + 1


def _label_ours(state: _Labels, start: int, end: int, per_line: Sequence[int], own_paragraphs: AbstractSet[str]) -> None:
    new = [index for index in range(start, end) if per_line[index] and state.labels[index] is Label.NEW]
    if new and len(new) < 2 and sum(per_line[start:end]) < _OURS_WORDS:
        if not _answers_in_our_words(state, new[0], own_paragraphs):
            state.doubts.append("repeats-our-words")  # the buyer's own answer in our words, or a scrap of the quote
        return
    for index in range(start, end):
        if state.labels[index] in (Label.NEW, Label.QUOTED, Label.SIGNATURE, Label.FOOTER):
            state.set(index, index + 1, Label.OURS, "sent-text")


def _answers_in_our_words(state: _Labels, index: int, own_paragraphs: AbstractSet[str]) -> bool:
    """One paragraph of ours, alone, with nothing quoted above it: the sentence we asked for, given as the answer.

    What a client quotes without marks begins with the beginning of our mail, not with one sentence from its middle.
    """
    return _nothing_above(state, index) and " ".join(words_of(state.lines[index].text)) in own_paragraphs


def _nothing_above(state: _Labels, index: int) -> bool:
    """Whether the sender's own words alone stand above a line, and the line itself is not quoted."""
    above = zip(state.labels[:index], state.lines[:index], strict=True)
    return state.labels[index] is Label.NEW and all(label is Label.NEW or line.blank for label, line in above)


def _doubt_answers_between(state: _Labels, is_ours: Sequence[bool], per_line: Sequence[int]) -> None:
    """Words of nobody we know between two lines of ours, in a quote without marks: perhaps an answer."""
    mine = [index for index, flag in enumerate(is_ours) if flag and not state.lines[index].depth]
    if not mine:
        return
    for index in range(mine[0], mine[-1]):
        if per_line[index] and not is_ours[index] and state.labels[index] is Label.QUOTED and not state.lines[index].depth:
            state.doubts.append("unknown-words-between-ours")
            return


# -- doubts and segments -----------------------------------------------------------------------------------------------


def _doubt(state: _Labels, *, forwarding: bool) -> None:
    lines, labels = state.lines, state.labels
    new = [index for index, label in enumerate(labels) if label is Label.NEW and not lines[index].blank]
    quotes = any(label in (Label.QUOTED, Label.OURS) for label in labels)
    if quotes and not new and not forwarding:
        state.doubts.append("nothing-new")
    if points_into_quote("\n".join(lines[index].text for index in new)):
        state.doubts.append("answers-inside-the-quote")
    for index, label in enumerate(labels):  # a hasty answer looks the same as the end of a wrapped line
        tail = label is Label.QUOTED and not lines[index].depth and not lines[index].blank and _is_wrapped_tail(lines, index)
        if tail and not _LINK_ALONE.fullmatch(lines[index].text):
            state.doubts.append("wrapped-quote")
    header_like = 0
    for index in new:
        text = lines[index].text
        if _WROTE.search(text[-40:]):
            state.doubts.append("attribution-like-line")
        named = header_field(text) if ":" in text[:30] or "：" in text[:30] else None
        header_like = header_like + 1 if named and len(named[1]) > 1 else 0
        if header_like >= 2 or _ANNOUNCING.fullmatch(text) or (is_rule_line(text) and not quotes and index != new[-1]):
            state.doubts.append("header-like-lines")
        if _may_be_wrapped_quote(lines, index):
            state.doubts.append("wrapped-quote")


def _may_be_wrapped_quote(lines: Sequence[Line], index: int) -> bool:
    """An unmarked line squeezed between marked ones: the tail of a long quoted line, or a hasty answer."""
    above = lines[index - 1] if index else None
    below = lines[index + 1] if index + 1 < len(lines) else None
    if above is None or not above.depth or above.blank or lines[index].depth:
        return False
    return (below is not None and bool(below.depth) and not below.blank) or above.end - above.start >= _LONG_LINE


def _segments(state: _Labels) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    for index, line in enumerate(state.lines):
        label, rule = state.labels[index], state.rules[index]
        if segments and ((line.blank and not line.depth) or (segments[-1].label is label and segments[-1].rule == rule)):
            last = segments[-1]
            segments[-1] = Segment(last.start, line.end, last.label, last.rule)
        else:
            segments.append(Segment(line.start, line.end, label, rule))
    return tuple(segments)
