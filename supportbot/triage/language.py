"""Words and the language they are in. Plain values go in and come out.

A text becomes the words that a blank spaCy pipeline finds, normalised and with their places, and the named phrases of the rule
files among them. No model is downloaded; what is learned stands in `model`.
"""

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from py3langid import langid  # type: ignore[import-untyped]

from supportbot.triage.pattern import ANY_ORDER, Step
from supportbot.triage.search import Hit, Phrases
from supportbot.triage.spellings import accented, spellings_of
from supportbot.triage.tokens import Token, tokenizer_of

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "ja")
# Told from those so that their mail is not taken for a neighbour's; some only by their script.
_NEIGHBOURS = ("cs", "sv", "da", "no", "fi", "hu", "tr")
_SCRIPTS = (("ru", "\u0400", "\u04ff"), ("ko", "\uac00", "\ud7af"), ("el", "\u0370", "\u03ff"), ("zh", "\u4e00", "\u9fff"))
_FEWEST_LETTERS = 12  # below, a guess of the language is chance
_KEPT_BY_PRIOR = 40  # up to so many letters the language of the thread outweighs a guess
_FEWEST_DIGITS = 8  # of a number in groups, hyphens too, that is surely no range
_MOST_CHARACTERS = 20_000  # of one text; more decides nothing
_LIKE_AN_ORDER = re.compile(r"[a-z]{0,4}-?\d[\d-]{3,30}\d")
_BREAK = "\n"
_LOADING = threading.Lock()  # the tables of languages are large: no two threads may load them at once

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "'d": ("would",),
    "’d": ("would",),
    "ill": ("i", "will"),
    "i'll": ("i", "will"),
    "im": ("i", "am"),
    "ive": ("i", "have"),
    "il": ("i", "will"),
    "r": ("are",),
    "thru": ("through",),
    "charg": ("charge",),
    "chrage": ("charge",),
    "chagre": ("charge",),
    "charege": ("charge",),
    "acept": ("accept",),
    "accpet": ("accept",),
    "exept": ("accept",),
    "kepp": ("keep",),
    "keap": ("keep",),
    "definately": ("definitely",),
    "defo": ("definitely",),
    "def": ("definitely",),
    "acct": ("account",),
    "rcvd": ("received",),
    "b4": ("before",),
    "gd": ("good",),
    "cud": ("could",),
    "wud": ("would",),
    "wanna": ("want", "to"),
    "cannot": ("can", "not"),
    "u": ("you",),
    "ur": ("your",),
    "n": ("and",),
    "pls": ("please",),
    "plz": ("please",),
    "plse": ("please",),
    "plese": ("please",),
    "pleas": ("please",),
    "kindly": ("please",),
    "thx": ("thanks",),
    "tnx": ("thanks",),
    "thanx": ("thanks",),
    "ty": ("thanks",),
    "okay": ("ok",),
    "okey": ("ok",),
    "oke": ("ok",),
    "yeah": ("yes",),
    "yep": ("yes",),
    "yup": ("yes",),
    "yea": ("yes",),
    "nope": ("no",),
    "nah": ("no",),
    "authorise": ("authorize",),
    "authorised": ("authorized",),
    "authorising": ("authorizing",),
    "authorisation": ("authorization",),
    "cancelled": ("canceled",),
    "cancelling": ("canceling",),
    "cancelation": ("cancellation",),
    "cancelations": ("cancellations",),
    "canceld": ("canceled",),
    "cancled": ("canceled",),
    "canelled": ("canceled",),
    "cancling": ("canceling",),
    "shiped": ("shipped",),
    "shippd": ("shipped",),
    "shipd": ("shipped",),
    "delivrd": ("delivered",),
    "cancl": ("cancel",),
    "cancle": ("cancel",),
    "cancell": ("cancel",),
    "oder": ("order",),
    "ordr": ("order",),
    "recieve": ("receive",),
    "recieved": ("received",),
    "recived": ("received",),
    "receved": ("received",),
    "agian": ("again",),
    "agan": ("again",),
    "acount": ("account",),
    "pakage": ("package",),
    "packet": ("package",),
    "shippment": ("shipment",),
    "fulfillment": ("fulfilment",),
    "dispatched": ("despatched",),
    "catalogue": ("catalog",),
    "colour": ("color",),
    "payed": ("paid",),
    "centre": ("center",),
    "reinvoice": ("rebill",),
    "reinvoiced": ("rebilled",),
    "reinvoicing": ("rebilling",),
    "recharge": ("rebill",),
    "recharged": ("rebilled",),
    "recharging": ("rebilling",),
    "rebil": ("rebill",),
    "rebiling": ("rebilling",),
    "rebiled": ("rebilled",),
}
_IS_BEFORE_S = frozenset(
    ("it", "that", "this", "what", "where", "there", "he", "she", "who", "here", "everything", "all", "how", "when", "which")
)
_RE_STEMS = ("bill", "charg", "invoic", "debit", "order")


