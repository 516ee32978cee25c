"""Which words of a body are new, and which are quoted, ours, signature, footer or forwarded.

Linear in the text. Every character gets one label; what is quoted is never called new, and where that cannot be told for
sure `boundary_certain` is False, so that no machine reads consent from it (docs/spec/safety.md finding 5).
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from supportbot.mail.announcing import heads_copy
from supportbot.mail.answers import pair_answers
from supportbot.mail.attribution import may_open_attribution
from supportbot.mail.bare import doubt_bare_quotes
from supportbot.mail.boundary import Boundary, boundary_at
from supportbot.mail.card import is_name
from supportbot.mail.chain import read_chain
from supportbot.mail.claims import claimed_sender
from supportbot.mail.doubts import doubt, is_wrapped_tail
from supportbot.mail.heads import announces_words, may_name_message, names_time
from supportbot.mail.layouts import announces_forward, is_end_mark, is_rule_line
from supportbot.mail.letters import greets
from supportbot.mail.lines import Labelling, Line, read_lines
from supportbot.mail.message import Answer, Forwarded, Label, Segment
from supportbot.mail.ours import part_at_questions, subtract
from supportbot.mail.tail import label_tail
from supportbot.mail.thread import subject_direction
from supportbot.mail.unmarked import (
    label_announced_copies,
    label_heads_above_quotes,
    label_ticket_history,
    label_unknown_heads,
    label_unmarked_letter,
)

_FEWEST_ITEMS, _LONGEST_ITEM = 3, 90  # lines and characters of a list
_NAME_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_OWN_WORDS = 4  # below a message passed on
_LABEL = re.compile(r"[*_]{0,2}[^\W\d_][^:：*@\n]{0,24}[:：][*_]{0,2}\s.{1,200}")
_DRAWN_WORDS = re.compile(r"[-_=*~—–]{3,40}\s?[^\W\d_](?:[^-_=*~—–]|(?<=\w)-(?=\w)){2,60}[-_=*~—–]{3,40}")
_DRAWN = re.compile(r"[-_=*~—–]{3,}|[-=~ ]{0,40}(?:8<|>8|%<|✂)[-=~ ]{1,40}")


@dataclass(frozen=True, slots=True)
class Split:
    """The labels of a body, whether the border of new and quoted is sure, and the messages found inside."""

    segments: tuple[Segment, ...]
    boundary_certain: bool
    forwarded: tuple[Forwarded, ...]
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the header says that helps to part a body."""

    replies: bool = False  # names a message that it answers
    date: datetime | None = None  # settles ambiguous dates inside
    address: str = ""  # the sender's
    author: str = ""  # the sender's display name: the top of a signature, and whom a quoted letter greets
    parties: frozenset[str] = frozenset()  # addresses of the sender and the recipients, lower case


def split(
    body: str, *, ours: Sequence[str] = (), subject: str = "", around: Surroundings = Surroundings(), judge: bool = True
) -> Split:
    """The labels of `body`. `ours` are the texts of mails we sent; `subject` says whether this is a forward or a reply.

    Without `judge` only the labels count: the border is not examined.
    """
    whole = read_lines(body)
    lines = part_at_questions(body, whole, ours)
    state = Labelling(lines, [Label.NEW] * len(lines), ["written"] * len(lines))
    if len(lines) > len(whole):
        state.doubts.append("answers-behind-our-questions")
    direction = subject_direction(subject, answers=around.replies) or ("reply" if around.replies else None)
    forwarded = _label_quotes(state, direction, around)
    if ours:
        subtract(state, ours)
    label_ticket_history(state)
    label_unknown_heads(state, Label.FORWARDED if direction == "forward" else Label.QUOTED)
    label_heads_above_quotes(state)
    label_announced_copies(state, Label.FORWARDED if direction == "forward" else Label.QUOTED)
    if direction != "forward":
        label_unmarked_letter(state, around.author, around.address)
    label_tail(lines, state.labels, state.rules, state.doubts, around.author, around.address)
    if judge:
        forwarding = bool(forwarded) or direction == "forward"
        doubt(state, body, around.author, around.address, around.parties, forwarding=forwarding)
        doubt_bare_quotes(state, ours)
    return Split(_segments(state), not state.doubts, forwarded, pair_answers(body, lines, state.labels))


# -- quotes and forwards -----------------------------------------------------------------------------------------------


