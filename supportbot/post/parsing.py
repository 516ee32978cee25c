"""The child that reads mail: octets come in on standard input, readings go out on standard output, and it can do nothing else.

`reading.py` runs it as `python -m supportbot.post.parsing`. A frame is its length (four octets, big-endian), then its octets.
In comes a mail; out goes the `InboundMessage` as msgpack, or the name of the exception as a string. The first frame out is
empty: the child is ready.

Everything that a mail may call for is loaded first; then the child gives up opening files and sockets for good. Where something
tries all the same, the child ends: a reading without the table that could not be loaded would be wrong and look right.
"""

import codecs
import encodings
import gc
import logging
import os
import pkgutil
import resource
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO

import msgspec

from supportbot.mail.message import InboundMessage
from supportbot.mail.parse import read_message

LENGTH = struct.Struct(">I")
OUT_OF_MEMORY, REACHED_OUT = 77, 78  # exit statuses
_READ_AHEAD = 256 * 1024  # octets
_REACHING_OUT = frozenset(
    {
        "open", "os.listdir", "os.scandir", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.system", "socket.__new__",
        "subprocess.Popen",
    }
)  # fmt: skip
_ENCODER = msgspec.msgpack.Encoder()

# Mails that call for what is loaded only when it is first met: HTML, charsets to guess, bounces, forwarded words.
_WARM_UP = (
    b"From: a@b.example\r\nDate: Mon, 4 May 2026 12:00:00 +0200\r\nContent-Type: text/html\r\n\r\n"
    b"<p>\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0</p>",
    b"From: a@b.example\r\n\r\n" + bytes(range(128, 256)) * 2,
    b"From: MAILER-DAEMON@b.example\r\nSubject: Undelivered\r\nContent-Type: multipart/report; report-type=delivery-status;"
    b" boundary=b\r\n\r\n--b\r\n\r\nFailed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; b\r\n"
    b"\r\nFinal-Recipient: rfc822; c@d.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n",
    b"From: mailer-daemon@b.example\r\nSubject: Returned mail\r\n\r\nNobody of that name lives here.\r\n",
    "From: a@bücher.example\r\n\r\nYes.\r\n\r\n-----Original Message-----\r\nFrom: c@d.example\r\nSent: Monday, May 4, 2026\r\n"
    "To: a@b.example\r\nSubject: x\r\n\r\nEarlier.\r\n".encode(),
)


def serve(read: Callable[[bytes], InboundMessage] = read_message) -> None:
    """Answer until standard input ends. Arguments: octets of memory, then seconds of processor and of patience a mail."""
    memory, processor, patience = map(int, sys.argv[1:])
    answers = open(1, "wb", buffering=0, closefd=False)  # noqa: SIM115  # as long as the process
    sys.stdout = sys.stderr  # a stray print must not look like an answer
    requests = open(0, "rb", buffering=_READ_AHEAD, closefd=False)  # noqa: SIM115
    _load()
    _confine(memory)
    frame = bytearray()
    try:
        _write(answers, LENGTH.pack(0))
        for raw in _mails(requests):
            _give_time(processor, patience)
            _answer(read, raw, frame)
            signal.alarm(0)
            LENGTH.pack_into(frame, 0, len(frame) - LENGTH.size)
            _write(answers, frame)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BrokenPipeError:
        pass  # the service went away
    os._exit(0)


def _load() -> None:
    for module in pkgutil.iter_modules(encodings.__path__):
        with suppress(LookupError):  # not every module there is a codec
            codecs.lookup(module.name)
    for raw in _WARM_UP:
        _ENCODER.encode(read_message(raw))
    gc.freeze()


def _confine(memory: int) -> None:
    """No file, socket, core or further memory from here on. macOS knows RLIMIT_AS, but may refuse to set it."""
    logging.disable()  # nobody hears it, and a traceback opens the source
    sys.addaudithook(_end_where_it_reaches_out)
    _limit(resource.RLIMIT_NOFILE, 3)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    with suppress(*((ValueError, OSError) if sys.platform == "darwin" else ())):
        _limit(resource.RLIMIT_AS, memory)


def _end_where_it_reaches_out(event: str, _arguments: object) -> None:
    if event in _REACHING_OUT:
        os._exit(REACHED_OUT)


def _limit(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _give_time(processor: int, patience: int) -> None:
    """From now on: the kernel ends this process where one mail takes longer, also when the service is no more."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    until = int(time.process_time()) + 1 + processor  # RLIMIT_CPU counts the whole life of a process
    resource.setrlimit(resource.RLIMIT_CPU, (until if hard == resource.RLIM_INFINITY else min(until, hard), hard))
    signal.alarm(patience)


def _mails(requests: BinaryIO) -> Iterator[bytes]:
    while len(head := requests.read(LENGTH.size)) == LENGTH.size:
        length = LENGTH.unpack(head)[0]
        raw = requests.read(length)
        if len(raw) < length:
            return
        yield raw


def _answer(read: Callable[[bytes], InboundMessage], raw: bytes, frame: bytearray) -> None:
    """Put the answer into `frame`, behind the room for its length."""
    try:
        _ENCODER.encode_into(_portable(read(raw)), frame, LENGTH.size)
    except MemoryError:
        raise
    except Exception as error:  # the service names it as a defect of this mail
        _ENCODER.encode_into(type(error).__name__, frame, LENGTH.size)


def _portable(message: InboundMessage) -> InboundMessage:
    """Dates as text: msgpack's own timestamps forget the zone."""
    if message.date or message.forwarded:
        dated = tuple(replace(found, date=_iso(found.date)) for found in message.forwarded)
        return replace(message, date=_iso(message.date), forwarded=dated)
    return message


def _iso(date: datetime | None) -> Any:
    return date and date.isoformat()


def _write(answers: BinaryIO, frame: bytes | bytearray) -> None:
    left = memoryview(frame)
    while left:
        left = left[answers.write(left) :]


if __name__ == "__main__":
    serve()
