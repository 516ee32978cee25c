"""Words that are marked as a quote and quote nothing that is known: `<blockquote>if I get 10 % off</blockquote>` below a yes.

A quote says whom it quotes, or its words are ours. One that does neither is the sender's own as likely as not: it keeps its
label, but the border is called uncertain, so that no machine reads consent beside it.
"""

import re
from collections.abc import Sequence

from supportbot.mail.lines import Labelling
from supportbot.mail.message import Label

_FEWEST_WORDS = 20  # of a mail that is quoted without a heading; a question is quoted as such
_WORD = re.compile(r"[^\W_]+")
_QUESTION = re.compile(r"[?？¿]")


def doubt_bare_quotes(state: Labelling, ours: Sequence[str]) -> None:
    """Adds "bare-quote" where lines are quoted by their marks alone, below words of the sender's, and are not ours.

    Where nothing we sent is known, a question or a text as long as a mail is taken for the mail that is answered.
    """
    said = False
    index = 0
    while index < len(state.lines):
        if state.labels[index] is not Label.QUOTED or state.rules[index] != "marks":
            said = said or (state.labels[index] is Label.NEW and not state.lines[index].blank)
            index += 1
            continue
        end = index
        while end < len(state.lines) and state.labels[end] is Label.QUOTED and state.rules[end] == "marks":
            end += 1
        if said and not _headed(state, index) and not _beside_ours(state, index, end):
            text = "\n".join(line.text for line in state.lines[index:end])
            words = len(_WORD.findall(text))
            if words and (ours or (words < _FEWEST_WORDS and not _QUESTION.search(text))):
                state.doubts.append("bare-quote")
                return
        index = end


def _headed(state: Labelling, index: int) -> bool:
    """Whether the words above name whom the quote at `index` quotes; once named, he is quoted to the end."""
    return any(
        label in (Label.QUOTED, Label.FORWARDED) and rule != "marks"
        for label, rule in zip(state.labels[:index], state.rules[:index], strict=True)
    )


def _beside_ours(state: Labelling, index: int, end: int) -> bool:
    """Whether our own words stand right above or below: the quote is of the mail that holds them."""
    above = next((state.labels[at] for at in range(index - 1, -1, -1) if not state.lines[at].blank), None)
    below = next((state.labels[at] for at in range(end, len(state.lines)) if not state.lines[at].blank), None)
    return Label.OURS in (above, below)
