"""alarm: the second channel, tried by hand."""

import typer

from supportbot.app import open_alarms
from supportbot.cli.common import OUTSIDE_FAILED, ConfigOption, JsonOption, complain, emit, out, settings_of
from supportbot.clock import SystemClock
from supportbot.errors import AlarmFailed, UsageError

alarm = typer.Typer(help="Alarms by a second channel.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(alarm, name="alarm")


@alarm.callback()
def _alarm() -> None:
    """Alarms by a second channel."""


@alarm.command("test", help="Send a test alarm through every channel that `alarm` names.")
def ring(json_lines: JsonOption = False, config: ConfigOption = None) -> None:
    clock = SystemClock()
    channels = open_alarms(settings_of(config), clock)
    if not channels:
        raise UsageError("`alarm` in config.yaml names no channel: neither a webhook, nor a mail server with `to`")
    failed = False
    for channel in channels:
        error = None
        try:
            channel.ring([("test", "somebody tries this channel by hand", "nothing: it works", clock.now())])
        except AlarmFailed as caught:
            failed, error = True, str(caught)
        if json_lines:
            emit({"channel": channel.name, "error": error})
        elif error:
            complain(f"{channel.name}: {error}")
        else:
            out.print(f"{channel.name}: sent; see that it arrives", highlight=False)
    if failed:
        raise typer.Exit(OUTSIDE_FAILED)
