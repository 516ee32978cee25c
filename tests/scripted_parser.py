"""A child that reads mail and does what its subject says: `python -m tests.scripted_parser`, started by test_post_reading.py.

Nothing here is a fake of the child: it is `parsing.serve` itself, around a reader that can be told to go wrong.
"""

import os
import re
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from supportbot.mail.message import InboundMessage
from supportbot.mail.parse import read_message
from supportbot.post import parsing

kept: list[bytes] = []


def act(raw: bytes) -> InboundMessage:
    """Do what the subject says, else read the mail."""
    found = re.search(rb"^Subject: do ([a-z-]+)", raw, re.MULTILINE)
    deed = found.group(1).decode() if found else "read"
    match deed:
        case "sleep":
            time.sleep(60)
        case "burn":
            _burn()
        case "eat":
            while True:
                kept.append(bytes(10_000_000))
        case "exit":
            os._exit(0)
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "raise":
            raise ValueError("a text of the mail, which nobody may read in a defect")
        case "recurse":
            return act(raw)
        case "open":
            with suppress(Exception):  # as a parser would that goes on without the table it wanted
                Path("/etc/hostname").read_bytes()
        case "connect":
            with suppress(Exception):
                socket.socket()
        case "chatter":
            os.write(1, b"\xff" * 5000)
            time.sleep(60)
        case "nonsense":
            os.write(1, struct.pack(">I", 5) + b"\x81\xa1x\xa1y")
            time.sleep(60)
        case "drip":
            os.write(1, struct.pack(">I", 10_000))
            while True:
                os.write(1, b"\0")
                time.sleep(0.05)
        case "mute":
            os.close(1)
            time.sleep(60)
        case "print":
            sys.stdout.write("a stray word")
            sys.stdout.flush()
        case "lie":
            return replace(read_message(raw), subject=5)  # type: ignore[arg-type]  # what a taken-over child might send
        case "surrogate":
            return replace(read_message(raw), body="\ud800")
        case "tell":
            return replace(read_message(raw), body=_about_myself())
    return read_message(raw)


def _burn() -> NoReturn:
    while True:
        pass


def _about_myself() -> str:
    descriptors = [number for number in range(3, 200) if _is_open(number)]
    return f"{os.getpid()} {os.getsid(0)} {descriptors} {sorted(os.environ)} {Path.cwd()}"


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    if sys.argv[1] == "1":  # octets of memory: a child that cannot even start
        sys.exit(9)
    parsing.serve(act)
