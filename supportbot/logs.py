"""Structured logs on standard error: events, ids and reasons; never the words of a mail, never a secret."""

import logging
import sys

import structlog


def start_logging(*, quiet: bool = False) -> None:
    """JSON lines, or key=value where a person looks. `quiet` keeps to errors."""
    level = logging.ERROR if quiet else logging.INFO
    renderer: structlog.typing.Processor
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks if not sys.stderr.isatty() else structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
