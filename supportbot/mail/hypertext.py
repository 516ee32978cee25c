"""HTML to the text a reader saw: hidden nodes dropped, quotes marked with `>`, layout kept as lines.

The depth and the size of a document are bounded before the HTML parser sees it: deep nests take it (and every other
HTML parser) seconds. Beyond the bounds the tags are taken out by a linear scan, with a defect.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from supportbot.mail.boundary import boundary_at
from supportbot.mail.lines import read_lines
from supportbot.mail.styles import (
    LINKED,
    PLAIN,
    TRANSPARENT,
    UNKNOWN,
    USUAL,
    Look,
    Style,
    read_colour,
    read_style,
    sheet_rules,
    with_later,
)

MAX_DEPTH = 256  # real mail reaches 74
MAX_SIZE = 500_000  # characters, embedded pictures aside
_MAX_REBUILT = 500_000  # elements that the parser would build again, because they were left open across blocks
_MAX_CHOICES = 5000  # options of a list; the parser's time grows with their square
_MAX_TAG_WORK = 5_000_000_000  # sum of the squares of what stands between two "<": the parser compares all attributes of a tag
_MAX_SELECTORS = 50  # of rules that hide, and as many of rules that colour
_MAX_SIBLINGS = 2000
_MAX_MATCHING = 3_000_000  # selectors times tags

_TAG_START = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})")
# Elements that never hold others, or that the parser closes by itself.
_FLAT = frozenset("area base br col embed hr img input link meta param source track wbr p li td th tr dt dd option".split())  # noqa: SIM905
# Elements that HTML opens again in every block until they are closed.
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())  # noqa: SIM905

_MOST_LOOKED = 20  # elements that may be quotes
_MOST_HEAD, _MOST_HEAD_LINES = 2_000, 6
# The names that programs give to the element that holds the quoted mail; webmail puts x_ before the names of others.
_QUOTE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:gmail_quote\w{0,20}|yahoo_quoted\w{0,20}|\w{0,20}yahoo_quoted\w{0,20}|protonmail_quote|tutanota_quote|zmail_extra\w{0,20}|"
    r"\w{0,20}aolReplacedBody|freshdesk_quote|front-blockquote|e?-?mail-?quote[\w-]{0,20}|quoted?(?:[-_]?(?:text|body|message|reply|content|mail|email))?|"
    r"reply-?quote|(?:mail-editor-)?reference-message(?:-container)?|zd-comment|ticket-?history|moz-signature-quote|hey_quote|trix-quote)(?=$|[\s_-])",
    re.IGNORECASE,
)
# The names of the element that holds the signature which a program adds.
_SIGNATURE_NAMES = re.compile(
    r"(?:^|\s)(?:x_)?(?:gmail_signature|moz-signature|signature|ms-outlook-mobile-signature|AppleMailSignature\w{0,20}|"
    r"protonmail_signature_block(?:-user)?|zm?ail_signature|mail-?signature|edo-signature|sh-signature)(?=$|\s)",
    re.IGNORECASE,
)
_LONGEST_SIGNATURE, _MOST_SIGNATURE_LINES = 800, 12
_BORDERED = re.compile(
    r"border-left\s?:\s?(?!none|0)(?=[^;]{0,60}(?:solid|dotted|dashed|double))(?=[^;]{0,60}\d)", re.IGNORECASE
)
_INDENTED = re.compile(r"border(?:-left)?(?:-width|-style)?\s?:\s?(?:none|0)", re.IGNORECASE)
_EMBEDDED = re.compile(r"data:[a-zA-Z0-9/+.;=-]{1,100},[A-Za-z0-9+/=%\s]{200,}+")
_SPACES = re.compile(r"[\t\r\n\f][ \t\r\n\f]*| [ \t\r\n\f]+")  # but a single blank, which stays what it is
_BLANK_LINES = re.compile(r"\n{3,}")

_DROPPED = frozenset("script style head title template noscript iframe object svg math select textarea map audio video".split())  # noqa: SIM905
_BLOCKS = frozenset(
    "address article aside body caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "  # noqa: SIM905
    "header html legend li main menu nav ol p pre section summary table tbody tfoot thead tr ul blockquote listing xmp".split()
)
_SPACED = frozenset("p h1 h2 h3 h4 h5 h6 ul ol table pre".split())  # noqa: SIM905
_LEFT = _BLOCKS | {"a"}  # elements whose end does something
_MAY_QUOTE = frozenset(("div", "section", "table", "td"))
_PREFORMATTED = frozenset(("pre", "listing", "xmp"))
_MAX_MARKS = 50

Attributes = Mapping[str, str | None]  # of an element, names in lower case


@dataclass(frozen=True, slots=True)
class VisibleText:
    """What a reader saw; `defects` names what had to be done to get it."""

    text: str
    defects: tuple[str, ...] = ()
    linked: str = ""  # the words that were links, which a plain text has as addresses


def visible_text(html: str) -> VisibleText:
    """The visible text of an HTML body. Never raises."""
    if "data:" in html:
        html = _EMBEDDED.sub("", html)
    if len(html) > MAX_SIZE:
        return VisibleText(_without_tags(html[:MAX_SIZE]), ("html-too-large",))
    tags = html.count("<")
    if (tags > MAX_DEPTH // 2 and _too_deep(html)) or (len(html) > 50_000 and _heavy_tags(html)):
        return VisibleText(_without_tags(html), ("html-too-deep",))
    document = LexborHTMLParser(html)
    root = document.body or document.root
    if root is None:
        return VisibleText("")
    sheet, complete = _sheet_styles(document, tags) if "<style" in html or "<STYLE" in html else ({}, True)
    writer = _Writer(sheet)
    writer.walk(root)
    defects = [*(["hidden-text"] if writer.hid_text else []), *([] if complete else ["style-sheet-too-large"])]
    return VisibleText(writer.text(), tuple(defects), " ".join(writer.linked))


def _too_deep(html: str) -> bool:
    """Whether the tree would be deep, or far larger than the text it is made from.

    A closing tag closes what was opened by its name only: others are ignored by the parser, and so by this count.
    """
    open_by_name: dict[str, int] = {}
    depth = formatting = rebuilt = choices = 0
    for found in _TAG_START.finditer(html):
        name = found[2].lower()
        if name in _FLAT:
            rebuilt += formatting
            choices += name == "option"
            if rebuilt > _MAX_REBUILT or choices > _MAX_CHOICES:
                return True
            continue
        if found[1]:
            if not open_by_name.get(name):
                continue
            step = -1
        else:
            step = 1
            rebuilt += formatting
        open_by_name[name] = open_by_name.get(name, 0) + step
        depth += step
        if name in _FORMATTING:
            formatting += step
        if depth > MAX_DEPTH or rebuilt > _MAX_REBUILT:
            return True
    return False


def _heavy_tags(html: str) -> bool:
    return sum(len(piece) ** 2 for piece in html.split("<")) > _MAX_TAG_WORK


def _without_tags(html: str) -> str:
    """A linear last resort: the characters outside `<…>`, a line per tag; no scripts, style sheets or comments."""
    pieces = []
    skipped = ""  # what ends the part that no reader sees
    for piece in html.split("<"):
        tag, closed, text = piece.partition(">")
        if skipped == "-->":
            _, closed, text = piece.partition("-->")
            skipped = "" if closed else skipped
        elif skipped:
            closed = closed if tag.lower().startswith(skipped) else ""
            skipped = "" if closed else skipped
        elif piece.startswith("!--"):
            _, closed, text = piece.partition("-->")
            skipped = "" if closed else "-->"
        elif tag[:6].lower() in ("style", "script") or tag[:6].lower().startswith("style ") or tag[:7].lower() == "script ":
            skipped, closed = "/" + tag[:6].lower().strip(), ""
        if closed and text.strip():
            pieces.append(text.strip())
    return _BLANK_LINES.sub("\n\n", "\n".join(pieces))


def _sheet_styles(document: LexborHTMLParser, tags: int) -> tuple[dict[int, Style], bool]:
    """What the mail's own style sheets say about nodes, and whether all of their rules could be looked at."""
    rules = [rule for sheet in document.tags("style") for rule in sheet_rules(sheet.text() or "")]
    hiding: list[tuple[str, Style]] = []
    colouring: list[tuple[str, Style]] = []
    for rule in rules:
        hides = rule[1].hidden or rule[1].tiny or rule[1].flat or rule[1].veiled or rule[1].shown
        (hiding if hides else colouring).append(rule)
    most = min(_MAX_SELECTORS, max(1, _MAX_MATCHING // (2 * tags + 1)))
    kept = {id(rule) for rule in (*hiding[:most], *colouring[:most])}
    styles: dict[int, Style] = {}
    complete = len(hiding) <= most
    for rule in rules:
        selector, style = rule
        if id(rule) not in kept:
            continue
        if "~" in selector and tags > _MAX_SIBLINGS:  # the parser looks at all siblings of all siblings
            complete = complete and not style.hidden
            continue
        try:
            for node in document.css(selector):
                styles[node.mem_id] = with_later(styles[node.mem_id], style) if node.mem_id in styles else style
        except (ValueError, SelectolaxError):
            continue  # a selector that the parser does not know hides nothing for readers that do not know it either
    return styles, complete


def _only_indents(attributes: Attributes) -> bool:
    """Whether a block quote is what editors make of "indent more": a margin, no border, nothing that says who is quoted."""
    if any(attributes.get(name) for name in ("cite", "type", "class", "id", "name")):
        return False
    return bool(_INDENTED.search(attributes.get("style") or ""))


class _Writer:
    """Writes the visible text of a tree line by line. Its own stack, so that depth costs no recursion."""

    def __init__(self, sheet: dict[int, Style]) -> None:
        self._sheet = sheet
        self._looks: dict[tuple[str, Look], tuple[Style, Look]] = {}  # of elements whose own style is all that they say
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quote = 0
        self._lists: list[int | None] = []  # None: bullets; else the number of the next item
        self._blank_wanted = False
        self._links = 0
        self._looked = 0
        self.linked: list[str] = []
        self.hid_text = False

    def walk(self, root: LexborNode) -> None:
        stack: list[tuple[LexborNode | None, str, Look]] = [(root, "", USUAL)]  # without a node: leave the element of that tag
        while stack:
            node, leaving, look = stack.pop()
            if node is None:
                self._leave(leaving)
                continue
            tag = node.tag or ""
            if node.is_text_node:
                self._write(node.text_content or "", look)
                continue
            if tag in _DROPPED or not node.is_element_node:
                continue
            attributes = node.attributes  # made anew each time it is asked for
            style, look = self._look(node, tag, attributes, look)
            if style.hidden:
                self.hid_text = self.hid_text or bool((node.text() or "").strip())
                continue
            block = (
                "div" if (style.block and tag not in _BLOCKS) or (tag == "blockquote" and _only_indents(attributes)) else tag
            )
            if block in _MAY_QUOTE and attributes and not self._quote and self._quotes(node, attributes):
                block = "blockquote"
            elif block == "div" and attributes and self._signs(node, attributes):
                self._end_line()
                self._lines += ["", "-- "]
            self._enter(block)
            if block in _LEFT:
                stack.append((None, block, look))
            child = node.last_child
            while child is not None:
                stack.append((child, "", look))
                child = child.prev

    def _look(self, node: LexborNode, tag: str, attributes: Attributes, look: Look) -> tuple[Style, Look]:
        style = self._sheet.get(node.mem_id, PLAIN) if self._sheet else PLAIN
        if tag == "a" and "href" in attributes:
            look = LINKED if look is USUAL else look._replace(colour=LINKED.colour)
        elif tag in _PREFORMATTED:
            look = look._replace(preformatted=True)
        if not attributes:
            return style, style.over(look) if style is not PLAIN else look
        own = attributes.get("style")
        if own and len(attributes) == 1 and style is PLAIN and tag != "dialog":  # as nearly all that say anything
            if (known := self._looks.get((own, look))) is None:
                style = read_style(own)
                known = self._looks[own, look] = style, style.over(look) if style is not PLAIN else look
            return known
        if "hidden" in attributes or (tag == "dialog" and "open" not in attributes):
            return Style(hidden=True), look
        if (ground := attributes.get("bgcolor")) and (read := read_colour(ground)) != TRANSPARENT:
            look = look._replace(ground=read)
        if attributes.get("background"):
            look = look._replace(ground=UNKNOWN)
        if colour := attributes.get("color" if tag == "font" else "text" if tag == "body" else "", None):
            look = look._replace(colour=read_colour(colour))
        if own:
            style = with_later(style, read_style(own)) if style is not PLAIN else read_style(own)
        return style, style.over(look) if style is not PLAIN else look

    def _quotes(self, node: LexborNode, attributes: Attributes) -> bool:
        """Whether an element is one in which a program keeps what it quotes, and nothing else in it says so or parts it.

        Where a known line heads the words, or block quotes part them from answers, those tell more.
        """
        if not self._lines or self._looked > _MOST_LOOKED:
            return False
        style = attributes.get("style") if node.tag == "div" else None
        drawn = style is not None and "order-left" in style and _BORDERED.search(style) is not None
        names = [name for kind in ("class", "id", "name") if (name := attributes.get(kind))]
        if not (drawn or (names and _QUOTE_NAMES.search(" ".join(names)))):
            return False
        self._looked += 1
        if node.css_first("blockquote") is not None:
            return False
        lines = [line for line in read_lines(node.text(separator="\n")[:_MOST_HEAD]) if not line.blank][:_MOST_HEAD_LINES]
        return bool(lines) and not any(boundary_at(lines, index) for index in range(len(lines)))

    def _signs(self, node: LexborNode, attributes: Attributes) -> bool:
        """Whether an element is the one in which a program keeps a signature, below words of the sender and not quoted."""
        if not self._lines or self._quote or self._looked > _MOST_LOOKED:
            return False
        names = [name for kind in ("class", "id", "data-smartmail") if (name := attributes.get(kind))]
        if not names or not _SIGNATURE_NAMES.search(" ".join(names)):
            return False
        self._looked += 1
        text = node.text(separator="\n").strip()
        lines = [line for line in text.split("\n") if line.strip()]
        return 0 < len(text) <= _LONGEST_SIGNATURE and len(lines) <= _MOST_SIGNATURE_LINES and not text.startswith("--")

    def _enter(self, tag: str) -> None:
        if tag == "br":
            self._break()
        elif tag == "a":
            self._links += 1
        elif tag == "hr":
            self._end_line()
            self._lines.append(self._prefix() + "________________________________")
        elif tag in ("td", "th"):
            if self._line and not self._line[-1].endswith((" ", "\t")):
                self._line.append(" ")
        elif tag in _BLOCKS:
            self._end_line()
            self._blank_wanted = self._blank_wanted or (tag in _SPACED and not (tag in ("ul", "ol") and self._lists))
            if tag == "blockquote":
                self._quote += 1
            elif tag in ("ul", "ol"):
                self._lists.append(1 if tag == "ol" else None)
            elif tag == "li":
                self._line.append(self._bullet())

    def _bullet(self) -> str:
        indent = "  " * min(len(self._lists) - 1, 10)
        if not self._lists or self._lists[-1] is None:
            return f"{indent}- "
        number = self._lists[-1]
        self._lists[-1] = number + 1
        return f"{indent}{number}. "

    def _leave(self, tag: str) -> None:
        if tag == "a":
            self._links -= 1
        if tag not in _BLOCKS:
            return
        self._end_line()
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        self._blank_wanted = self._blank_wanted or (tag in _SPACED and not (tag in ("ul", "ol") and self._lists))
        if tag == "blockquote":
            self._quote -= 1
            self._blank_wanted = True

    def _write(self, text: str, look: Look) -> None:
        if look is not USUAL and not look.seen:
            self.hid_text = self.hid_text or bool(text.strip())
            return
        if self._links and len(self.linked) < 1000:
            self.linked.append(text)
        if look.preformatted:
            first, *others = text.split("\n")
            self._append(first.rstrip("\r"))
            for other in others:
                self._break()
                self._append(other.rstrip("\r"))
            return
        text = _SPACES.sub(" ", text)
        if text.startswith(" ") and (not self._line or self._line[-1].endswith(" ")):
            text = text[1:]
        self._append(text)

    def _append(self, text: str) -> None:
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
        return ">" * min(self._quote, _MAX_MARKS) + (" " if self._quote else "")

    def text(self) -> str:
        self._end_line()
        return _BLANK_LINES.sub("\n\n", "\n".join(self._lines)).strip("\n")
