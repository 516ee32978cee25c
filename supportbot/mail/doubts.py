"""Why the border between new and quoted is not sure.

It is sure where all that is called new reads as one letter of one hand: it greets once, at its top, and takes leave once, at
its end; no line of it heads another message, bears the marks of a quote, or says what only we say. Where that does not hold a
person looks, for no machine may read consent there (docs/spec/safety.md finding 5). Doubts change no label.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from supportbot.mail.announcing import announces_copy
from supportbot.mail.card import is_closing, is_name
from supportbot.mail.footers import asks_for_consent, holds_one, points_into_quote
from supportbot.mail.heads import announces_words, dates_only, may_name_message, names_day_and_clock, names_time, writes
from supportbot.mail.layouts import header_field, is_drawn
from supportbot.mail.letters import greets_alone, greets_within, names_in, says_yes_or_no
from supportbot.mail.lines import Labelling, Line
from supportbot.mail.message import Label

_LONG_LINE = 60  # characters: a quoted line as long may have been wrapped, its tail left without `>`
_FULL_LINE = 40  # characters: a line as long that ends in no full stop goes on below
_FEWEST_SAID = 3  # words above a second greeting
_MOST_SIGNED = 9  # words of a line that begins with the name of who signs
_FEWEST_ABOVE = 6  # words above a quote that are an answer, not just a greeting
_FEWEST_ALIKE = 3  # lines that begin alike
_MOST_BLOCK = 8  # lines with labels
_FEWEST_QUOTED = 6  # words in quotation marks

_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|schreibt|geschrieben|écrit|escribió|escribe|scritto|scrive|schreef|schrijft|geschreven|escreveu|"
    r"napisał\S{0,4}|pisze|skrev|skriver|dice|says|said|sagt|dit|zegt)\s?:\Z|書きました\s?[:：]\Z",
    re.IGNORECASE,
)
_ANNOUNCING = re.compile(r"[-_=*~—–]{2,}\s?[^\W\d_][^-_=*~—–]{2,60}[-_=*~—–]{2,}")
_BELOW = re.compile(
    r"\b(?:below|underneath|unten|unterhalb|ci-dessous|plus bas|en dessous|abajo|a continuación|qui sotto|di seguito|sotto|hieronder|"
    r"onderaan|abaixo|poniżej|niżej)\b|下記|以下",
    re.IGNORECASE,
)
_YOUR_ORDER = re.compile(
    r"\b(?:your (?:\w{1,20} )?(?:order|purchase)|ihre[rn]? (?:bestellung|order|auftrag)|ihren auftrag|votre commande|su (?:pedido|compra)|"
    r"(?:il )?(?:suo|vostro) ordine|uw (?:bestelling|order)|(?:a )?sua encomenda|(?:o )?seu pedido|(?:państwa|pani?a?) zamówieni\w{1,3})\b|ご注文",
    re.IGNORECASE,
)
_ORDER_STEMS = (
    "order",
    "purchase",
    "bestell",
    "auftrag",
    "commande",
    "pedido",
    "compra",
    "ordine",
    "encomenda",
    "zamówieni",
    "ご注文",
)
_LABELLED = re.compile(r"[*_]{0,2}[^\W\d_][^:：*\n@]{0,24}[*_]{0,2}\s?[:：][*_]{0,2}(?:\s|[^\W\d_]|[<\d])")
_LINK_ALONE = re.compile(r"\W{0,3}(?:https?://|www\.)\S{1,2000}\W{0,4}")
_LINK_UNFINISHED = re.compile(r"[<(\[](?:https?://|www\.)[^\s<>()\[\]]{1,2000}\Z")
_FRAMED = re.compile(
    r"[\[<({#|«_]\S.{0,28}|\*\S.{0,28}\*|\S.{0,28}[>\-–—|]|…|\S.{0,20} (?:wrote|said|says|schrieb|sagte|schreibt|écrit|escribió|scrive|schreef|escreveu|pisze)"
)
_POSTSCRIPT = re.compile(r"(?:p\.?\s?-?s\b|n\.?\s?b\b|p\.?\s?d\b|post ?scriptum|nachtrag)\W|追伸|(?:ps|pd)\d?\W", re.IGNORECASE)
_INITIALS = re.compile(r"[A-Za-z]{1,4}[:>|]{1,3}(?= |\Z)")
_STRONG_LEAVE = re.compile(
    r"\b(?:regards|wishes|sincerely|faithfully|gr(?:ü|ue)(?:ß|ss)e?n?|gru(?:ß|ss)|hochachtungsvoll|salutations|cordialement|saludos?|"
    r"atentamente|saluti|groet(?:en|jes)?|hoogachtend|cumprimentos|atenciosamente|pozdraw\w+|poważaniem|hälsningar|hilsen|mfg|mvh)\b",
    re.IGNORECASE,
)
_QUOTE_SIGN = re.compile(r"[|»›│┃❯▌►▶¦\]]{1,5}\s?[^\W\d_][^|│┃¦]{2,2000}\Z")  # no row of a table
_WORD = re.compile(r"[^\W_]+")
_JOINING = frozenset(("and", "und", "et", "y", "e", "i", "en", "the"))
_BULLETS = frozenset("-*•·–—+")
_SIGNS = frozenset("|:#~%/!=}]»›│┃❯▌▪■►▶→‹¦؛;\\^")
_QUOTATION = (("“", "”"), ("„", "“"), ("«", "»"), ('"', '"'), ("「", "」"), ("„", "”"))
_LONGEST_LABEL, _MOST_LABEL_WORDS = 30, 3  # characters and words of a label alone
_MOST_STRAY = 5  # words
_LONGEST_HEADING = 80  # characters
_ANSWERED = re.compile(r"(?:re|aw|fwd?|wg|tr|rv|sv|odp|antw)\s?:\s?\S", re.IGNORECASE)
_ABBREVIATED = re.compile(r"(?:\d|\b[^\W\d_]{1,4})\.\Z")  # "schrieb am Mo., 2."
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}")
_SENTENCE_ENDS = (".", "?", "!", ":", "。", "？", "！", "：", "…", ";", ")")
_COMMON_LABELS = frozenset("www mail gmail googlemail outlook hotmail yahoo online example com net org".split())  # noqa: SIM905


def doubt(state: Labelling, body: str, author: str, address: str, parties: AbstractSet[str], *, forwarding: bool) -> None:
    """Adds to `state.doubts` why the border is not sure. `author` and `address` are the sender's, `parties` all addresses."""
    if state.doubts:
        return  # one reason is enough
    lines, labels = state.lines, state.labels
    new = [index for index, label in enumerate(labels) if label is Label.NEW and not lines[index].blank]
    quotes = any(label in (Label.QUOTED, Label.OURS) for label in labels)
    if quotes and not new and not forwarding:
        state.doubts.append("nothing-new")
    state.doubts += _wrapped(state)
    if not new or state.doubts:
        return
    paragraphs = list(_paragraphs(lines, new))
    state.doubts += _heads(lines, new, quotes=quotes)
    state.doubts += _speaks_as_we_do(paragraphs)
    own = names_in(author) | names_in(address.partition("@")[0])
    state.doubts += _second_letter(lines, labels, new, own)
    state.doubts += _marked_alike(lines, new)
    state.doubts += _indented(body, lines, new)
    if "mobile" in state.rules and _told_below_footer(state, new):
        state.doubts.append("words-below-footer")
    if _stray_above_quote(state, new) or _may_open_head(state, new, own):
        state.doubts.append("line-above-quote")
    if not forwarding and _around_one_quote(state, new):
        state.doubts.append("words-above-and-below")
    if not any(label in (Label.QUOTED, Label.OURS, Label.FORWARDED) for label in labels) and _points_below(lines, new):
        state.doubts.append("points-below")
    if _between_unmarked(state, new):
        state.doubts.append("between-unmarked-words-of-ours")
    if _signed_by(lines, new, _brands(address, parties)):
        state.doubts.append("signed-by-another-party")


