"""HTML to the text a reader saw: hidden nodes dropped, quotes marked with `>`, layout kept as lines.

The depth and the size of a document are bounded before the HTML parser sees it: deep nests take it (and every other
HTML parser) seconds. Beyond the bounds the tags are taken out by a linear scan, with a defect.
"""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_DEPTH = 256  # real mail reaches 74
MAX_SIZE = 500_000  # characters
_MAX_HIDING_SELECTORS = 50

_TAG_START = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})")
# Elements that never hold others, or that the parser closes by itself.
_FLAT = frozenset("area base br col embed hr img input link meta param source track wbr p li td th tr dt dd option".split())  # noqa: SIM905

_HIDING = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|(?:font-size|max-height|opacity):0*(?:\.0*)?(?:px|pt|em|rem|%)?(?:;|!|"
    r"$)|mso-hide:all"
)
_WHITE = r"(?:#fff(?:fff)?|white|rgb\(255,255,255\))"
_WHITE_TEXT = re.compile(rf"(?:^|;)color:{_WHITE}(?:;|!|$)")
_WHITE_GROUND = re.compile(rf"{_WHITE}|transparent|none|inherit")
_GROUND = re.compile(r"background(?:-color|-image)?:([^;]*)")
_RULE = re.compile(r"([^{}]{1,500})\{([^{}]{1,2000})\}")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_BLANK_LINES = re.compile(r"\n{3,}")

