"""Secrets that are read anew when they are needed: a password that changed in its file counts without a new start."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr

from supportbot.config.mistakes import Location
from supportbot.settings import Section

S = TypeVar("S", bound=Section)


class FileSecret(SecretStr):
    """The secret that a file holds now; where it cannot be read any more, the one it held before."""

    def __init__(self, file: Path, held: str) -> None:
        super().__init__(held)
        self._file = file

    def get_secret_value(self) -> str:
        """Its value, read at each call."""
        try:
            now = self._file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            now = ""
        if now:
            self._secret_value = now
        return self._secret_value


def read_anew(section: S, files: dict[Location, Path], place: Location = ()) -> S:
    """The same settings, whose secrets at the places of `files` are read from there whenever they are asked for."""
    changed: dict[str, Any] = {}
    for name in type(section).model_fields:
        value, here = getattr(section, name), (*place, name)
        if isinstance(value, SecretStr) and here in files:
            changed[name] = FileSecret(files[here], value.get_secret_value())
        elif isinstance(value, Section):
            changed[name] = read_anew(value, files, here)
        elif isinstance(value, tuple) and any(isinstance(one, Section) for one in value):
            changed[name] = tuple(
                read_anew(one, files, (*here, index)) if isinstance(one, Section) else one for index, one in enumerate(value)
            )
    return section.model_copy(update=changed) if changed else section
