"""What the parts of one message hold: its readable text, its attachments, and the messages attached to it.

Wrappers are opened on the way: opaque S/MIME signatures, Outlook's winmail.dat, uuencoded files between the words.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from supportbot.mail.alternatives import choose
from supportbot.mail.charsets import decode_text
from supportbot.mail.headers import remove_invisible
from supportbot.mail.hypertext import visible_text
from supportbot.mail.message import Attachment
from supportbot.mail.mime import MAX_DEPTH, UUENCODED, Part, Tree, decode_body, read_tree
from supportbot.mail.ours import words_of
from supportbot.mail.smime import signed_content
from supportbot.mail.textforms import enriched, unflow
from supportbot.mail.tnef import read_tnef
from supportbot.mail.uuencode import UuencodedFile, take_uuencoded

MAX_TEXT = 400_000  # characters of readable text; what is beyond is left out, with a defect and an unsure boundary
_MAX_OCTETS = 2_000_000  # of the text parts of one message that are decoded at all
MAX_LINES = 20_000  # of readable text, likewise: each is looked at for what it may introduce
_MAX_WRAPPERS = 3  # signatures around signatures

# Text that is data for programs, or another rendering of the same words; RFC 2046 section 4.1.4 reads all other text as plain.
_NO_WORDS = frozenset(
    (  # noqa: SIM905 (a list of words reads as words)
        "calendar csv vcard x-vcard directory css javascript xml x-amp-html watch-html rfc822-headers x-patch x-diff json rtf "
        "x-python x-script tab-separated-values x-log x-vcalendar ics"
    ).split()
)
_OTHER_RENDERINGS = ("text/x-amp-html", "text/watch-html")
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
_PKCS7 = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_MESSAGES = ("message/rfc822", "message/global")
_MESSAGE_FILES = ("application/octet-stream", "text/plain", "application/eml", "message/eml")

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
_LINE_ENDS = re.compile("[\r\x0b\x0c\x85\u2028\u2029]")
_EMBEDDED = re.compile(rb"data:[a-zA-Z0-9/+.;=-]{1,100},[A-Za-z0-9+/=%\s]{200,}+")


@dataclass(frozen=True, slots=True)
class _Text:
    """The words of one part. `place` names the multipart/alternative it stands in, () for none."""

    place: tuple[int, ...]
    html: bool
    words: str
    linked: str = ""


@dataclass(frozen=True, slots=True)
class AttachedMessage:
    """The exact octets of a message attached to this one, and how deep in its parts they stood."""

    raw: bytes
    depth: int


class Content:
    """Gathers the readable text, the attachments and the attached messages of one tree. Faults go into `defects`."""

    def __init__(self, defects: list[str]) -> None:
        self._defects = defects
        self._texts: list[_Text] = []
        self._octets_left = _MAX_OCTETS
        self._compared_left = [MAX_TEXT, MAX_LINES]  # characters and lines of alternatives held against each other
        self._wrapped_body = ""  # from winmail.dat: read where nothing else says a word
        self.attachments: list[Attachment] = []
        self.messages: list[AttachedMessage] = []

    def read(self, raw: bytes, tree: Tree, *, wrappers: int = 0) -> None:
        """Looks at every leaf once."""
        for part in tree.leaves:
            disposition, name = part.disposition
            kind = part.type
            if kind in _MESSAGES or (name.lower().endswith(".eml") and kind in _MESSAGE_FILES):
                self._message(raw, part, name)
            elif self._is_body(part, disposition, name):
                self._text(raw, part)
            elif kind in _TNEF or name.lower() in ("winmail.dat", "win.dat"):
                self._tnef(raw, part, name)
            elif kind in _PKCS7 or name.lower() == "smime.p7m":
                self._pkcs7(raw, part, name, wrappers)
            elif kind.startswith(("message/", "text/rfc822")) and disposition != "attachment":
                continue  # status reports, which the bounce reader looks at
            elif kind in _OTHER_RENDERINGS or (kind == "application/applefile" and _within(part, "appledouble")):
                continue
            else:
                self._attachment(raw, part, name)
                if kind == "application/pgp-encrypted" or _within(part, "encrypted"):
                    self._defects.append("encrypted")

    def _is_body(self, part: Part, disposition: str, name: str) -> bool:
        """Whether a part is read as the sender's words. A named text beside a body is an attachment, however it is disposed."""
        family, _, subtype = part.type.partition("/")
        if family == "multipart":
            return True  # its boundary is missing or never occurs: the words in it are kept as text
        if family != "text" or disposition == "attachment":
            return False
        if subtype not in ("plain", "html", "enriched", "richtext") and (subtype in _NO_WORDS or name):
            return False
        return not name or bool(_alternative(part)) or not any(text.words.strip() for text in self._texts)

    def _text(self, raw: bytes, part: Part) -> None:
        uuencoded = part.encoding in UUENCODED
        data = raw[part.start : part.end] if uuencoded else decode_body(raw, part, self._defects)
        if len(data) > self._octets_left and part.type == "text/html":
            data = _EMBEDDED.sub(b"", data)
        if len(data) > self._octets_left:
            self._defects.append("text-truncated")
            data = data[: self._octets_left]
        self._octets_left -= len(data)
        charset = part.parameters.get("charset")
        text = self._decoded(data, charset)
        linked, html = "", part.type == "text/html" or text[:200].lstrip().lower().startswith(("<!doctype html", "<html"))
        if html:
            seen = visible_text(text)
            self._defects += seen.defects
            text, linked = seen.text, seen.linked
        elif part.type in ("text/enriched", "text/richtext"):
            text = enriched(text, richtext=part.type == "text/richtext")
        else:
            if part.parameters.get("format", "").lower() == "flowed":
                text = unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
            text, files = take_uuencoded(text)
            if uuencoded and len(files) == 1 and not text.strip() and b"\0" not in files[0].content:
                text = self._decoded(files[0].content, charset)  # the encoding of the words, not of a file
            else:
                self._uuencoded(files)
        self._texts.append(_Text(_alternative(part), html, self._clean(text), linked))

    def _decoded(self, data: bytes, charset: str | None) -> str:
        text, defect = decode_text(data, charset)
        if defect:
            self._defects.append(defect)
        return text

    def _uuencoded(self, files: tuple[UuencodedFile, ...]) -> None:
        self.attachments += (Attachment(file_name(item.name), "application/octet-stream", len(item.content)) for item in files)

    def _clean(self, text: str) -> str:
        """Lines end with \\n; what no reader sees is taken out and flagged (docs/spec/safety.md 2.3 row 22)."""
        text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\u00a0", " ")
        if _LINE_ENDS.search(text):
            text = _LINE_ENDS.sub("\n", text)
        if _CONTROL.search(text):
            self._defects.append("control-characters")
            text = _CONTROL.sub("", text)
        visible = remove_invisible(text)
        if visible != text:
            self._defects.append("invisible-characters")
        return visible

    def _attachment(self, raw: bytes, part: Part, name: str) -> None:
        size = len(decode_body(raw, part, []))
        self.attachments.append(Attachment(file_name(name), part.type, size))

    def _tnef(self, raw: bytes, part: Part, name: str) -> None:
        found = read_tnef(decode_body(raw, part, self._defects))
        if found is None or not (found.body or found.attachments):
            self._attachment(raw, part, name)
        if found is None or not found.whole:
            self._defects.append("tnef-damaged")
        if found is not None:
            self._wrapped_body = self._wrapped_body or self._clean(found.body)
            self.attachments += (
                Attachment(file_name(item.name), item.type or "application/octet-stream", item.size)
                for item in found.attachments
            )

    def _pkcs7(self, raw: bytes, part: Part, name: str, wrappers: int) -> None:
        """An opaque signature's content is read in its place; what is encrypted nobody here can read."""
        content = signed_content(decode_body(raw, part, self._defects))
        if content is None or wrappers >= _MAX_WRAPPERS or part.depth + 1 >= MAX_DEPTH:
            self._defects.append("encrypted" if content is None else "too-deep")
            self._attachment(raw, part, name)
            return
        tree = read_tree(content, max_depth=MAX_DEPTH - part.depth - 1)
        self._defects += tree.defects
        self.read(content, tree, wrappers=wrappers + 1)

    def _message(self, raw: bytes, part: Part, name: str) -> None:
        octets = raw[part.start : part.end]
        if part.encoding in ("base64", "quoted-printable"):
            octets = decode_body(raw, part, self._defects)
        self.attachments.append(Attachment(file_name(name), part.type, len(octets)))
        self.messages.append(AttachedMessage(octets, part.depth))

    def body(self, new_text: Callable[[str], str]) -> str:
        """The readable text: of each alternative its plain part, or the HTML one where the plain part says nothing.

        `new_text` gives what was newly written in a text.
        """
        chosen: list[str] = []
        done: set[tuple[int, ...]] = set()
        for text in self._texts:
            if not text.place:
                if not (text.html and chosen and words_of(text.words) == words_of(chosen[-1])):  # the same once more, in HTML
                    chosen.append(text.words)
            elif text.place not in done:
                done.add(text.place)
                chosen.append(self._chosen(text.place, new_text))
        body = "\n\n".join(text.strip("\n") for text in chosen if text.strip()) or self._wrapped_body
        if len(body) > MAX_TEXT or body.count("\n") > MAX_LINES:
            self._defects.append("text-truncated")
            body = "\n".join(body[:MAX_TEXT].split("\n", MAX_LINES)[:MAX_LINES])
        return body

    def _chosen(self, place: tuple[int, ...], new_text: Callable[[str], str]) -> str:
        same = [text for text in self._texts if text.place == place]
        plain = "\n".join(dict.fromkeys(text.words for text in same if not text.html))
        html = "\n".join(dict.fromkeys(text.words for text in same if text.html))
        linked = " ".join(text.linked for text in same)
        self._compared_left[0] -= len(plain) + len(html)
        self._compared_left[1] -= plain.count("\n") + html.count("\n")
        if min(self._compared_left) < 0:
            self._defects.append("text-truncated")
            return plain if plain.strip() else html
        text, differ = choose(plain, html, linked, new_text)
        if differ:
            self._defects.append("plain-html-differ")
        return text


def _alternative(part: Part) -> tuple[int, ...]:
    """Which multipart/alternative a part stands in, the outermost one; () for none."""
    return tuple(number for subtype, number in part.path if subtype == "alternative")[:1]


def _within(part: Part, subtype: str) -> bool:
    return any(name == subtype for name, _ in part.path)


def file_name(name: str) -> str:
    """A file name to show: no path, no control characters; never used to store anything."""
    name = unicodedata.normalize("NFC", remove_invisible(name)).replace("\\", "/").rpartition("/")[2]
    return _CONTROL.sub("", name)[:255]