@dataclass(frozen=True, slots=True)
class Word:
    """A normalised word and the characters of the text it stands for."""

    norm: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Text:
    """A text as words, and what was found in it."""

    source: str
    words: tuple[Word, ...]
    hits: tuple[Hit, ...]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The characters under words `first` up to, not with, `last`."""
        return self.words[first].start, self.words[last - 1].end

    def place(self, hit: Hit) -> tuple[int, int]:
        """The characters under a hit."""
        return self.span(hit.first, hit.last)


def _words(tokens: Sequence[Token], language: str) -> tuple[Word, ...]:
    words: list[Word] = []
    spellings = _SPELLINGS if language == "en" else spellings_of(language)
    at, count = 0, len(tokens)
    while at < count:
        token = tokens[at]
        start, end = token.start, token.end
        if token.space:
            if "\n" in token.text:
                words.append(Word(_BREAK, start, end))
            at += 1
            continue
        joined = _rejoined(tokens, at)
        if joined is not None:
            norm, at = joined
            end = tokens[at - 1].end
        elif token.even == "'" and words and words[-1].end == start and (whole := accented(words[-1].norm, language)):
            words[-1] = Word(whole, words[-1].start, end)
            at += 1
            continue
        else:
            norm = _norm(token, words[-1].norm if words else "")
            at += 1
        if norm in spellings:
            words.extend(Word(part, start, end) for part in spellings[norm])
        else:
            words.append(Word(norm, start, end))
    return tuple(words)


def _rejoined(tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
    """`re-billing`, `re billing`, `e-mail` and `114-3941689-8772232`, which the tokenizer splits, as one word."""
    number = _long_number(tokens, at)
    if number is not None:
        return number
    head = tokens[at].lower
    if head not in ("re", "e"):
        return None
    rest = at + 1
    if rest < len(tokens) and tokens[rest].spacy_norm == "-":
        rest += 1
    if rest >= len(tokens):
        return None
    tail = tokens[rest].lower
    if head == "re" and tail.startswith(_RE_STEMS):
        return "re" + tail, rest + 1
    if head == "e" and rest == at + 2 and tail.startswith("mail"):
        return "e" + tail, rest + 1
    return None


def _long_number(tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
    """Groups of digits joined by hyphens, as order numbers are; shorter ones may be a range: "2-3 days"."""
    if not tokens[at].text.isdecimal():
        return None
    last = at + 1
    while last + 1 < len(tokens) and _joins(tokens[last - 1], tokens[last], tokens[last + 1]):
        last += 2
    text = "".join(token.text for token in tokens[at:last])
    return (text, last) if last > at + 1 and len(text) > _FEWEST_DIGITS else None


def _joins(before: Token, hyphen: Token, after: Token) -> bool:
    together = before.end == hyphen.start and hyphen.end == after.start
    return together and hyphen.text == "-" and before.text.isdecimal() and after.text.isdecimal()


def _norm(token: Token, before: str) -> str:
    if token.even in ("'s", "s") and before in _IS_BEFORE_S:
        return "is"
    if token.even == "m" and before == "i":
        return "am"
    return token.norm


class Reader:
    """A blank spaCy pipeline, and the phrases of the rule files; safe to share between threads."""

    def __init__(self, phrases: Mapping[str, Iterable[Sequence[Step]]], language: str = "en") -> None:
        """`phrases`: by name, the rows of steps that count as it.

        The pipeline is built with the first text that is read: a language nobody writes costs neither time nor memory.
        """
        self._language = language
        rows_of = {name: tuple(rows) for name, rows in phrases.items()}
        for name, rows in rows_of.items():
            if any(isinstance(row[0], int) for row in rows):
                raise TypeError(f"{name}: a searching pattern begins with a word")
        self._phrases = Phrases(rows_of)

    def warm(self) -> None:
        """Build what the first text would build."""
        tokenizer_of(self._language)

    def read(self, text: str) -> Text:
        """The words of `text` and every phrase in it, in order; a longer finding of a name hides a shorter one inside it."""
        source = text[:_MOST_CHARACTERS]
        words = _read_words(source, self._language)
        return Text(source, words, self._phrases.find([_sought(word.norm) for word in words]))


@lru_cache(maxsize=4096)
def _sought(norm: str) -> str:
    """A word as patterns name it: whatever is written like an order number is one to them."""
    return ANY_ORDER if _LIKE_AN_ORDER.fullmatch(norm) else norm


@lru_cache(maxsize=4)
def _read_words(source: str, language: str) -> tuple[Word, ...]:
    """The normalised words; several readers look at one text, one after the other."""
    return _words(tokenizer_of(language).tokens(source), language)


def load_languages_beside() -> None:
    """Begin to load the tables of languages, in a thread of their own: most of it is unpacking, which keeps nobody waiting."""
    threading.Thread(target=_load_quietly, name="languages", daemon=True).start()


def _load_quietly() -> None:
    with suppress(OSError):  # whoever asks for the tables next loads them, and meets the error where it can be told
        _identifier()


def _identifier() -> langid.LanguageIdentifier:
    with _LOADING:
        return _loaded_identifier()


@lru_cache(maxsize=1)
def _loaded_identifier() -> langid.LanguageIdentifier:
    whole = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    whole.set_languages([*LANGUAGES, *_NEIGHBOURS])
    # Built anew from the part that is used, so that the tables of ninety other languages are let go.
    return langid.LanguageIdentifier(
        whole.nb_ptc, whole.nb_pc, whole.nb_classes, whole.tk_nextmove, whole.tk_output, norm_probs=True, tk_row=whole.tk_row
    )


def language_of(text: str, prior: str | None = None) -> str | None:
    """The ISO 639-1 code of the language of `text`, or `prior` where the text is too short to tell."""
    sample = text[:2000]
    letters = sum(map(str.isalpha, sample))
    if letters == 0:
        return prior
    if not sample.isascii():
        if any("\u3040" <= char <= "\u30ff" for char in sample):
            return "ja"
        for code, first, last in _SCRIPTS:
            if 2 * sum(first <= char <= last for char in sample) > letters:
                return code
    if letters < _FEWEST_LETTERS or (prior is not None and letters < _KEPT_BY_PRIOR):
        return prior
    code, probability = _identifier().classify(sample)
    return str(code) if probability >= 0.5 else prior
