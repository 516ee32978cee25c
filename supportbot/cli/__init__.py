"""The command line (docs/spec/cli.md). Each command is thin: it reads its input, calls one room, and prints.

Exit status: 0 done, 1 done but something needs a person, 2 wrong use or configuration, 3 something outside failed.
"""

import sys

import typer
from typer.core import TyperGroup

from supportbot import __version__
from supportbot.cli import (
    alarms,
    corpus,
    data,
    evaluate,
    explain,
    messages,
    people,
    policies,
    privacy,
    reading,
    review,
    service,
)
from supportbot.cli.common import OUTSIDE_FAILED, WRONG_USE, complain
from supportbot.errors import SupportbotError
from supportbot.logs import start_logging


class _InOrder(TyperGroup):
    """Lists commands in the order a newcomer meets them."""

    def list_commands(self, ctx: "typer.Context") -> list[str]:  # type: ignore[override]
        return list(self.commands)


app = typer.Typer(
    cls=_InOrder,
    name="supportbot",
    help="Works a marketplace seller-support mailbox: reads, decides by policy, drafts, proves consent, opens credit memos.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version and end.", is_eager=True)) -> None:
    if version:
        sys.stdout.write(f"supportbot {__version__}\n")
        raise typer.Exit


service.add_to(app)
reading.add_to(app)
explain.add_to(app)
messages.add_to(app)
review.add_to(app)
people.add_to(app)
policies.add_to(app)
data.add_to(app)
privacy.add_to(app)
alarms.add_to(app)
evaluate.add_to(app)
corpus.add_to(app)


def main() -> None:
    """Run the command line; every expected failure is one clear sentence on standard error and its exit status."""
    start_logging()  # on standard error: standard output holds results
    try:
        app()
    except SupportbotError as error:
        complain(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away, as `head` does
        sys.exit(0)
    except KeyboardInterrupt:
        complain("interrupted; nothing is lost")
        sys.exit(OUTSIDE_FAILED)
    except PermissionError as error:
        complain(f"{error.filename}: permission denied")
        sys.exit(WRONG_USE)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        complain(f"{place}{error.strerror or error}; check the disk and its free space, nothing was lost")
        sys.exit(OUTSIDE_FAILED)
