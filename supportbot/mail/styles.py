"""What CSS says about being seen: which declarations hide an element, and which colours its words and their ground have.

Only what decides whether a reader sees a word is read. Words in the colour of their ground are not seen; nor are those whose
letters or lines have no height, or which stand outside of the page.
"""

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

UNKNOWN = -1  # a colour that cannot be told: a picture, a gradient, a variable
TRANSPARENT = -2
_BLACK, _WHITE = 0x000000, 0xFFFFFF
_SAME = 24  # of 255: channels that differ by less are one colour to the eye

_LEGIBLE = 1.34  # pixels: letters of one point are not read
_AWAY = 500  # pixels: what is moved so far stands outside of the page
_MAX_STYLE = 4000  # characters of one declaration block that are read
_MAX_SHEET = 50_000  # characters of one style sheet

_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_LENGTH = re.compile(r"([+-]?\d{0,9}(?:\.\d{1,9})?)(px|pt|em|rem|ex|pc|in|cm|mm|%|vw|vh)?")
_HEX = re.compile(r"#([0-9a-f]{3,8})")
_FUNCTION = re.compile(r"(?:rgb|hsl)a?\(([^()]{1,60})\)")
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,6})?%?|\.\d{1,6}")
_CLIP = re.compile(r"rect\((?:0|1)(?:px)?[, ]?(?:0|1)(?:px)?[, ]?(?:0|1)(?:px)?[, ]?(?:0|1)(?:px)?\)")
_BRACE = re.compile(r"[{}]")
_NAMES = {
    "white": 0xFFFFFF, "snow": 0xFFFAFA, "ivory": 0xFFFFF0, "ghostwhite": 0xF8F8FF, "whitesmoke": 0xF5F5F5,
    "floralwhite": 0xFFFAF0, "mintcream": 0xF5FFFA, "azure": 0xF0FFFF, "aliceblue": 0xF0F8FF, "seashell": 0xFFF5EE,
    "black": 0x000000, "red": 0xFF0000, "green": 0x008000, "blue": 0x0000FF, "navy": 0x000080, "gray": 0x808080,
    "grey": 0x808080, "silver": 0xC0C0C0, "yellow": 0xFFFF00, "orange": 0xFFA500, "purple": 0x800080,
    "maroon": 0x800000, "teal": 0x008080, "lime": 0x00FF00, "aqua": 0x00FFFF, "cyan": 0x00FFFF, "fuchsia": 0xFF00FF,
    "magenta": 0xFF00FF, "olive": 0x808000, "windowtext": 0x000000, "window": 0xFFFFFF, "lightgray": 0xD3D3D3,
    "lightgrey": 0xD3D3D3, "gainsboro": 0xDCDCDC, "darkgray": 0xA9A9A9, "beige": 0xF5F5DC, "linen": 0xFAF0E6,
    "lavender": 0xE6E6FA, "honeydew": 0xF0FFF0,
}  # fmt: skip
_PIXELS = {"px": 1.0, "pt": 1.33, "em": 16.0, "rem": 16.0, "ex": 8.0, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78}
_BLOCKS = ("block", "table", "table-row", "list-item", "flex", "grid")
_GROUNDS_KEPT = (
    "",
    "transparent",
    "none",
    "inherit",
    "initial",
    "unset",
    "repeat",
    "no-repeat",
    "scroll",
    "0",
    "0%",
    "center",
    "top",
)


class Look(NamedTuple):
    """How the words of an element look, as far as they take it from what stands around them."""

    colour: int = _BLACK
    ground: int = _WHITE
    tiny: bool = False  # letters without height
    flat: bool = False  # lines without height
    veiled: bool = False  # visibility
    preformatted: bool = False

    @property
    def seen(self) -> bool:
        """Whether a reader can see words that look so."""
        if self.tiny or self.flat or self.veiled or self.colour == TRANSPARENT:
            return False
        return self.colour < 0 or self.ground < 0 or not _alike(self.colour, self.ground)


USUAL = Look()
LINKED = Look(colour=0x0000EE)


