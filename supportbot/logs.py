"""Structured logs on standard error: events, ids and reasons; never the words of a mail, never a secret.

An error is logged by its kind and by the lines of code it passed. Its sentence is logged only where it is one of ours: others
quote what they stumbled over, and the local variables around them hold mail and passwords.
"""

import logging
import sys
import traceback
from collections.abc import Iterator

import structlog

from supportbot.errors import SupportbotError
from supportbot.mail.redact import redact

_FRAMES = 30  # the innermost


def start_logging(*, quiet: bool = False) -> None:
    """JSON lines, or key=value where a person looks. `quiet` keeps to errors."""
    level = logging.ERROR if quiet else logging.INFO
    renderer: structlog.typing.Processor
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            name_the_fault,
            on_one_line,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def name_the_fault(
    _logger: structlog.typing.WrappedLogger, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Puts `fault` in the place of `exc_info`: each error of the chain, the newest first, and where it passed."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = given if isinstance(given, BaseException) else (given[1] if isinstance(given, tuple) else None)
    if error is None and given:
        error = sys.exc_info()[1]
    if error is not None:
        event["fault"] = [_told(one) for one in _chain(error)]
    return event


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _told(error: BaseException) -> dict[str, object]:
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    told: dict[str, object] = {"error": type(error).__name__, "at": frames[-_FRAMES:]}
    return told | {"sentence": str(error)} if isinstance(error, SupportbotError) else told


def on_one_line(
    _logger: structlog.typing.WrappedLogger, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """No value begins a line of its own or commands a terminal, and none holds a card or account number."""
    return {name: redact(_plain(value)) if isinstance(value, str) else value for name, value in event.items()}


def _plain(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
