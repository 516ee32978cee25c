"""Our own words in a mail that answers us: whatever a program did to them, they are never the sender's.

What we sent is known from our own records. It is found re-wrapped, re-indented, with other punctuation and marks, and in
part; a question of ours parts its line, so that an answer typed behind it is told apart.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from supportbot.mail.layouts import header_field, is_rule_line
from supportbot.mail.lines import Labelling, Line
from supportbot.mail.message import Label

_SHINGLE, _SHINGLE_CJK = 6, 14  # words, or characters where none are parted: a run of so many of ours is ours
_OURS_WORDS = 12  # fewer matching words above the quote may be the buyer repeating our question
_COURTESY = 3  # words of ours at most that may stand below an answer in our words
_CJK = r"[\u3040-\u30ff\u3400-\u9fff]"
_WORD = re.compile(rf"{_CJK}|(?:(?!{_CJK})\w)+")
_IS_CJK = re.compile(_CJK)
_MOST_LABEL = 20  # characters
_WORD_WITHOUT_CJK = re.compile(r"\w+")
_ASKS = (":", "：", "?", "？")


def words_of(text: str) -> list[str]:
    """The words of a text for comparison: NFKC, case-folded, entities read, without punctuation; a Han or kana is a word."""
    if text.isascii() and "&" not in text:
        return _WORD_WITHOUT_CJK.findall(text.lower())
    return [word for word, _ in _placed_words(text)]


def _placed_words(text: str) -> list[tuple[str, int]]:
    """Each word with the place in `text` where it ends, as far as normalising keeps places."""
    if text.isascii() and "&" not in text:
        return [(match.group().lower(), match.end()) for match in _WORD_WITHOUT_CJK.finditer(text)]
    if "&" in text:
        text = html.unescape(text)
    found = []
    for match in (_WORD if _IS_CJK.search(text) else _WORD_WITHOUT_CJK).finditer(text):
        if match.group().isascii():
            found.append((match.group().lower(), match.end()))
            continue
        found += [(word, match.end()) for word in _WORD.findall(unicodedata.normalize("NFKC", match.group()).casefold())]
    return found


@dataclass(frozen=True, slots=True)
class _Sent:
    """One text of ours, made ready."""

    size: int  # of a run
    runs: frozenset[int]
    lines: frozenset[str]
    paragraphs: frozenset[str]  # of one line each: sentences that stand alone
    questions: frozenset[tuple[str, ...]]  # lines that ask, as words, less their numbers


@lru_cache(maxsize=512)
def _made_ready(text: str) -> _Sent:
    words = words_of(text)
    cjk = sum(bool(_IS_CJK.match(word)) for word in words) * 3 > len(words)
    size = _SHINGLE_CJK if cjk else _SHINGLE
    by_line = [(line.strip(), words_of(line)) for line in text.split("\n")]
    paragraphs = (paragraph.strip() for paragraph in re.split(r"\n[ \t]*\n", text))
    return _Sent(
        size,
        frozenset(hash(tuple(words[at : at + size])) for at in range(len(words) - size + 1)),
        frozenset(" ".join(found) for _, found in by_line if found),
        frozenset(" ".join(words_of(paragraph)) for paragraph in paragraphs if paragraph and "\n" not in paragraph),
        frozenset(tuple(_unnumbered(found)) for line, found in by_line if line.endswith(_ASKS) and len(found) > 2),
    )


def _unnumbered(words: Sequence[str]) -> Sequence[str]:
    return words[1:] if words and (words[0].isdecimal() or len(words[0]) == 1) and len(words) > 3 else words


def part_at_questions(body: str, lines: Sequence[Line], ours: Sequence[str]) -> list[Line]:
    """The lines of `body`, those cut in two that hold a question of ours and words behind it: "Do you accept the item? Yes"."""
    questions = {question for text in ours for question in _made_ready(text).questions}
    if not questions:
        return list(lines)
    parted: list[Line] = []
    for line in lines:
        # Deeper down the words behind a question are an older answer: only what is answered now is parted.
        cut = _end_of_question(line.text, questions) if line.depth < 2 else None
        if cut is None:
            parted.append(line)
            continue
        middle = body.find(line.text, line.start) + cut
        middle = min(max(middle, line.start + 1), line.end - 1)
        parted.append(Line(line.start, middle, line.depth, line.text[:cut].strip()))
        parted.append(Line(middle, line.end, 0, line.text[cut:].strip()))
    return parted


def _end_of_question(text: str, questions: AbstractSet[tuple[str, ...]]) -> int | None:
    if not any(mark in text for mark in _ASKS):
        return None
    placed = _placed_words(text)
    if not 3 <= len(placed) <= 120:
        return None
    for skip in (0, 1):
        for question in questions:
            if (
                len(placed) > len(question) + skip
                and tuple(word for word, _ in placed[skip : skip + len(question)]) == question
            ):
                end = placed[skip + len(question) - 1][1]
                mark = next((at for at in range(end, min(end + 4, len(text))) if text[at] in _ASKS), None)
                if mark is not None:
                    return mark + 1
    return None


def subtract(state: Labelling, ours: Sequence[str]) -> None:
    """Labels our own words OURS: in quotes by line, in unquoted text where a run of them is too long to be a coincidence."""
    sent = [_made_ready(text) for text in ours]
    whole_lines = frozenset[str]().union(*(one.lines for one in sent))
    questions = frozenset[tuple[str, ...]]().union(*(one.questions for one in sent))
    own_paragraphs = frozenset[str]().union(*(one.paragraphs for one in sent))
    least = _SHINGLE_CJK * 2 if any(one.size == _SHINGLE_CJK for one in sent) else _OURS_WORDS
    words, places, per_line = _word_stream(state)
    covered = bytearray(len(words))
    for size in {one.size for one in sent}:
        runs = frozenset[int]().union(*(one.runs for one in sent if one.size == size))
        for at in range(len(words) - size + 1):
            if hash(tuple(words[at : at + size])) in runs:
                covered[at : at + size] = b"\1" * size
    hits = [0] * len(state.lines)
    begins_ours: dict[int, bool] = {}
    for place, hit in zip(places, covered, strict=True):
        hits[place] += hit
        begins_ours.setdefault(place, bool(hit))
    is_ours = [bool(count) and hits[index] == count for index, count in enumerate(per_line)]
    asks = [False] * len(is_ours)
    for index, line in enumerate(state.lines):
        if not per_line[index]:
            continue
        labelled = hits[index] == per_line[index] - 1 >= least and not begins_ours[index] and ":" in line.text[:_MOST_LABEL]
        if labelled:  # "Text: Dear customer, …": somebody put a word before ours
            is_ours[index] = True
            state.doubts.append("our-words-mixed-with-others")
        found = words_of(line.text)
        asks[index] = line.text.endswith(_ASKS) and tuple(_unnumbered(found)) in questions
        if asks[index] or (not is_ours[index] and " ".join(found) in whole_lines):
            is_ours[index] = asks[index] or state.labels[index] is not Label.NEW or _beside(is_ours, per_line, index)
    _whole_lines_together(state, is_ours, per_line, whole_lines)
    _answers_to_questions(state, is_ours, asks, per_line)
    _answers_below(state, is_ours, per_line, least)
    for start, end in _runs_of(is_ours, per_line):
        _label(state, start, end, per_line, own_paragraphs, asks, least)
    for index, count in enumerate(per_line):
        if (
            hits[index] < _SHINGLE
            or hits[index] == count
            or _heads_the_quote(state, index)
            or state.labels[index] not in (Label.NEW, Label.QUOTED)
        ):
            continue
        if begins_ours[index] or hits[index] >= least or not _nothing_above(state, index):
            state.doubts.append("our-words-mixed-with-others")  # else: "I accept …", in words borrowed from our question
    _doubt_answers_between(state, is_ours, per_line)


def _word_stream(state: Labelling) -> tuple[list[str], list[int], list[int]]:
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


def _whole_lines_together(
    state: Labelling, is_ours: list[bool], per_line: Sequence[int], whole_lines: AbstractSet[str]
) -> None:
    """Two lines of ours that follow each other, below others of ours without marks: the end of what was quoted."""
    unmarked = [index for index, mine in enumerate(is_ours) if mine and not state.lines[index].depth]
    if not unmarked:
        return
    worded = [index for index in range(unmarked[0], len(is_ours)) if per_line[index]]
    equal = {index for index in worded if " ".join(words_of(state.lines[index].text)) in whole_lines}
    for one, other in pairwise(worded):
        if one in equal and other in equal:
            is_ours[one] = is_ours[other] = True


def _answers_to_questions(state: Labelling, is_ours: Sequence[bool], asks: Sequence[bool], per_line: Sequence[int]) -> None:
    """Words right below or behind a question of ours, inside a quote without marks, that we did not write."""
    for index, asking in enumerate(asks):
        answer = index + 1
        while answer < len(is_ours) and not per_line[answer] and answer - index < 3:
            answer += 1
        if not asking or answer >= len(is_ours) or is_ours[answer] or not per_line[answer]:
            continue
        if state.labels[answer] is Label.QUOTED and not state.lines[answer].depth:
            end = answer + 1
            while end < len(is_ours) and per_line[end] and not is_ours[end]:
                end += 1
            state.set(answer, end, Label.NEW, "answer-in-our-text")
            state.doubts.append("answers-inside-the-quote")


def _answers_below(state: Labelling, is_ours: Sequence[bool], per_line: Sequence[int], least: int) -> None:
    """Words below all of our text in a quote without marks, with nothing new above it: an answer, for a person to read."""
    mine = [index for index, flag in enumerate(is_ours) if flag and state.labels[index] is Label.QUOTED]
    if not mine or any(label is Label.NEW and count for label, count in zip(state.labels, per_line, strict=True)):
        return
    below = [index for index in range(mine[-1] + 1, len(is_ours)) if per_line[index] and not state.lines[index].depth]
    if below and sum(per_line[mine[0] : mine[-1] + 1]) >= least:
        state.set(below[0], len(is_ours), Label.NEW, "below-our-text")
        state.doubts.append("answer-below-unmarked-quote")


def _beside(is_ours: Sequence[bool], per_line: Sequence[int], index: int) -> bool:
    for step in (-1, 1):
        other = index + step
        while 0 <= other < len(is_ours) and not per_line[other] and abs(other - index) <= 3:
            other += step
        if 0 <= other < len(is_ours) and is_ours[other]:
            return True
    return False


def _runs_of(is_ours: Sequence[bool], per_line: Sequence[int]) -> Iterator[tuple[int, int]]:
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


def _label(
    state: Labelling,
    start: int,
    end: int,
    per_line: Sequence[int],
    own_paragraphs: AbstractSet[str],
    asks: Sequence[bool],
    least: int,
) -> None:
    new = [index for index in range(start, end) if per_line[index] and state.labels[index] is Label.NEW]
    if new and sum(per_line[start:end]) < least and not asks[new[0]]:
        answers = _answers_in_our_words(state, new[0], own_paragraphs)
        if answers and sum(per_line[index] for index in new[1:]) <= _COURTESY:
            return  # "Kind regards," below it is how both of us end a mail
        if len(new) < 2 and not answers:
            state.doubts.append("repeats-our-words")  # the buyer's own answer in our words, or a scrap of the quote
        if len(new) < 2:
            return
    for index in range(start, end):
        if state.labels[index] in (Label.NEW, Label.QUOTED):
            state.set(index, index + 1, Label.OURS, "sent-text")


def _answers_in_our_words(state: Labelling, index: int, own_paragraphs: AbstractSet[str]) -> bool:
    """One paragraph of ours, alone, with nothing quoted above it: the sentence we asked for, given as the answer.

    What a client quotes without marks begins with the beginning of our mail, not with one sentence from its middle.
    """
    return _nothing_above(state, index) and " ".join(words_of(state.lines[index].text)) in own_paragraphs


def _nothing_above(state: Labelling, index: int) -> bool:
    """Whether the sender's own words alone stand above a line, and the line itself is not quoted."""
    above = zip(state.labels[:index], state.lines[:index], strict=True)
    return state.labels[index] is Label.NEW and all(label is Label.NEW or line.blank for label, line in above)


def _heads_the_quote(state: Labelling, index: int) -> bool:
    """Whether a line is of the block that a mail program writes above a quote: its subject holds our words, and is nobody's."""
    text = state.lines[index].text
    return state.rules[index] == "header-block" and (is_rule_line(text) or header_field(text) is not None)


def _doubt_answers_between(state: Labelling, is_ours: Sequence[bool], per_line: Sequence[int]) -> None:
    """Words of nobody we know between two lines of ours, in a quote without marks: perhaps an answer."""
    mine = [index for index, flag in enumerate(is_ours) if flag and not state.lines[index].depth]
    if not mine:
        return
    for index in range(mine[0], mine[-1]):
        if _heads_the_quote(state, index):
            continue
        if per_line[index] and not is_ours[index] and state.labels[index] is Label.QUOTED and not state.lines[index].depth:
            state.doubts.append("unknown-words-between-ours")
            return