@dataclass(frozen=True, slots=True)
class Style:
    """What one declaration block says about being seen; None: nothing."""

    hidden: bool = False  # the element and all that stands in it
    shown: bool = False  # takes back a style sheet's `display: none`
    block: bool = False
    colour: int | None = None
    ground: int | None = None
    tiny: bool | None = None
    flat: bool | None = None
    veiled: bool | None = None
    preformatted: bool | None = None

    def over(self, look: Look) -> Look:
        """The look of an element with this style, among words that look like `look`."""
        return Look(
            look.colour if self.colour is None else self.colour,
            look.ground if self.ground is None else self.ground,
            look.tiny if self.tiny is None else self.tiny,
            look.flat if self.flat is None else self.flat,
            look.veiled if self.veiled is None else self.veiled,
            look.preformatted if self.preformatted is None else self.preformatted,
        )


PLAIN = Style()


@lru_cache(maxsize=256)
def _alike(one: int, other: int) -> bool:
    return all(abs((one >> shift & 255) - (other >> shift & 255)) <= _SAME for shift in (16, 8, 0))


@lru_cache(maxsize=4096)
def read_style(text: str) -> Style:
    """What a `style` attribute, or the block of a style sheet's rule, says about being seen."""
    said = _declarations(text)
    if not said:
        return PLAIN
    return Style(
        hidden=_hides(said),
        shown="display" in said and said["display"] != "none",
        block=said.get("display", "") in _BLOCKS,
        colour=read_colour(said["color"]) if said.get("color", "inherit") not in ("inherit", "initial", "unset") else None,
        ground=_ground(said),
        tiny=_tiny(said.get("font-size", "")),
        flat=_no_height(said.get("line-height", "")),
        veiled=said["visibility"] in ("hidden", "collapse") if "visibility" in said else None,
        preformatted=said["white-space"].startswith(("pre", "break-spaces")) if "white-space" in said else None,
    )


def _without_comments(text: str) -> str:
    if "/*" not in text:
        return text
    kept: list[str] = []
    end = 0
    while (start := text.find("/*", end)) >= 0:
        kept.append(text[end:start])
        end = text.find("*/", start + 2) + 2
        if end == 1:  # never closed: a comment to the end
            return "".join(kept)
    return "".join(kept) + text[end:]


def _declarations(text: str) -> dict[str, str]:
    text = _without_comments(text[:_MAX_STYLE])
    if "\\" in text:
        text = _ESCAPE.sub(lambda match: chr(min(int(match[1], 16), 0x10FFFF)), text).replace("\\", "")
    said: dict[str, str] = {}
    for declaration in text.lower().split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            said[name.strip()] = " ".join(value.partition("!")[0].split())
    return said


def _hides(said: dict[str, str]) -> bool:
    if said.get("display") == "none" or said.get("mso-hide") == "all" or said.get("content-visibility") == "hidden":
        return True
    if _number(said.get("opacity", "1")) < 0.05 or _pixels(said.get("max-height", "")) == 0:
        return True
    if "hidden" in (said.get("overflow", ""), said.get("overflow-y", ""), said.get("overflow-x", "")) and (
        _pixels(said.get("height", "")) <= 1 or _pixels(said.get("width", "")) <= 1 or _pixels(said.get("max-height", "")) <= 1
    ):
        return True
    if _pixels(said.get("text-indent", "")) <= -_AWAY or _pixels(said.get("margin-left", "")) <= -_AWAY:
        return True
    if said.get("position", "") in ("absolute", "fixed") and any(
        abs(_pixels(said.get(side, "0"))) >= _AWAY for side in ("left", "top", "right", "bottom")
    ):
        return True
    if _CLIP.fullmatch(said.get("clip", "")) or said.get("clip-path", "").startswith(("inset(50%", "inset(100%", "circle(0")):
        return True
    return said.get("transform", "").replace(" ", "").startswith("scale(0)")


def _ground(said: dict[str, str]) -> int | None:
    image, value = said.get("background-image", "none"), said.get("background-color") or said.get("background", "")
    if image not in ("none", "initial", "") or "url(" in value or "gradient" in value or "url(" in said.get("background", ""):
        return UNKNOWN
    for word in (*(found.group() for found in _FUNCTION.finditer(value)), *value.split()):
        if (colour := read_colour(word)) >= 0:
            return colour
    return None if all(word in _GROUNDS_KEPT for word in value.split()) else UNKNOWN