def _paragraphs(lines: Sequence[Line], new: Sequence[int]) -> Iterator[str]:
    """The new lines, those that follow each other joined."""
    found: list[str] = []
    for place, index in enumerate(new):
        if place and index != new[place - 1] + 1:
            yield " ".join(found)
            found = []
        found.append(lines[index].text)
    yield " ".join(found)


# -- lines that head or end another message ----------------------------------------------------------------------------


def _heads(lines: Sequence[Line], new: Sequence[int], *, quotes: bool) -> Iterator[str]:
    alike = 0
    labelled: deque[str] = deque(maxlen=_MOST_BLOCK)
    for place, index in enumerate(new):
        text, last = lines[index].text, place == len(new) - 1
        if (
            (text[-1] in ":：" and _WROTE.search(text[-40:]))
            or (announces_words(text) and (quotes or not last))
            or (not last and _may_head(lines, new, place))
        ):
            yield "attribution-like-line"
        if place and not last and _alone(new, place) and _heads_alone(text):
            yield "heading-like-line"
        if place and not last and _labels_words(lines, new, place):
            yield "lone-label"
        named = header_field(text) if ":" in text[:30] or "：" in text[:30] else None
        alike = alike + 1 if named and len(named[1]) > 1 else 0
        if not ((":" in text[:30] or "：" in text[:30]) and _LABELLED.match(text)):
            labelled.clear()
        else:
            labelled.append(text)
        addressed = len(labelled) > 1 and any("@" in other for other in labelled)
        if (
            alike >= 2
            or addressed
            or (named and named[0] == "from" and "@" in named[1])
            or (text[0] in "-_=*~—–" and _ANNOUNCING.fullmatch(text))
        ):
            yield "header-like-lines"
        if is_drawn(text) and not last and (place or not quotes):
            yield "rule-between-new-lines"


