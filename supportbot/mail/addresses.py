"""Address fields (RFC 5322 section 3.4): every mailbox, none lost, and what makes a list untrustworthy.

Linear, takes any input, and never decodes an address: an encoded word inside an addr-spec is no address (RFC 2047 section 5).
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field

from supportbot.mail.headers import decode_words, without_comments
from supportbot.mail.message import Mailbox

MAX_ADDRESSES = 500
_MAX_LOCAL = 66  # characters of a quoted local part, RFC 5321 section 4.5.3.1.1, with its quotes

_DOMAIN = r'@(?:[^\s<>()\[\],;:"@\\]{1,255}|\[[0-9a-fA-F.:IPv]{3,60}\])'
_ADDR_SPEC = re.compile(r'(?:(?<![^\s<>()\[\],;:"@\\])[^\s<>()\[\],;:"@\\]{1,128}|"(?:[^"\\<>]|\\.){1,64}")' + _DOMAIN)
_QUOTED_SPEC = re.compile(r'"(?:[^"\\]|\\.){1,64}"' + _DOMAIN)  # matched whole only: inside other words it could start anywhere
_SPACED_SIGNS = re.compile(r"[ \t]{1,9}([.@])[ \t]{0,9}|([.@])[ \t]{1,9}")  # RFC 5322 section 4.4
_PAIR_OR_QUOTE = re.compile(r"\\(.)|\"")


@dataclass(frozen=True, slots=True)
class AddressList:
    """The mailboxes of a From, To, Cc or Reply-To field. `defects` says why it should not be trusted."""

    mailboxes: tuple[Mailbox, ...]
    defects: tuple[str, ...] = ()


_PLAIN_RUN = re.compile(r'[^\\"()<>,;:]+')  # characters that part nothing, in whatever they stand


@dataclass(slots=True)
class _Item:
    """What stands between two commas, or between the signs that open and close a group."""

    words: list[str] = field(default_factory=list)  # outside of angle brackets and comments
    angles: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)


def read_addresses(value: str) -> AddressList:
    """Every mailbox of an address list: `Shop, Inc. [X] <a@b>` is one mailbox.

    The display names are decoded, the addresses never. Comments do not nest by recursion; groups are opened.
    """
    defects: list[str] = []
    mailboxes: list[Mailbox] = []
    pending = ""  # a comma-separated piece without an address: the first half of a name such as "Shop, Inc."
    items, unbalanced, grouped = _split_addresses(value)
    if unbalanced:
        defects.append("address-unbalanced")
    if grouped:
        defects.append("address-group")
    for item in items:
        words = "".join(item.words).strip()
        if not words and not item.angles:
            continue
        found, odd = _addresses_of(words, item.angles)
        if odd:
            defects.append(odd)
        if not found:
            pending = f"{pending}, {words}" if pending else words
            continue
        name = _display_name(f"{pending}, {words}" if pending else words, found, "".join(item.comment), bool(item.angles))
        pending = ""
        mailboxes.extend(Mailbox(name, address) for address in found)
        if len(mailboxes) > MAX_ADDRESSES:
            del mailboxes[MAX_ADDRESSES:]
            defects.append("too-many-addresses")
            break
    if not mailboxes and (lost := _ADDR_SPEC.search(value)):
        mailboxes.append(Mailbox("", normal_address(lost.group())))
        defects.append("address-recovered")
    if pending.strip() and not mailboxes:
        defects.append("address-missing")
    return AddressList(tuple(mailboxes), tuple(dict.fromkeys(defects)))


def _split_addresses(value: str) -> tuple[list[_Item], bool, bool]:
    """The items of the list; whether something was left open; whether a group was opened."""
    items = [_Item()]
    state, depth, angle_start, grouped = "", 0, 0, False
    index, length = 0, len(value)
    last_semicolon = value.rfind(";")
    closing_quote = value.rfind('"')
    while index < length:
        char = value[index]
        item = items[-1]
        if run := _PLAIN_RUN.match(value, index):
            if state != "<":
                (item.comment if state == "(" else item.words).append(run.group())
            index = run.end()
            continue
        if char == "\\" and state in ('"', "(") and index + 1 < length:
            (item.words if state == '"' else item.comment).append(value[index : index + 2])
            index += 2
            continue
        if state == '"':
            if char == '"':
                state = ""
            item.words.append(char)
        elif state == "(":
            depth += (char == "(") - (char == ")")
            if depth == 0:
                state = ""
            else:
                item.comment.append(char)
        elif state == "<":
            if char == ">":
                item.angles.append(value[angle_start:index])
                state = ""
            elif char == '"' and index == angle_start and (end := value.find('"@', index + 1, index + _MAX_LOCAL)) > 0:
                index = end  # a quoted local part may hold an angle bracket
        elif char == '"' and index < closing_quote:
            state = '"'
            item.words.append(char)
        elif char == "(":
            state, depth = "(", 1
        elif char == "<":
            state, angle_start = "<", index + 1
        elif char in ",;":
            if len(items) > MAX_ADDRESSES:
                break
            items.append(_Item())
        elif char == ":" and index < last_semicolon and not item.angles and not any("@" in word for word in item.words):
            item.words, grouped = [], True
        else:
            item.words.append(char)
        index += 1
    if state == "<":
        items[-1].angles.append(value[angle_start:])
    return items, bool(state), grouped


def _addresses_of(words: str, angles: list[str]) -> tuple[list[str], str | None]:
    if angles:
        found: list[str] = []
        exact = True
        for content in angles:
            whole, some = _addresses_in_angles(content)
            found += some
            exact = exact and whole
        if len(found) > 1:
            return found, "several-angle-addresses"
        if not any(angles):
            return found, "null-address"
        return found, None if found and exact else "address-malformed"
    if _is_address(words):
        return [normal_address(words)], None
    if "@" in words:
        close = _close_up(words)
        if _is_address(close):
            return [normal_address(close)], None
        found = [normal_address(match) for match in _ADDR_SPEC.findall(words) or _ADDR_SPEC.findall(close)]
        return found, "address-without-angles" if found else None
    return [], None


def _addresses_in_angles(content: str) -> tuple[bool, list[str]]:
    """Whether the whole content is one address, and the addresses in it."""
    text = content.strip().removeprefix("mailto:").strip()
    if text.startswith("@") and ":" in text:  # obsolete route, RFC 5322 section 4.4
        text = text.rpartition(":")[2].strip()
    for written in (text, _close_up(without_comments(text)).strip()):
        if _is_address(written):
            return True, [normal_address(written)]
    return not text, [normal_address(match) for match in _ADDR_SPEC.findall(text)]


def _is_address(text: str) -> bool:
    return bool(_ADDR_SPEC.fullmatch(text) or _QUOTED_SPEC.fullmatch(text))


def _close_up(text: str) -> str:
    """Without the blanks that old writers put around the dots and the at sign."""
    return _SPACED_SIGNS.sub(lambda match: match[1] or match[2], text)


def _display_name(words: str, found: list[str], comment: str, has_angles: bool) -> str:
    if not has_angles:
        words = "" if len(found) == 1 and _is_address(_close_up(words)) else _ADDR_SPEC.sub("", words)
    name = " ".join(decode_words(_unquoted(words)).split())
    if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1]
    return name or " ".join(decode_words(_PAIR_OR_QUOTE.sub(lambda match: match[1] or '"', comment)).split())


def _unquoted(words: str) -> str:
    """Quoted pairs and quotation marks undone (RFC 5322 section 3.2.4)."""
    return _PAIR_OR_QUOTE.sub(lambda match: match[1] or "", words) if '"' in words else words


def normal_address(address: str) -> str:
    """The addr-spec with its domain in lower case and as A-labels (RFC 5890); the local part as written, UTF-8 (RFC 6532)."""
    local, _, domain = address.strip().rpartition("@")
    return f"{_as_utf8(local)}@{normal_domain(domain)}"


def normal_domain(domain: str) -> str:
    """A domain in lower case, as A-labels, without the root's dot; comparable as text."""
    domain = domain.strip().rstrip(".")
    if domain.isascii() or len(domain) > 255:
        return domain.lower()
    domain = _as_utf8(domain)
    try:
        labels = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain.lower()
    # IDNA 2003 folds some letters into ASCII (ß to ss), where today's registries keep another name: never the same as it.
    return domain.lower() if _folded_away(domain, labels) else labels


def _as_utf8(text: str) -> str:
    """Raw headers come as latin-1; internationalized addresses stand in them as UTF-8. What is already text stays."""
    if not text.isascii():
        with suppress(UnicodeError):
            return text.encode("latin-1").decode("utf-8")
    return text


def _folded_away(domain: str, labels: str) -> bool:
    """Whether a label with other letters has become a plain one."""
    pairs = zip(re.split("[.\u3002\uff0e\uff61]", domain), labels.split("."), strict=False)
    return any(not label.isascii() and not plain.startswith("xn--") for label, plain in pairs)
