"""What a letter begins with: its greeting, and whom it greets."""

import re
from collections.abc import Set as AbstractSet

from supportbot.mail.card import is_closing, is_name

_MOST_GREETING, _MOST_ALONE = 80, 60  # characters
_NAME = re.compile(r"[^\W\d_]+")
_GREETING = re.compile(
    r"(?:dear|hello|hi|hiya|hey|greetings|to whom it may|good (?:morning|day|afternoon|evening)|hallo|guten (?:tag|morgen|abend)|moin|"
    r"grüezi|grüß gott|servus|sehr geehrte[rsn]?|werte[rs]?|liebe[rs]?|bonjour|bonsoir|salut|cher|chère|chers|madame, monsieur|"
    r"hola|buen[oa]s (?:días|tardes|noches)|estimad[oa]s?|querid[oa]s?|buongiorno|buonasera|salve|ciao|spett\.?(?:le)?|gentil[ei]|"
    r"gentilissim[oaie]|egregi[oa]?|gent\.|egr\.|car[oa]|beste|geachte|goedendag|goeden?(?:morgen|middag|avond)|goede (?:morgen|dag)|dag|"
    r"olá|oi|bom dia|boa (?:tarde|noite)|prezad[oa]s?|car[oa]s?|exm[oa]s?\.?|szanown[yae]|dzień dobry|witam|cześć|drog[ai]|"
    r"hej|hejsan|kära|kære|hei|dobrý den|tisztelt|stimat[eăi]|здравствуйте|добрый день|уважаем\w{2,4})\b|"
    r"(?:お世話になって|こんにちは|拝啓|您好|你好|尊敬的)|.{1,40}(?:様|御中)$",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"(?:(?:mr|mrs|ms|miss|dr|mevrouw|meneer|mijnheer|heer|dhr|mw|frau|herrn?|familie|madame|monsieur|mme|m|señora?|sra?|signora?|"
    r"sig|senhora?|pani?)\b\.? ?)+",
    re.IGNORECASE,
)
_CALLED = re.compile(r"[^.!?\n,:]{0,40}[,!:]")
_YES_OR_NO = re.compile(
    r"(?:yes|no|ok|okay|sure|fine|agreed|ja|nein|gerne|einverstanden|oui|non|d'accord|sí|si|no|vale|sì|va bene|nee|akkoord|sim|não|tak|"
    r"nie|zgoda|done|both|neither|beide[s]?|none|same|never|correct|right|stimmt|genau)(?: .{1,12})?",
    re.IGNORECASE,
)
_PAUSE = re.compile(r"\s?[,!:;.–—-]\s?")


def greets(text: str) -> bool:
    """Whether a line begins with a greeting: "Hello Ms Doe," but not "Liebe Grüße"."""
    return len(text) <= _MOST_GREETING and bool(_GREETING.match(text[:60])) and not is_closing(text)


def greets_alone(text: str) -> bool:
    """Whether a line is a greeting and nothing else."""
    if len(text) > _MOST_ALONE or text.endswith("?") or not greets(text):
        return False
    return text[-1] in ",!:;،，、：" or len(text.split()) <= 5


def greets_within(text: str) -> bool:
    """Whether a line begins with a greeting and goes on behind it: "Guten Morgen, bitte stornieren Sie …"."""
    greeting = _GREETING.match(text[:60])
    return bool(greeting and not is_closing(text) and _CALLED.match(text, greeting.end()))


def greeted(text: str) -> AbstractSet[str]:
    """The words of whom a line greets: "Hello Ms Doe," and "Bonjour, Jane," but not "Hello, Jane here"."""
    first, *others = _PAUSE.split(text)
    greeting = _GREETING.match(first)
    called = [first[greeting.end() if greeting else 0 :], *others[:1]]
    return {name for words in called if is_name(_TITLE.sub("", words.strip())) for name in _NAME.findall(words.casefold())}


def names_in(text: str) -> AbstractSet[str]:
    """The words of a name that are long enough to tell people apart, folded."""
    return {name for name in _NAME.findall(text.casefold()) if len(name) > 2}


def says_yes_or_no(text: str) -> bool:
    """Whether a short line is an answer, not a name: "Yes", "Neither", "Genau". "Yes:" may lead to words of ours."""
    return bool(_YES_OR_NO.fullmatch(text.strip(" ,.:：")))