def _alone(new: Sequence[int], place: int) -> bool:
    """Whether a new line is a paragraph of its own."""
    return new[place - 1] + 1 != new[place] and (place + 1 == len(new) or new[place] + 1 != new[place + 1])


def _labels_words(lines: Sequence[Line], new: Sequence[int], place: int) -> bool:
    """Whether a word or two and a colon, alone below other words, stand above something told: "Earlier:", "Support:"."""
    text = lines[new[place]].text
    framed = text[-1] in ":：" or _FRAMED.fullmatch(text) is not None
    if not framed or len(text) > _LONGEST_LABEL or len(text.split()) > _MOST_LABEL_WORDS:
        return False
    begins = new[place - 1] + 1 != new[place]
    below = lines[new[place + 1]].text
    return begins and not greets_alone(text) and len(below.split()) >= _FEWEST_QUOTED and _tells(below)


def _heads_alone(text: str) -> bool:
    """Whether a line that stands alone may head a message: a date, a subject, "Previous message"."""
    if len(text) > _LONGEST_HEADING or text.endswith(_SENTENCE_ENDS[:3]):
        return False
    named = header_field(text)
    dated = named is not None and named[0] == "date" and names_time(named[1])
    titled = named is not None and named[0] == "subject" and bool(named[1])
    return dated or titled or _ANSWERED.match(text) is not None or dates_only(text) or announces_copy(text)


def _may_head(lines: Sequence[Line], new: Sequence[int], place: int) -> bool:
    """Whether a line may head a message; lines that begin with a date one after the other are a list of events."""
    text = lines[new[place]].text
    if not may_name_message(text):
        return False
    beside = [lines[index].text for index in (*new[max(0, place - 1) : place], *new[place + 1 : place + 2])]
    return not (text[0].isdigit() and any(other[0].isdigit() and _DATE.match(other) for other in beside))