_DROPPED = frozenset("script style head title template noscript iframe object svg math select textarea map audio video".split())  # noqa: SIM905
_BLOCKS = frozenset(
    "address article aside body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header html li main nav ol "  # noqa: SIM905
    "p pre section table tbody tfoot thead tr ul blockquote".split()
)
_SPACED = frozenset("p h1 h2 h3 h4 h5 h6 ul ol table pre".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class VisibleText:
    """What a reader saw; `defects` names what had to be done to get it."""

    text: str
    defects: tuple[str, ...] = ()


def visible_text(html: str) -> VisibleText:
    """The visible text of an HTML body. Never raises."""
    if len(html) > MAX_SIZE:
        return VisibleText(_without_tags(html[:MAX_SIZE]), ("html-too-large",))
    if _too_deep(html):
        return VisibleText(_without_tags(html), ("html-too-deep",))
    document = LexborHTMLParser(html)
    root = document.body or document.root
    if root is None:
        return VisibleText("")
    writer = _Writer(_hidden_by_sheet(document))
    writer.walk(root)
    return VisibleText(writer.text(), ("hidden-text",) if writer.hid_text else ())


def _too_deep(html: str) -> bool:
    depth = 0
    for closing, name in _TAG_START.findall(html):
        if name.lower() in _FLAT:
            continue
        depth += -1 if closing else 1
        if depth > MAX_DEPTH:
            return True
    return False


def _without_tags(html: str) -> str:
    """A linear last resort: the characters outside `<…>`, a line per tag."""
    pieces = []
    for piece in html.split("<"):
        _, closed, text = piece.partition(">")
        pieces.append(text if closed else "")
    return _BLANK_LINES.sub("\n\n", "\n".join(piece.strip() for piece in pieces if piece.strip()))


def _hidden_by_sheet(document: LexborHTMLParser) -> frozenset[int]:
    """Nodes that a style sheet of the mail hides on every screen; rules for some media only do not count."""
    hidden: set[int] = set()
    selectors = 0
    for sheet in document.css("style"):
        for selector, declarations in _RULE.findall(_without_media((sheet.text() or "")[:50_000])):
            if not _HIDING.search(_squeeze(declarations)) or "@" in selector or ":" in selector:
                continue
            selectors += 1
            if selectors > _MAX_HIDING_SELECTORS:
                return frozenset(hidden)
            try:
                hidden.update(node.mem_id for node in document.css(selector.strip()))
            except ValueError:
                continue  # a selector that the parser does not know hides nothing for readers that do not know it either
    return frozenset(hidden)


def _without_media(sheet: str) -> str:
    out: list[str] = []
    depth = 0
    for piece in re.split(r"(@media[^{}]{0,300}\{|[{}])", sheet):
        if depth == 0 and not piece.startswith("@media"):
            out.append(piece)
            continue
        depth += piece.endswith("{")
        depth -= piece == "}"
    return "".join(out)


def _squeeze(style: str) -> str:
    return "".join(style.split()).lower()


class _Writer:
    """Writes the visible text of a tree line by line. Its own stack, so that depth costs no recursion."""

    def __init__(self, hidden: frozenset[int]) -> None:
        self._hidden = hidden
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quote = 0
        self._preformatted = 0
        self._lists: list[int | None] = []  # None: bullets; else the number of the next item
        self._blank_wanted = False
        self.hid_text = False

    def walk(self, root: LexborNode) -> None:
        stack: list[tuple[LexborNode, bool, bool]] = [(root, False, False)]  # node, leave it, on a coloured ground
        while stack:
            node, leaving, coloured = stack.pop()
            if leaving:
                self._leave(node.tag or "")
                continue
            tag = node.tag or ""
            if node.is_text_node:
                self._write(node.text_content or "")
                continue
            if not node.is_element_node or tag in _DROPPED:
                continue
            seen, coloured = self._seen(node, coloured)
            if not seen:
                self.hid_text = self.hid_text or bool((node.text() or "").strip())
                continue
            self._enter(node, tag)
            stack.append((node, True, coloured))
            children = list(node.iter(include_text=True))
            stack.extend((child, False, coloured) for child in reversed(children))

    def _seen(self, node: LexborNode, coloured: bool) -> tuple[bool, bool]:
        if self._hidden and node.mem_id in self._hidden:
            return False, coloured
        attributes = node.attributes
        if not attributes:
            return True, coloured
        if "hidden" in attributes:
            return False, coloured
        if (ground := attributes.get("bgcolor")) and not _WHITE_GROUND.fullmatch(_squeeze(ground)):
            coloured = True
        style = attributes.get("style")
        if style:
            squeezed = _squeeze(style)
            for value in _GROUND.findall(squeezed):
                coloured = coloured or not _WHITE_GROUND.fullmatch(value.partition("!")[0])
            if _HIDING.search(squeezed) or (not coloured and _WHITE_TEXT.search(squeezed)):
                return False, coloured
        return True, coloured

    def _enter(self, node: LexborNode, tag: str) -> None:
        if tag == "br":
            self._break()
        elif tag == "hr":
            self._end_line()
            self._lines.append(self._prefix() + "________________________________")
        elif tag in ("td", "th"):
            if self._line and not self._line[-1].endswith((" ", "\t")):
                self._line.append(" ")
        elif tag == "img":
            return
        elif tag in _BLOCKS:
            self._end_line()
            self._blank_wanted = self._blank_wanted or tag in _SPACED
            if tag == "blockquote":
                self._quote += 1
            elif tag == "pre":
                self._preformatted += 1
            elif tag in ("ul", "ol"):
                self._lists.append(1 if tag == "ol" else None)
            elif tag == "li":
                self._line.append(self._bullet())

    def _bullet(self) -> str:
        if not self._lists or self._lists[-1] is None:
            return "- "
        number = self._lists[-1]
        self._lists[-1] = number + 1
        return f"{number}. "

    def _leave(self, tag: str) -> None:
        if tag not in _BLOCKS:
            return
        self._end_line()
        self._blank_wanted = self._blank_wanted or tag in _SPACED
        if tag == "blockquote":
            self._quote -= 1
            self._blank_wanted = True
        elif tag == "pre":
            self._preformatted -= 1
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()

    def _write(self, text: str) -> None:
        if self._preformatted:
            first, *others = text.split("\n")
            self._line.append(first)
            for other in others:
                self._break()
                self._line.append(other)
            return
        text = _SPACES.sub(" ", text)
        if text.startswith(" ") and (not self._line or self._line[-1].endswith(" ")):
            text = text[1:]
        if text:
            self._line.append(text)

    def _break(self) -> None:
        if self._line:
            self._end_line()
        else:
            self._lines.append(self._prefix().rstrip())

    def _end_line(self) -> None:
        if not self._line:
            return
        line = "".join(self._line).rstrip()
        self._line = []
        if self._blank_wanted and self._lines and self._lines[-1].strip("> "):
            self._lines.append("")
        self._blank_wanted = False
        self._lines.append(self._prefix() + line)

    def _prefix(self) -> str:
        return ">" * min(self._quote, 50) + (" " if self._quote else "")

    def text(self) -> str:
        self._end_line()
        return _BLANK_LINES.sub("\n\n", "\n".join(self._lines)).strip("\n")
