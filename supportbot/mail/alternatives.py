"""The parts of a multipart/alternative: which one is read, and whether they say the same.

A sender decides which part a person sees; consent read from another one is no consent. So one changed word that bears meaning
is enough to call in a person, and marks, links, pictures, list numbers and quoting are not.
"""

import re
from collections import Counter
from collections.abc import Callable

from supportbot.mail.ours import words_of

_LINK = re.compile(
    r"<?(?:https?|mailto|tel|ftp):[^\s>]{1,2000}>?|\[(?:image|cid):[^\]\n]{0,300}\]|www\.\S{1,500}", re.IGNORECASE
)
# Of every such link one stands in it in lower case: no letters that others stand for in some case (the "i" of "mailto").
_PARTS_OF_LINKS = ("http", "lto:", "tel:", "ftp:", "mage:", "[c", "www.")
_LIST_MARK = re.compile(r"^[ \t>]{0,60}+(?:\d{1,3}[.)]|[*•·o-])[ \t]++", re.MULTILINE)
_MARKED = re.compile(r"^>", re.MULTILINE)
_SHORT_NOTICE = 40  # words: a plain part as short may only say that the mail is in HTML

# Words on which consent turns. One more or one fewer of them is another message, whatever else is alike.
_DECISIVE = frozenset(
    (  # noqa: SIM905 (a list of words reads as words)
        # English
        "yes no not never nor neither none nothing cannot can't don won t if unless until when but except only without "
        "instead accept accepted agree agreed decline refuse refused reject rejected keep return refund cancel confirm ok "
        # German
        "ja nein nicht kein keine keinen nie niemals weder wenn falls sofern aber außer nur ohne statt akzeptiere "
        "einverstanden ablehne "
        # French
        "oui non ne pas jamais ni aucun aucune si sauf mais seulement sans accepte refuse "
        # Spanish, Italian, Portuguese
        "sí no nunca ni ningún ninguna si salvo pero solo sólo sin acepto rechazo sì non mai né nessuno se tranne ma "
        "soltanto senza accetto rifiuto sim não nunca nem nenhum exceto mas só somente sem aceito recuso "
        # Dutch, Polish
        "nee niet nooit geen als tenzij maar alleen zonder tak nie nigdy ani żaden jeśli jeżeli chyba ale tylko bez"
    ).split()
)


def choose(plain: str, html: str, linked: str, new_text: Callable[[str], str]) -> tuple[str, bool]:
    """(the part to read, whether the two say different things).

    `linked` are the words of the HTML part that were links; `new_text` gives what was newly written in a text.
    """
    plain_words, html_words = _words(plain), _words(html)
    if not html_words:
        return plain or html, False
    if not plain_words or (
        len(plain_words) < _SHORT_NOTICE and len(html_words) > 4 * len(plain_words) and "html" in plain_words
    ):
        return html, False
    if "".join(plain_words) == "".join(html_words):
        return _better_marked(plain, html, new_text), False
    links = frozenset(words_of(linked))
    # Where one part's quote is not known as one, all of its words are new: then all words of both are compared.
    same = _alike(_words(new_text(plain)), _words(new_text(html)), links) or _alike(plain_words, html_words, links)
    return _better_marked(plain, html, new_text) if same else plain, not same


def _better_marked(plain: str, html: str, new_text: Callable[[str], str]) -> str:
    """Of two parts that say the same, the one that marks what is quoted: some programs lose the marks of their plain part."""
    if not _MARKED.search(html) or _MARKED.search(plain):
        return plain
    return html if len(_words(new_text(html))) < len(_words(new_text(plain))) else plain


def _words(text: str) -> list[str]:
    low = text.lower()
    if any(part in low for part in _PARTS_OF_LINKS):
        text = _LINK.sub(" ", text)
    return [word for word in words_of(_LIST_MARK.sub("", text)) if word.strip("_")]  # a drawn line is no word


def _alike(plain: list[str], html: list[str], links: frozenset[str]) -> bool:
    """Whether two texts say the same: no decisive word more or fewer, no word for another one, hardly a word left out."""
    joined = "".join(plain), "".join(html)
    if joined[0] == joined[1]:
        return True
    counts = Counter(plain), Counter(html)
    only_plain, only_html = counts[0] - counts[1], counts[1] - counts[0]
    if not only_plain and not only_html:
        return False  # the same words in another order
    if any(word in _DECISIVE for word in (*only_plain, *only_html)):
        return False
    # A word that stands in the other text glued to its neighbours is not missing from it.
    missing = [word for word in only_plain if len(word) < 3 or word not in joined[1]]
    added = [word for word in only_html if word not in links and (len(word) < 3 or word not in joined[0])]
    if missing and added:
        return False
    return len(missing) + len(added) <= max(len(plain), len(html)) // 50