def _label_quotes(state: Labelling, direction: str | None, around: Surroundings) -> tuple[Forwarded, ...]:
    lines = state.lines
    forwarded: list[Forwarded] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        mark = boundary_at(lines, index)
        if mark is not None and mark.content > index + 1 and _signs_above(lines, mark, around.author):
            index += 1  # the sender's name, right above the line that names the other
        elif mark is not None and not _is_prose(lines, mark):
            top, announced = _announced_above(lines, state, index, block=bool(mark.fields))
            foreign = direction == "reply" and _of_a_stranger(mark, around.parties)
            forwards = (
                direction == "forward"
                or mark.kind == "forward"
                or announced
                or foreign
                or (mark.kind != "attribution" and direction != "reply")
            )
            end = _end_of_quote(lines, mark)
            if foreign:
                end = _own_quote_below(lines, mark, end, around.parties)
            elif forwards and end == len(lines) and not _marked(lines, mark):
                end = _own_words_between(state, mark, end) or _own_words_below(state, mark, end, around.author)
            if mark.kind == "attribution" and not forwards and end == mark.content:
                state.set(top, mark.content, Label.QUOTED, "attribution")
            else:
                state.set(top, end, Label.FORWARDED if forwards else Label.QUOTED, mark.rule)
            if forwards:
                forwarded.extend(read_chain(lines[index:end], around.date))
                _doubt_below_rule(state, mark, end)
            elif end == len(lines) and not _marked(lines, mark):
                _doubt_unmarked(state, mark)
                if mark.named and not mark.named.when and "@" not in mark.named.who:
                    state.doubts.append("attribution-without-date")  # "Mike wrote:" may introduce the sender's own words
            index = end
        elif line.depth:
            end = index
            while end < len(lines) and (
                lines[end].depth or (lines[end].blank and _quote_follows(lines, end)) or is_wrapped_tail(lines, end)
            ):
                end += 1
            if direction is None and _is_own_list(lines, state, index, end):
                state.doubts.append("own-list")
                index = end
                continue
            label = Label.FORWARDED if direction == "forward" else Label.QUOTED
            state.set(index, end, label, "marks")
            if direction == "forward":
                forwarded.extend(read_chain(lines[index:end], around.date))
            index = end
        else:
            index += 1
    return tuple(forwarded)


def _is_own_list(lines: Sequence[Line], state: Labelling, start: int, end: int) -> bool:
    """Whether lines with `>`, in a mail that answers none, are a list of the sender's: announced by them, short, and no letter."""
    above = next((at for at in range(start - 1, max(start - 3, -1), -1) if not lines[at].blank), None)
    items = [line for line in lines[start:end] if not line.blank]
    if (
        above is None
        or state.labels[above] is not Label.NEW
        or len(items) < _FEWEST_ITEMS
        or lines[above].text[-1] not in ":："
    ):
        return False
    if may_name_message(lines[above].text) or announces_words(lines[above].text) or heads_copy(lines[above].text):
        return False
    return all(
        line.depth == 1 and len(line.text) <= _LONGEST_ITEM and line.text[-1] not in ".?!,。？！" and not greets(line.text)
        for line in items
    )


def _announced_above(lines: Sequence[Line], state: Labelling, index: int, *, block: bool) -> tuple[int, bool]:
    """The first of the lines that announce a mark or draw a rule above it; whether one says that it is forwarded."""
    top, forwards = index, False
    said = (
        sum(label is Label.NEW and not line.blank for line, label in zip(lines[:index], state.labels[:index], strict=True)) > 1
    )
    for at in range(index - 1, max(index - 4, -1), -1):
        if state.labels[at] is not Label.NEW:
            break
        says = announces_forward(lines[at].text)
        drawn = _DRAWN.fullmatch(lines[at].text) or _DRAWN_WORDS.fullmatch(lines[at].text)
        begun = at == index - 1 and _begins_head(lines[at].text)
        if not (
            lines[at].blank or says or drawn or begun or (block and said and heads_copy(lines[at].text, above_header=True))
        ):
            break
        top, forwards = (at if not lines[at].blank else top), forwards or says
    return top, forwards


def _begins_head(text: str) -> bool:
    """Whether the line right above a mark is its first: a label that nobody listed, or the wrapped beginning of an attribution."""
    opens = may_open_attribution(text) and names_time(text) and text[-1] not in ".!?:。"
    return opens or bool(_LABEL.fullmatch(text) and ("@" in text or names_time(text)))


def _of_a_stranger(mark: Boundary, parties: AbstractSet[str]) -> bool:
    """Whether a block in a reply names a sender who is no party of it: a message that the sender passes on."""
    sender = claimed_sender(mark.fields.get("from", "")) if mark.kind != "attribution" else None
    if sender is None or not sender.address or not parties:
        return False
    domain = sender.address.rpartition("@")[2].lower()
    return all(party.rpartition("@")[2] != domain for party in parties)


def _own_quote_below(lines: Sequence[Line], mark: Boundary, end: int, parties: AbstractSet[str]) -> int:
    """Where, below a message passed on in a reply, the quote of what is answered begins."""
    for index in range(mark.content, end):
        found = boundary_at(lines, index)
        named = claimed_sender(found.named.who if found.named else found.fields.get("from", "")) if found else None
        if named and named.address.lower() in parties:
            return index
    return end


