"""Each room alone, without network: processor seconds of one process, the median of some rounds.

parse, split, classify, decide, render, check a DKIM signature, keep in the store; and the parser's guard against none.
"""

import email
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.machine import memory_peak_megabytes
from bench.policy import decisions_per_second
from bench.raw import Figures
from supportbot.app import build_house, open_reader, open_store
from supportbot.casework.facts import ThreadContext
from supportbot.drafting import load_templates
from supportbot.mail.parse import read_message
from supportbot.mail.quote import Surroundings, split
from supportbot.mail.signature import verify_signature
from supportbot.rulebook import default_folder, load_rulebook
from supportbot.settings import Settings
from tests.mail_files import KEYS, SIGNING, sign

WARM_UP = 50
ROUNDS = 3
SIGNED = 200  # mails
BATCH = 50  # mails a commit
RECEIVED = datetime(2026, 5, 4, 12, tzinfo=UTC)


def rooms(folder: Path, _mailbox: Mapping[str, Any]) -> Figures:
    """Things a second of every room, on the same mails."""
    mails = [path.read_bytes() for path in sorted((folder / "mails").iterdir())]
    clock = time.process_time()
    rulebook = load_rulebook(default_folder("rules"))
    figures: Figures = {"rules_load_seconds": time.process_time() - clock}
    figures |= {
        "compat32_per_second": _rate(mails, email.message_from_bytes),
        "parse_per_second": _rate(mails, read_message),
    }
    messages = [read_message(octets) for octets in mails]
    around = Surroundings()
    figures["split_per_second"] = _rate(messages, lambda one: split(one.body, subject=one.subject, around=around))
    figures |= _guard(mails)
    figures["decide_per_second"] = decisions_per_second(rulebook)
    figures["render_per_second"] = _renders()
    figures["dkim_per_second"] = _signatures(mails)
    figures["store_per_second"] = _kept(folder, mails)
    triage = build_house(Settings()).triage
    triage.warm()
    context = ThreadContext()
    figures["classify_per_second"] = _rate(messages, lambda message: triage.read(message, context))
    figures["peak_megabytes"] = memory_peak_megabytes()
    return figures


def _rate(things: Sequence[Any], action: Callable[[Any], object]) -> float:
    """Things a processor second: what the clock says depends on who else works on the machine."""
    for thing in things[:WARM_UP]:
        action(thing)
    return statistics.median(_round(things, action, time.process_time) for _ in range(ROUNDS))


def _round(things: Sequence[Any], action: Callable[[Any], object], clock: Callable[[], float]) -> float:
    start = clock()
    for thing in things:
        action(thing)
    return len(things) / (clock() - start)


def _guard(mails: Sequence[bytes]) -> Figures:
    """By the clock, in this process and in the child, in turns, so that a busy hour falls on both: shares of the former."""
    piped, single = [], []
    with open_reader() as reader:
        start = time.perf_counter()
        reader.read(mails[0])
        first = time.perf_counter() - start
        for _ in range(ROUNDS):
            plain = _round(mails, read_message, time.perf_counter)
            start = time.perf_counter()
            done = sum(1 for _ in reader.read_all(mails))
            piped.append(done / (time.perf_counter() - start) / plain)
            single.append(_round(mails, reader.read, time.perf_counter) / plain)
    return {
        "guarded_share": statistics.median(piped),
        "guarded_single_share": statistics.median(single),
        "guard_start_seconds": first,
    }


def _renders() -> float:
    templates = load_templates(default_folder("templates") / "emails")
    samples = [(name, templates.get(name).sample) for name in templates.names]
    return _rate(samples * 20, lambda one: templates.render(*one))


def _signatures(mails: Sequence[bytes]) -> float:
    """Signatures checked, the key at hand."""
    signed = [sign(b"\r\n".join(raw.splitlines()) + b"\r\n", next(iter(SIGNING)), at=RECEIVED) for raw in mails[:SIGNED]]
    return _rate(signed, lambda raw: verify_signature(raw, key_of=KEYS.get, received=RECEIVED + timedelta(minutes=1)))


def _kept(folder: Path, mails: Sequence[bytes]) -> float:
    """Mails kept durably by the clock, BATCH a commit: the disk is what is waited for."""
    store = open_store(Settings.model_validate({"database": f"sqlite:///{folder / 'kept.db'}"}))
    start = time.perf_counter()
    for first in range(0, len(mails), BATCH):
        with store.transaction() as tx:
            for raw in mails[first : first + BATCH]:
                tx.keep_file("bench", raw, RECEIVED)
    rate = len(mails) / (time.perf_counter() - start)
    store.close()
    return rate