def _second_letter(lines: Sequence[Line], labels: Sequence[Label], new: Sequence[int], own: AbstractSet[str]) -> Iterator[str]:
    """A greeting below words of the sender, or words below their leave that are no postscript."""
    said, left, greeted = 0, False, False
    for place, index in enumerate(new):
        text = lines[index].text
        begins = not place or index != new[place - 1] + 1
        ends = place + 1 == len(new) or index + 1 != new[place + 1]
        if begins and (greets_alone(text) or greets_within(text)):
            if said >= _FEWEST_SAID or (greeted and text[0] < "\u3000"):
                yield "second-greeting"
            if greets_alone(text):
                greeted = True
                continue
        if begins and _POSTSCRIPT.match(text):
            left = False
        if left and not is_closing(text) and not is_name(text) and _tells(text):
            yield "words-below-leave"
        below = lines[new[place + 1]].text if place + 1 < len(new) else ""
        stray = begins and ends and index > 0 and not said and is_name(text) and not says_yes_or_no(text)
        if stray and _below_quote(labels, lines, index):
            left = True  # a name right below a quote ends what was quoted
        if ends or is_closing(text):
            left = left or _takes_leave(text, below, own, said)
        said += len(text.split()) if text.isascii() else max(len(text.split()), len(text) // 4)


def _below_quote(labels: Sequence[Label], lines: Sequence[Line], index: int) -> bool:
    above = next((at for at in range(index - 1, max(index - 4, -1), -1) if not lines[at].blank), None)
    return above is not None and labels[above] in (Label.QUOTED, Label.OURS)


def _takes_leave(text: str, below: str, own: AbstractSet[str], said: int) -> bool:
    """Whether a line ends a letter: a closing, a name of its own, or the sender's name as its last words."""
    if is_closing(text):
        return bool(_STRONG_LEAVE.search(text)) or is_name(below)
    if is_name(text):
        return said >= _FEWEST_SAID and text[-1] not in "!?:" and not says_yes_or_no(text)
    words = text.split()
    own_words = [word[:1].isupper() and bool(names_in(word) & own) for word in words]
    if len(words) <= _MOST_SIGNED and any(own_words[:4]):
        return said >= _FEWEST_SAID  # "G. Doe, aged 81"
    return said + len(words) > _FEWEST_SAID and any(own_words[-2:])


def _tells(text: str) -> bool:
    """Whether a line is told, not a piece of a card: some of its words are small."""
    words = [word for word in text.split() if word[0].isalpha()]
    small = sum(word[0].islower() for word in words)
    return (len(words) >= 3 and small >= 2) or (not text.isascii() and not small and len(text) >= 12 and text[-1] in "。！？")


# -- what only we say, and who we are ----------------------------------------------------------------------------------


def _speaks_as_we_do(paragraphs: Sequence[str]) -> Iterator[str]:
    if any(map(asks_for_consent, paragraphs)):
        yield "asks-for-consent"  # our own question stands there, however its marks were lost
    if any(holds_one(paragraph.casefold(), _ORDER_STEMS) and _YOUR_ORDER.search(paragraph) for paragraph in paragraphs):
        yield "speaks-to-a-buyer"
    if points_into_quote("\n".join(paragraphs)):
        yield "answers-inside-the-quote"
    for paragraph in paragraphs:
        if len(paragraph.split()) >= _FEWEST_QUOTED and any(
            paragraph.startswith(opening) and paragraph.endswith(ending) for opening, ending in _QUOTATION
        ):
            yield "words-in-quotation-marks"


def _points_below(lines: Sequence[Line], new: Sequence[int]) -> bool:
    """Whether the sender says that something follows, and it does without a mark: "Please see below." """
    said = False
    for place, index in enumerate(new):
        begins = not place or index != new[place - 1] + 1
        if said and begins and len(lines[index].text.split()) >= _FEWEST_QUOTED:
            return True
        said = said or bool(_BELOW.search(lines[index].text[:400]))
    return False


def _brands(address: str, parties: AbstractSet[str]) -> AbstractSet[str]:
    """What the other parties call themselves, as far as their domains tell: "brindle-market.example" is "brindlemarket"."""
    own = address.rpartition("@")[2].lower()
    domains = {party.rpartition("@")[2].lower() for party in parties} - {own, ""}
    longest = (max(domain.split("."), key=len) for domain in domains)
    return {_squashed(label) for label in longest if len(label) >= 5 and label not in _COMMON_LABELS}


def _squashed(text: str) -> str:
    """The letters of a name without what joins its words: "Oak & Anvil" and "oak-and-anvil" are one."""
    return "".join(word for word in _WORD.findall(text.casefold()) if word not in _JOINING)


def _signed_by(lines: Sequence[Line], new: Sequence[int], brands: AbstractSet[str]) -> bool:
    """Whether a line below others is a name that holds that of another party: they signed what stands above."""
    for index in new[1:]:
        text = lines[index].text
        if len(text) > 80 or greets_alone(text):
            continue
        words = [word for word in text.split() if word[0].isalpha()]
        if words and sum(word[0].islower() for word in words) <= 1 and any(brand in _squashed(text) for brand in brands):
            return True
    return False


# -- marks of quotes ---------------------------------------------------------------------------------------------------


def _marked_alike(lines: Sequence[Line], new: Sequence[int]) -> Iterator[str]:
    """Lines that follow each other and begin with the same sign, as quoted lines do; a list is none, unless its lines go on."""
    run = 0
    for place, index in enumerate(new):
        text = lines[index].text
        above = lines[new[place - 1]].text if place else ""
        mark = _sign(text)
        run = run + 1 if mark and run and mark == _sign(above) else int(bool(mark))
        goes_on = len(above) >= _FULL_LINE and not above.endswith(_SENTENCE_ENDS) and text.lstrip("-*•·–—+ ")[:1].islower()
        if (run >= _FEWEST_ALIKE and (goes_on or mark not in _BULLETS)) or _QUOTE_SIGN.match(text):
            yield "marked-lines"
            return


def _sign(text: str) -> str:
    if text[0] in _SIGNS or text[0] in _BULLETS:
        return text[0]
    found = _INITIALS.match(text)
    return found.group() if found else ""


def _indented(body: str, lines: Sequence[Line], new: Sequence[int]) -> Iterator[str]:
    """Lines that follow each other and stand further right than the others, as some programs quote."""
    run, flush = 0, False
    found = False
    for index in new:
        whole = body[lines[index].start : min(lines[index].start + 12, lines[index].end)].expandtabs(4)
        deep = len(whole) - len(whole.lstrip(" ")) >= 3
        flush = flush or not deep
        told = _tells(lines[index].text)
        run = run + 1 if deep and (run or told) else 0
        found = found or run >= _FEWEST_ALIKE
    if found and flush:
        yield "indented-lines"


def _wrapped(state: Labelling) -> Iterator[str]:
    """The tail of a long quoted line, left without its mark, looks the same as a hasty answer."""
    lines, labels = state.lines, state.labels
    for index, label in enumerate(labels):
        if lines[index].blank or lines[index].depth:
            continue
        if label is Label.QUOTED and is_wrapped_tail(lines, index) and not _LINK_ALONE.fullmatch(lines[index].text):
            yield "wrapped-quote"
        if label is Label.NEW and index and _may_go_on(lines[index - 1], lines, index):
            yield "wrapped-quote"


def _around_one_quote(state: Labelling, new: Sequence[int]) -> bool:
    """Whether a text stands above one quote and more below it, not between its lines: the end of it may have lost its marks."""
    others = [index for index, label in enumerate(state.labels) if label in (Label.QUOTED, Label.OURS)]
    if not others or not new[0] < others[0] < new[-1] or any(others[0] < index < others[-1] for index in new):
        return False
    said = sum(len(state.lines[index].text.split()) for index in new if index < others[0])
    return said >= _FEWEST_ABOVE


def _stray_above_quote(state: Labelling, new: Sequence[int]) -> bool:
    """Whether a few words that are no sentence stand alone between the letter and a quote which no known line heads."""
    for place, index in enumerate(new):
        text = state.lines[index].text
        if not place or len(text.split()) > _MOST_STRAY or text[-1] in ".?!。？！" or not _alone(new, place):
            continue
        below = next((at for at in range(index + 1, min(index + 4, len(state.lines))) if not state.lines[at].blank), None)
        if below is None or state.rules[below] not in ("marks", "sent-text") or _answers_line_above(state, index):
            continue
        if not (is_closing(text) or is_name(text) or greets_alone(text) or says_yes_or_no(text)) or text[-1] in ":：":
            return True
    return False


def _answers_line_above(state: Labelling, index: int) -> bool:
    """Whether a line stands right below a quoted question, and names nobody and no time: no program heads a quote there."""
    above = next((at for at in range(index - 1, max(index - 3, -1), -1) if not state.lines[at].blank), None)
    asked = above is not None and state.lines[above].depth > 0 and state.lines[above].text[-1] in "?:？："
    return asked and state.lines[index].text[-1] not in ":：" and not may_name_message(state.lines[index].text)


def _told_below_footer(state: Labelling, new: Sequence[int]) -> bool:
    """Whether words stand right below a telephone's footer, which its program writes last: what follows may be a quote unmarked."""
    for index in new:
        above = next((at for at in range(index - 1, max(index - 4, -1), -1) if not state.lines[at].blank), None)
        if above is not None and state.rules[above] == "mobile" and _tells(state.lines[index].text):
            return True
    return False


def _may_open_head(state: Labelling, new: Sequence[int], own: AbstractSet[str]) -> bool:
    """Whether the line right above a quote may be the beginning of the head that names whom it quotes, cut off by a wrap."""
    lines, labels = state.lines, state.labels
    for place, index in enumerate(new):
        if place + 1 < len(new) and new[place + 1] <= index + 2:
            continue  # words of the sender's below it
        below = next((at for at in range(index + 1, min(index + 4, len(lines))) if not lines[at].blank), None)
        if below is None or labels[below] not in (Label.QUOTED, Label.FORWARDED) or state.rules[below] == "sent-text":
            continue
        text = lines[index].text
        if len(text) > _LONGEST_HEADING or text[-1] in "?!。？！":
            continue
        told = any(word[0].islower() for word in text.split())
        ended = text[-1] == "." and told and not names_time(text)
        named = lines[below].text[0] in "<(" and "@" in lines[below].text and not names_in(text) & own
        unfinished = named and not ended and (is_name(text) or not told)
        cut = writes(text) and text[-1] not in ":：" and (not ended or _ABBREVIATED.search(text))
        if unfinished or cut or (not ended and names_day_and_clock(text)):
            return True
    return False


def _between_unmarked(state: Labelling, new: Sequence[int]) -> bool:
    """Whether new words stand above and below words of ours that nothing marks: others of ours may stand among them."""
    bare = [index for index, label in enumerate(state.labels) if label is Label.OURS and not state.lines[index].depth]
    return bool(bare) and new[0] < bare[0] and any(bare[0] < index < bare[-1] for index in new)


def _may_go_on(above: Line, lines: Sequence[Line], index: int) -> bool:
    """Whether an unmarked line may be the end of the marked one above it."""
    if not above.depth or above.blank:
        return False
    below = lines[index + 1] if index + 1 < len(lines) else None
    squeezed = below is not None and bool(below.depth) and not below.blank
    long = above.end - above.start >= _LONG_LINE
    signed = above.text[-1] != "," and (is_name(above.text) or is_closing(above.text))  # the end of what was quoted
    return squeezed or long or not (signed or above.text.endswith(("?", ":", "？", "：")))


def is_wrapped_tail(lines: Sequence[Line], index: int) -> bool:
    """Whether an unmarked line between marked ones is the end of the one above, cut off by a program that wrapped it."""
    above, below = lines[index - 1], lines[index + 1] if index + 1 < len(lines) else None
    if index == 0 or not above.depth or below is None or not below.depth or lines[index].depth:
        return False
    text = lines[index].text
    if _LINK_ALONE.fullmatch(text):
        return True
    if _LINK_UNFINISHED.search(above.text) and not any(map(str.isspace, text)):
        return True
    goes_on = above.end - above.start >= _LONG_LINE and above.text[-1:] not in ".?!:。？！"
    return goes_on and text[:1].islower() and len(text) < _LONG_LINE