def read_colour(text: str) -> int:
    """A CSS colour as 0xRRGGBB; TRANSPARENT, or UNKNOWN where it cannot be told."""
    text = text.strip().lower()
    if (named := _NAMES.get(text)) is not None:
        return named
    if text == "transparent":
        return TRANSPARENT
    if match := _HEX.fullmatch(text if text.startswith("#") else f"#{text}"):
        digits = match[1]
        if len(digits) in (4, 8) and int(digits[-len(digits) // 4 :], 16) == 0:
            return TRANSPARENT
        if len(digits) in (3, 4):
            digits = "".join(digit * 2 for digit in digits[:3])
        return int(digits[:6], 16) if len(digits) in (6, 8) else UNKNOWN
    match = _FUNCTION.fullmatch(text)
    numbers = _NUMBER.findall(match[1]) if match else []
    if len(numbers) > 3 and _number(numbers[3].rstrip("%")) < 0.05:
        return TRANSPARENT
    if len(numbers) < 3:
        return UNKNOWN
    if text.startswith("hsl"):
        light = _number(numbers[2].rstrip("%"))
        return _WHITE if light >= 97 else _BLACK if light <= 3 else UNKNOWN
    red, green, blue = (min(255, int(_number(n.rstrip("%")) * (2.55 if n.endswith("%") else 1))) for n in numbers[:3])
    return red << 16 | green << 8 | blue


def _number(text: str) -> float:
    try:
        return float(text.strip().rstrip("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return 1.0


def _pixels(text: str) -> float:
    """A length in pixels, about. Not a number where it is no length or a share of another one, but for a share of nothing."""
    match = _LENGTH.fullmatch(text)
    if not match or match[1] in ("", "+", "-"):
        return math.nan
    size = float(match[1])
    return size * _PIXELS.get(match[2] or "px", math.nan) if size else 0.0


def _tiny(text: str) -> bool | None:
    """Whether letters of this size cannot be read; None where the size is taken from around."""
    if not text or text in ("inherit", "smaller", "larger", "unset"):
        return None
    if text.endswith("%"):
        return True if _number(text) < 0.1 else None
    if _pixels(text) <= _LEGIBLE:
        return True
    return None if text.endswith("em") and not text.endswith("rem") else False  # a share of nothing is nothing


def _no_height(text: str) -> bool | None:
    if not text or text in ("inherit", "unset"):
        return None
    return _pixels(text) == 0


def sheet_rules(sheet: str) -> list[tuple[str, Style]]:
    """The rules of a style sheet that say something about being seen, for every screen: (selector, style). Linear.

    Rules for some media only, and for states such as `:hover`, do not count.
    """
    text = _without_comments(sheet[:_MAX_SHEET]).replace("<!--", "").replace("-->", "")
    rules: list[tuple[str, Style]] = []
    start = depth = left_out = 0  # `left_out`: the depth at which a block began that does not count
    selector = ""
    for brace in _BRACE.finditer(text):
        words = text[start : brace.start()]
        start = brace.end()
        if brace.group() == "{":
            depth += 1
            selector = words.rpartition(";")[2].strip()
            if selector.startswith("@") and not left_out and not _every_screen(selector):
                left_out = depth
        else:
            if not left_out and selector and not selector.startswith("@") and ":" not in selector and len(selector) <= 500:
                style = read_style(words)
                if style != PLAIN:
                    rules.append((selector, style))
            selector = ""
            if left_out == depth:
                left_out = 0
            depth = max(0, depth - 1)
    return rules


def _every_screen(prelude: str) -> bool:
    return " ".join(prelude.lower().split()) in ("@media all", "@media screen", "@media only screen", "@media screen, print")


def with_later(first: Style, later: Style) -> Style:
    """Two rules for one element: the later one wins where it says something."""
    changes = {
        name: value
        for name in ("colour", "ground", "tiny", "flat", "veiled", "preformatted")
        if (value := getattr(later, name)) is not None
    }
    hidden = later.hidden or (first.hidden and not later.shown)
    return replace(first, hidden=hidden, shown=later.shown or first.shown, block=later.block or first.block, **changes)