def _own_words_between(state: Labelling, mark: Boundary, end: int) -> int | None:
    """Where, between two messages passed on one after the other, words begin that lead to the second.

    The first ends with its sender's name. Only that tells, so the border is called uncertain.
    """
    lines = state.lines
    claimed = claimed_sender(mark.fields.get("from", ""))
    theirs = _names(claimed.name) if claimed and mark.kind == "forward" else frozenset()
    if not theirs:
        return None
    signed: int | None = None
    for index in range(mark.content, end):
        text = lines[index].text
        found = boundary_at(lines, index) if text else None
        if found is None:
            signed = index if text and is_name(text) and _names(text) & theirs and not greets(text) else signed
            continue
        said = sum(len(line.text.split()) for line in lines[signed + 1 : index]) if signed is not None else 0
        if found.kind != "forward" or signed is None or said < _FEWEST_OWN_WORDS:
            return None
        state.doubts.append("words-between-forwards")
        return signed + 1
    return None


def _own_words_below(state: Labelling, mark: Boundary, end: int, author: str) -> int:
    """Where, below a message passed on that its sender signed or a rule ends, words begin that the sender of this mail signed.

    Only the names tell them apart, so the border is called uncertain.
    """
    lines = state.lines
    names = _names(author)
    claimed = claimed_sender(mark.fields.get("from", ""))
    theirs = _names(claimed.name) if claimed else frozenset()
    last = next((index for index in range(end - 1, mark.content, -1) if not lines[index].blank), mark.content)
    if last >= len(lines) or not names or names & theirs or not names & _names(lines[last].text):
        return end
    words = 0
    for index in range(last, mark.content - 1, -1):
        text = lines[index].text
        if boundary_at(lines, index) is not None:
            return end  # an older message of the sender's own, passed on with the other
        ends = is_rule_line(text) or (is_name(text) and bool(_names(text) & theirs) and not greets(text))
        if ends and words >= _FEWEST_OWN_WORDS:
            state.doubts.append("words-below-forward")
            return index + 1
        words += len(text.split())
    return end


def _signs_above(lines: Sequence[Line], mark: Boundary, author: str) -> bool:
    """Whether the first line of an attribution is the name of this mail's sender and of nobody else."""
    named = _names(lines[mark.start].text)
    return mark.kind == "attribution" and bool(named) and named <= _names(author) and is_name(lines[mark.start].text)


def _names(text: str) -> frozenset[str]:
    return frozenset(word for word in _NAME_WORD.findall(text.casefold()) if len(word) > 2)


def _is_prose(lines: Sequence[Line], mark: Boundary) -> bool:
    """A separator phrase with nothing below it introduces nothing."""
    return mark.kind in ("forward", "original") and not mark.fields and all(line.blank for line in lines[mark.content :])


def _marked(lines: Sequence[Line], mark: Boundary) -> bool:
    """Whether the words below a mark carry `>`, so that unmarked lines after them are the sender's own."""
    for line in lines[mark.content :]:
        if not line.blank:
            return line.depth > (mark.depth if mark.kind == "attribution" else 0)
    return bool(mark.depth)


def _end_of_quote(lines: Sequence[Line], mark: Boundary) -> int:
    """The line after the words that a mark introduces: the end of the `>` lines, or an end mark, or the end of the body."""
    if not _marked(lines, mark) and (not mark.depth or mark.kind != "attribution"):
        ends = (index for index in range(mark.content, len(lines)) if is_end_mark(lines[index].text))
        return next(ends, len(lines) - 1) + 1
    end = mark.content
    while end < len(lines) and (lines[end].depth or lines[end].blank or is_wrapped_tail(lines, end)):
        end += 1
    if 0 < end < len(lines) and is_end_mark(lines[end].text):
        return end + 1
    while end > mark.content and lines[end - 1].blank and not lines[end - 1].depth:
        end -= 1
    return end


def _quote_follows(lines: Sequence[Line], index: int) -> bool:
    for line in lines[index : index + 3]:
        if not line.blank:
            return bool(line.depth)
    return False


def _doubt_below_rule(state: Labelling, mark: Boundary, end: int) -> None:
    """Below a message passed on without `>` marks a rule may end it, and the sender's own words follow."""
    lines = state.lines
    above = any(label is Label.NEW and not line.blank for line, label in zip(lines, state.labels[: mark.start], strict=False))
    if (
        not above
        and end == len(lines)
        and not _marked(lines, mark)
        and any(is_rule_line(line.text) for line in lines[mark.content : end])
    ):
        state.doubts.append("rule-below-forward")


def _doubt_unmarked(state: Labelling, mark: Boundary) -> None:
    """Below an unmarked quote nothing tells answers from quoted words; nothing new above it means they may stand there."""
    if not any(
        label is Label.NEW and not line.blank for line, label in zip(state.lines, state.labels[: mark.start], strict=False)
    ):
        state.doubts.append("nothing-new-above-unmarked-quote")


# -- segments ----------- -----------------------------------------------------------------------------------------------


def _segments(state: Labelling) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    for index, line in enumerate(state.lines):
        label, rule = state.labels[index], state.rules[index]
        if segments and ((line.blank and not line.depth) or (segments[-1].label is label and segments[-1].rule == rule)):
            last = segments[-1]
            segments[-1] = Segment(last.start, line.end, last.label, last.rule)
        else:
            segments.append(Segment(line.start, line.end, label, rule))
    return tuple(segments)
