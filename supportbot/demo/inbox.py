"""Reads `inbox.txt`: what lies in the sample mailbox, who writes, in which mail program, and what it should be taken for.

Blocks stand between lines of `=`, each a header and a body. `Name` begins a letter; `Earlier` a mail that letters answer or
forward, `Original` one that they attach. A line `--- <media type>` in a body begins a part of a delivery report.
"""

import re
from email.message import Message
from email.parser import Parser
from email.policy import compat32
from pathlib import Path
from typing import cast

from supportbot.demo.letters import Client, Earlier, Letter, Verdict

_RULE = re.compile(r"^=+\n", re.MULTILINE)
_PART = re.compile(r"^--- (\S+)\n", re.MULTILINE)
_PERSON = re.compile(r"([^<]*) <([^<>]*)>")


def read_letters() -> tuple[Letter, ...]:
    """Every mail of the sample mailbox, in the file's order."""
    text = Path(__file__).with_name("inbox.txt").read_text(encoding="utf-8")
    blocks = [Parser(policy=compat32).parsestr(block) for block in _RULE.split(text)]
    earlier = {block["Earlier"]: _earlier(block) for block in blocks if block["Earlier"]}
    originals = {block["Original"]: _body(block).replace("\n", "\r\n").encode() for block in blocks if block["Original"]}
    return tuple(_letter(block, earlier, originals) for block in blocks if block["Name"])


def _body(block: Message) -> str:
    return str(block.get_payload())


def _person(block: Message) -> tuple[str, str]:
    found = _PERSON.fullmatch(block["From"])
    if not found:
        raise ValueError(f"{block['From']} is not a name and an address")
    return found[1], found[2]


def _earlier(block: Message) -> Earlier:
    name, address = _person(block)
    return Earlier(name, address, block["Subject"], _body(block), int(block["Minutes-Ago"]), block["Message-ID"])


def _letter(block: Message, earlier: dict[str, Earlier], originals: dict[str, bytes]) -> Letter:
    sender, address = _person(block)
    text, *parts = _PART.split(_body(block))
    fields = [field.partition(": ") for field in block.get_all("Field", [])]
    return Letter(
        name=block["Name"],
        kind=block["Kind"],
        note=block["Note"],
        sender=sender,
        address=address,
        subject=block["Subject"],
        text=text,
        minutes_ago=int(block["Minutes-Ago"]),
        client=cast(Client, block.get("Client", "plain")),
        answers=earlier.get(block["Answers"]),
        forwards=earlier.get(block["Forwards"]),
        attached=originals.get(block["Attached"]),
        auth=cast(Verdict, block.get("Auth", "pass")),
        headers=tuple((name, value) for name, _, value in fields),
        parts=tuple(zip(parts[::2], parts[1::2], strict=True)),
    )
